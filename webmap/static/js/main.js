// @ts-check
/** Puts the page together: what is chosen in one part shows in all others. */
import { areaList, areaSummary, fetchAdminAreas, fetchLayers, fetchPlace } from "./api.js";
import { isDrawing, outlineQuestion, startAsk } from "./ask.js";
import { showCard, showCardNote } from "./card.js";
import { editTools, finishEdit, isUndoAsked, newPlaceTool } from "./edit_tools.js";
import { showCharts, startCharts } from "./charts.js";
import { readBasemaps } from "./basemap.js";
import { openCompare, restCompare, startCompare, tellEarly } from "./compare.js";
import { byId, toast } from "./dom.js";
import { markList, showFigures, showFiguresNote } from "./figures.js";
import { sentFilters } from "./filters.js";
import { floorOf, showFloors, startFloors } from "./floors.js";
import { forgetForm, isEditing } from "./forms.js";
import { startGrip } from "./grip.js";
import { startHeat } from "./heat.js";
import { language, t } from "./i18n.js";
import { lookNow, startLive } from "./live.js";
import { createMap, fit, flyTo, map, pick, redrawQuestion, reloadTiles, showBase, showGraticule, showSelection } from "./map.js";
import { isMeasuring } from "./measure.js";
import { showOrganization } from "./organization.js";
import { isPrinting, openPrint, startPrint } from "./print.js";
import { startPhone } from "./phone.js";
import { photoBlock } from "./photos.js";
import { showRooms, startRooms } from "./rooms.js";
import { startSearch } from "./search.js";
import { isShaping } from "./shape_box.js";
import { startViews } from "./saved_views.js";
import { isDate, on, readLink, set, state } from "./state.js";
import { fold, layOut, showTable, showTableNote, startTable } from "./table.js";
import { loadTheme, startThemes } from "./themes.js";
import { startTakeaway } from "./takeaway.js";
import { startTimeline } from "./timeline.js";
import { startHover, startTools } from "./tools.js";
import { showNotice, showTree } from "./tree.js";
import { isPlacing, openUnlocated, startUnlocated } from "./unlocated.js";

/** @type {any} */
let described;
/** @type {any} the whole city, when the server names it */
let summary = null;
let asking = new AbortController();

/** The question as it is sent: nothing chosen means the whole city. */
const wholeQuestion = () => state.question ?? { within: described.home ?? {} };

const TABS = ["figures", "place", "unlocated", "themes", "charts"];

/** @param {string} name one of the tabs */
function showTab(name) {
  for (const tab of TABS) {
    byId(tab).hidden = tab !== name;
    byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    byId(`tab-${tab}`).setAttribute("tabindex", tab === name ? "0" : "-1");
  }
}

async function ask() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  outlineQuestion();
  redrawQuestion();
  byId("figures").setAttribute("aria-busy", "true");
  // Side by side: the table need not wait for the figures.
  const listing = list(signal);
  try {
    summary = await areaSummary(wholeQuestion(), signal);
    showFigures(summary);
    if (summary.within?.outline) outlineQuestion(summary.within.outline);
    byId("figures").removeAttribute("aria-busy");
    await listing;
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") return;
    showFiguresNote(/** @type {Error} */ (error).message, true);
    await listing;
    showTableNote(t("no_list"));
    byId("figures").removeAttribute("aria-busy");
  }
}

let listed = 0;
/** Show the chosen figure's list, or the first there is. @param {AbortSignal} [signal] */
async function list(signal) {
  const turn = ++listed;
  const name = state.list ?? described.first_list;
  markList();
  if (!name) {
    byId("drawer").removeAttribute("aria-busy");
    return showTableNote(t("no_list"));
  }
  byId("drawer").setAttribute("aria-busy", "true");
  const question = wholeQuestion();
  try {
    const filters = sentFilters();
    const answer = await areaList(question, name, 0, filters, signal);
    if (turn === listed) {
      const title = [answer.title, answer.within?.title || t("whole_city"), answer.is_filtered ? t("charts.filtered") : null].filter(Boolean).join(" · ");
      await showTable(title, answer, (offset) => areaList(question, name, offset, filters));
    }
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError" || turn !== listed) return;
    // A link may name a list that is no more.
    if (/** @type {any} */ (error).status === 400 && state.list !== null) set({ list: null });
    else showTableNote(/** @type {Error} */ (error).message);
  }
  if (turn === listed) byId("drawer").removeAttribute("aria-busy");
}

