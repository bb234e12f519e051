// @ts-check
/** The same place on two days: a second map that moves with the first, and the figures of both beside each other. */
import { areaSummaryOn, fetchDates, fetchTheme } from "./api.js";
import { byId, h, icon, toast } from "./dom.js";
import { heatBeside } from "./heat.js";
import { figureText, t } from "./i18n.js";
import { dropBeside, interactions, layersBeside, map, reloadTiles } from "./map.js";
import ol from "./ol.js";
import { isDate, on, set, state } from "./state.js";
import { themeBeside } from "./theme_layer.js";

/** @type {any} answer of /api/layers */
let described;
/** @type {() => import("./state.js").Question} */
let question;
/** @type {any} the second map; null: there is none */
let other = null;
let asking = new AbortController();
/** Kept while the page is open. */
let isTableOpen = false;

/** @param {any} answer of /api/layers @param {() => import("./state.js").Question} asked what the figures are asked about */
export function startCompare(answer, asked) {
  described = answer;
  question = asked;
  on("compare", show);
  on("base", () => { if (other) { close(); show(); } });
  for (const key of /** @type {const} */ (["question", "asOf", "theme", "filters", "isWhole"])) on(key, () => void tell());
  if (state.compare) show();
}

const shownDay = () => state.asOf ?? described.today;

/** Open the comparison at the last change before the day that is shown, or end it. */
export async function openCompare() {
  if (state.compare) return set({ compare: null });
  const { items } = await fetchDates().catch(() => ({ items: [] }));
  const before = items.filter((/** @type {string} */ day) => day < shownDay()).at(-1);
  set({ compare: before ?? `${Number(shownDay().slice(0, 4)) - 1}${shownDay().slice(4).replace("-02-29", "-02-28")}` });
  byId("compare-date").focus();
}

/** While the map is on the printer's sheet, the second one rests. @param {boolean} isGone */
export function restCompare(isGone) {
  other?.setTarget(isGone ? null : byId("compare-map"));
  if (!isGone) layOut();
}

function show() {
  const isOn = state.compare !== null;
  byId("compare").hidden = !isOn;
  byId("compare").parentElement?.classList.toggle("comparing", isOn);
  if (!isOn) return close();
  if (!other) open();
  else reloadTiles();
  byId("compare-map").removeAttribute("data-ready");
  other.once("rendercomplete", () => byId("compare-map").setAttribute("data-ready", ""));
  void tell();
}

function open() {
  other = new ol.Map({
    target: byId("compare-map"),
    view: map.getView(),
    controls: [],
    interactions: interactions(),
    pixelRatio: Math.min(2, devicePixelRatio),
    layers: layersBeside(() => state.compare),
  });
  other.on("singleclick", (/** @type {any} */ event) => {
    const found = other.forEachFeatureAtPixel(event.pixel, (/** @type {any} */ one) => (one.get("place_id") ? one : undefined), { hitTolerance: 3 });
    if (found && (found.get("count") ?? null) === null) set({ place: Number(found.get("place_id")) });
  });
  heatBeside(other);
  head();
  layOut();
}

function close() {
  asking.abort();
  heatBeside(null);
  themeBeside(other, null);
  other?.setTarget(null);
  other?.dispose();
  other = null;
  dropBeside();
  byId("compare-head").replaceChildren();
  byId("compare-map").replaceChildren();
  byId("compare-map").removeAttribute("data-ready");
  layOut();
}

function layOut() {
  for (const one of [map, other]) one?.updateSize();
}

/** Whose day each side is, and the way to another. */
function head() {
  const field = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "compare-date", inputmode: "numeric", maxlength: 10, autocomplete: "off", list: "compare-days",
    "aria-describedby": "compare-note", value: state.compare ?? "", onchange: () => take(field) }));
  const days = h("datalist", { id: "compare-days" });
  void fetchDates().then(({ items }) => days.replaceChildren(...items.toReversed().map((/** @type {string} */ day) => h("option", { value: day }))), () => {});
  byId("compare-head").replaceChildren(
    h("div.compare-bar", null,
      h("label", { for: "compare-date" }, t("compare.date")), field, days,
      h("button.icon-button", { type: "button", id: "compare-close", "aria-label": t("compare.close"), title: t("compare.close"),
        onclick: () => set({ compare: null }) }, icon("close"))),
    h("p.compare-note", { id: "compare-note", role: "status" }),
    h("details.compare-figures", { id: "compare-figures", open: isTableOpen, ontoggle: (/** @type {any} */ event) => (isTableOpen = event.target.open) }, h("summary", null, t("compare.table")), h("div", { id: "compare-table" })));
}