let reading = 0;
/** Read the selected place and show it everywhere. @param {boolean} [quietly] the card stays where the reader is in it */
async function showPlace(quietly = false) {
  const id = state.place;
  const turn = ++reading;
  if (!quietly) forgetForm();
  if (id === null) {
    showSelection(null);
    showFloors(null);
    void showRooms(null);
    noPlace();
    return showTab("figures");
  }
  try {
    const place = await fetchPlace(id);
    // Who waits for the card waits for the reading that overtook this one.
    if (turn !== reading) return showing;
    if (quietly && (isEditing() || isUndoAsked())) return null;
    const at = byId("place").scrollTop;
    const focused = byId("place").contains(document.activeElement) ? document.activeElement?.id : null;
    showSelection(place.anchor);
    const again = () => (showing = showPlace());
    showCard(place, (next) => go(next), editTools(place, again), photoBlock(place, again));
    showFloors(place);
    void showRooms(place);
    if (quietly) {
      byId("place").scrollTop = at;
      if (focused) document.getElementById(focused)?.focus();
    } else showTab("place");
    return place;
  } catch (error) {
    if (turn !== reading) return null;
    showSelection(null);
    showFloors(null);
    void showRooms(null);
    showCardNote(/** @type {Error} */ (error).message);
    showTab("place");
  }
  return null;
}

/** What the card says while nothing is chosen. */
function noPlace() {
  showCardNote(t("choose_place"));
  if (described.may_write) byId("place").append(newPlaceTool(noPlace));
}

/** Select a place and fly there. @param {number} id */
async function go(id) {
  set({ place: id });
  showTab("place");
  const place = await showing;
  if (!place) return;
  // Rooms are drawn with their floor alone.
  const level = floorOf(place);
  if (level !== null) set({ floor: level });
  flyTo(place);
}

const FIGURES_WAIT_MS = 10_000;
let later = 0;
/** Somebody changed the register: the map and the card show it at once, sums that cost more a little later. */
function showChanges() {
  reloadTiles();
  if (state.place !== null && !isEditing() && !isUndoAsked()) showing = showPlace(true);
  clearTimeout(later);
  later = window.setTimeout(() => { ask(); loadTheme(); }, finishEdit() ? 0 : FIGURES_WAIT_MS);
}

/** The card of a body stands where a place's does. @param {number} id */
async function openOrganization(id) {
  set({ place: null });
  showTab("place");
  await showOrganization(id, go, openOrganization, () => state.place === null);
}

/** @type {Promise<any>} */
let showing = Promise.resolve(null);

function startMapClicks() {
  map.on("singleclick", (/** @type {any} */ event) => {
    if (isDrawing() || isPlacing() || isShaping() || isMeasuring() || isPrinting()) return;
    const found = pick(event.pixel);
    const feature = found?.feature;
    if (!feature) return set({ place: null });
    if (feature.get("count") !== undefined) return zoomInto(event.coordinate);
    if (found.layer.name === "admin_area") return set({ place: null });
    set({ place: Number(feature.get("place_id")) });
  });
  document.addEventListener("keydown", (event) => {
    const inField = /INPUT|SELECT|TEXTAREA/.test(document.activeElement?.tagName ?? "");
    if (event.key === "Escape" && !inField && !isDrawing() && !isEditing() && !isMeasuring() && state.place !== null) set({ place: null });
  });
}

/** @param {number[]} coordinate */
function zoomInto(coordinate) {
  const view = map.getView();
  view.animate({ center: coordinate, zoom: view.getZoom() + 2, duration: 300 });
}

/** The date as text, since a browser's own field follows the browser's language, not the page's. */
function startDate() {
  const field = /** @type {HTMLInputElement} */ (byId("as-of"));
  const picker = /** @type {HTMLInputElement} */ (byId("date-picker"));
  const show = () => (field.value = state.asOf ?? described.today);
  const take = (/** @type {string} */ text) => {
    const given = text.trim().replaceAll("/", "-");
    if (given && !isDate(given)) toast(t("bad_date", { text: given }));
    else set({ asOf: given && given !== described.today ? given : null });
    show();
  };
  show();
  on("asOf", show);
  field.addEventListener("change", () => take(field.value));
  picker.addEventListener("change", () => take(picker.value));
  byId("pick-date").addEventListener("click", () => {
    picker.value = field.value;
    picker.showPicker();
  });
}

function startTopBar() {
  startDate();
  byId("share").addEventListener("click", async () => {
    await navigator.clipboard?.writeText(location.href).then(() => toast(t("link_copied")), () => toast(location.href));
  });
  const other = /** @type {HTMLButtonElement} */ (byId("language"));
  other.addEventListener("click", async () => {
    await fetch("/language", { method: "POST", body: new URLSearchParams({ language: other.value }) });
    location.reload();
  });
  const tabs = TABS.map((name) => byId(`tab-${name}`));
  tabs.forEach((tab, at) => {
    tab.addEventListener("click", () => {
      showTab(TABS[at]);
      if (TABS[at] === "unlocated") openUnlocated();
      if (TABS[at] === "charts") showCharts();
    });
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const next = tabs[(at + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
      next.click();
      next.focus();
    });
  });
}

function listen() {
  on("place", () => (showing = showPlace()));
  // Who looks at charts goes on with them: they follow the question too.
  on("question", () => { if (byId("charts").hidden) showTab("figures"); fold(false); ask(); });
  on("list", () => { fold(false); if (summary) list(); });
  on("filters", () => { if (!state.isWhole) ask(); else if (summary) showFigures(summary); });
  on("isWhole", ask);
  on("base", () => { showBase(); showNotice(described); });
  on("layers", () => showNotice(described));
  on("graticule", showGraticule);
  on("asOf", () => { reloadTiles(); ask(); showing = showPlace(); void tellEarly(); });
}

/** Everything in the register and the districts it touches. @param {number[]} extent @param {any[]} districts */
function wholeExtent([west, south, east, north], districts) {
  const touched = districts.map((one) => one.extent)
    .filter((box) => box && box[0] < east && box[2] > west && box[1] < north && box[3] > south);
  const at = (/** @type {number} */ i) => touched.map((box) => box[i]);
  return [Math.min(west, ...at(0)), Math.min(south, ...at(1)), Math.max(east, ...at(2)), Math.max(north, ...at(3))];
}

async function start() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const lost = readLink();
  if (lost.length) toast(t("link_lost", { parts: lost.map((part) => t(`link_part.${part}`)).join(t("comma")) }));
  showCardNote(t("choose_place"));
  showFiguresNote(t("loading"));
  // The version is asked for before what it is the version of: a change between the two is seen as one.
  // Other pages lead to a place without saying from where to look at it.
  const isPointed = state.place !== null && !state.view;
  const [layers, areas, , pointed] = await Promise.all([fetchLayers(), fetchAdminAreas().catch(() => ({ items: [] })), lookNow(),
    isPointed ? fetchPlace(state.place).catch(() => null) : null]);
  if (pointed && state.floor === null) state.floor = floorOf(pointed);
  described = layers;
  described.extent = wholeExtent(described.extent, areas.items);
  readBasemaps(described);
  startRooms(described);
  createMap(described);
  if (pointed) flyTo(pointed, 0);
  showTree(described);
  startAsk(areas.items, layers);
  startTakeaway(described);
  startFloors();
  startPrint(described, restCompare);
  startTools(() => fit(described.extent), openPrint, openCompare);
  startHover();
  startSearch((item) => (item.type === "organization" ? openOrganization(item.organization_id) : go(item.place_id)));
  startTable((row) => go(row.place_id));
  startGrip(layOut);
  startMapClicks();
  startTopBar();
  listen();
  startPhone();
  startUnlocated(() => { reloadTiles(); ask(); });
  startLive(showChanges);
  startThemes(areas.items, go);
  startViews();
  startHeat(described);
  startTimeline();
  startCharts(described, wholeQuestion);
  startCompare(described, wholeQuestion);
  if (state.place === null) noPlace();
  if (state.place !== null) showing = showPlace();
  if (state.asOf) void tellEarly();
  await ask();
  if (state.place !== null) { await showing; showTab("place"); }
}

// A link pasted into the address bar of an open map changes the fragment alone, and so does a skip link, which names no part.
addEventListener("hashchange", (event) => {
  if (!new URL(event.newURL).hash.includes("=")) return;
  history.replaceState(null, "", event.newURL);
  location.reload();
});

start().catch((error) => {
  showFiguresNote(error.message);
  toast(error.message);
});