/** @param {HTMLInputElement} field */
function take(field) {
  const day = field.value.trim().replaceAll("/", "-");
  if (isDate(day)) set({ compare: day });
  else toast(t("bad_date", { text: field.value }));
  field.value = state.compare ?? "";
}

/** What both days say of the question. */
async function tell() {
  if (!state.compare || !other) return;
  const day = state.compare;
  /** @type {HTMLInputElement} */ (byId("compare-date")).value = day;
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const said = state.theme ? [t("compare.theme")] : [];
  void colour(day, signal);
  try {
    const [left, right, early] = await Promise.all([
      areaSummaryOn(question(), state.asOf, signal), areaSummaryOn(question(), day, signal), earlyWords(day)]);
    if (signal.aborted) return;
    byId("compare-table").replaceChildren(table(left, right));
    if (early) said.unshift(early);
  } catch (error) {
    if (signal.aborted) return;
    said.unshift(/** @type {Error} */ (error).message);
    byId("compare-table").replaceChildren();
  }
  byId("compare-note").textContent = said.join(" ");
}

/** The theme of the second map's day. @param {string} day @param {AbortSignal} signal */
async function colour(day, signal) {
  if (!state.theme) return themeBeside(other, null);
  const answer = await fetchTheme(state.theme, day, signal).catch(() => null);
  if (!signal.aborted && other) themeBeside(other, answer);
}

/** That a day lies before all there is; null: it does not. @param {string} day */
async function earlyWords(day) {
  const { first } = await fetchDates();
  return first && day < first ? t("compare.early", { date: day, first }) : null;
}

/** Say so where the map's own day lies before all there is. */
export async function tellEarly() {
  const words = state.asOf ? await earlyWords(state.asOf).catch(() => null) : null;
  if (words) toast(words);
}

/** Figure by figure, what differs first; the two maps' twin. @param {any} left @param {any} right answers of /api/area-summary */
function table(left, right) {
  const figures = (/** @type {any} */ answer) => answer.domains.flatMap((/** @type {any} */ domain) =>
    domain.figures.map((/** @type {any} */ one) => ({ ...one, key: `${domain.name} ${one.name}` })));
  const then = new Map(figures(right).map((/** @type {any} */ one) => [one.key, one]));
  const rows = figures(left).map((/** @type {any} */ now) => ({ now, was: /** @type {any} */ (then.get(now.key)) }))
    .filter((/** @type {any} */ { now, was }) => now.value || was?.value);
  const differs = (/** @type {any} */ { now, was }) => now.value !== was?.value;
  const ordered = [...rows.filter(differs), ...rows.filter((/** @type {any} */ row) => !differs(row))];
  const cell = (/** @type {any} */ one) => h("td.num", null, figureText(one?.value ?? null, one?.unit));
  return h("div", null, rows.some(differs) ? null : h("p.hint", null, t("compare.none")),
    h("table.small-table", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, t("compare.figure")), h("th.num", { scope: "col" }, left.as_of), h("th.num", { scope: "col" }, right.as_of), h("th.num", { scope: "col" }, t("compare.change")))),
      h("tbody", null, ...ordered.map((row) => h(differs(row) ? "tr.counts" : "tr", null,
        h("th", { scope: "row" }, row.now.title), cell(row.now), cell(row.was), h("td.num", null, change(row)))))));
}

/** From the earlier to the later day. @param {any} row */
function change({ now, was }) {
  if (now.value === null || was?.value === null || was?.value === undefined) return "–";
  const by = (state.compare ?? "") <= shownDay() ? now.value - was.value : was.value - now.value;
  return `${by > 0 ? "+" : ""}${figureText(Math.round(by * 1e6) / 1e6, now.unit)}`;
}
