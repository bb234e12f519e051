// @ts-check
/** Places that wait for a location: a list to work off, candidates, and a click on the map. */
import { fetchCandidates, fetchUnlocated, putPlace, takePlaceOff } from "./api.js";
import { leaveClicks, takeClicks } from "./clicks.js";
import { byId, h, icon } from "./dom.js";
import { count, t } from "./i18n.js";
import { centre, flyTo, map, showSelection } from "./map.js";
import ol from "./ol.js";
import { countExact, exactBox } from "./unlocated_exact.js";

const PAGE = 100;
const TYPING_MS = 250;
const MANUAL_ACCURACY_M = 20;

/** @type {Record<string, string>} */
let filters = {};
let offset = 0;
let turn = 0;
let typing = 0;
let said = "";
/** @type {any} answer of /api/unlocated */
let queue = null;
/** @type {any} the place being put on the map */
let chosen = null;
/** @type {any[]} */
let found = [];
/** @type {{point: number[], method: string, accuracy: number, reason: string} | null} */
let pending = null;
/** @type {{place_id: number, name: string, note: string} | null} what was placed last */
let last = null;
let isListening = false;
let isSending = false;
let problem = "";
/** @type {() => void} */
let afterChange = () => {};

/** Whether a click on the map puts a place there. */
export const isPlacing = () => isListening;

/** @param {() => void} changed called when the register has changed */
export function startUnlocated(changed) {
  afterChange = changed;
  map.on("singleclick", (/** @type {any} */ event) => {
    if (isListening) propose(ol.proj.toLonLat(event.coordinate), "click", MANUAL_ACCURACY_M);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !chosen || byId("unlocated").hidden) return;
    if (isListening) listen(false);
    else choose(null);
    draw();
  });
  load();
}

/** Open the panel: the list is read anew. */
export const openUnlocated = () => load();

let waiting = 0;
/** Whether the panel will be drawn anew when answers come. @param {1 | -1} by */
function busy(by) {
  waiting += by;
  if (waiting) byId("unlocated").setAttribute("aria-busy", "true");
  else byId("unlocated").removeAttribute("aria-busy");
}

/** @param {number} [from] rows before the page; the page at hand when left out */
async function load(from = offset) {
  busy(1);
  await read(from);
  busy(-1);
}

/** @param {number} from @returns {Promise<void>} */
async function read(from) {
  const mine = ++turn;
  try {
    const answer = await fetchUnlocated({ ...filters, limit: PAGE, offset: from });
    if (mine !== turn) return;
    // The last place of the last page was put on the map.
    if (!answer.items.length && answer.total) return read(Math.floor((answer.total - 1) / PAGE) * PAGE);
    queue = answer;
    offset = from;
    problem = "";
  } catch (error) {
    if (mine !== turn) return;
    problem = /** @type {Error} */ (error).message;
  }
  const chip = byId("unlocated-count");
  chip.textContent = queue ? count(queue.waiting) : "";
  chip.hidden = !queue?.waiting;
  draw();
  if (!byId("unlocated").hidden && queue?.waiting) await countExact(filters, draw);
}

/** @param {string} name @param {string} value */
function narrow(name, value) {
  filters = { ...filters, [name]: value };
  said = "";
  return load(0);
}

/** @param {string} [words] */
async function changed(words = "") {
  said = words;
  await load();
  afterChange();
}

function restListening() {
  listen(false);
  draw();
}

/** @param {boolean} on */
function listen(on) {
  isListening = on;
  if (on) takeClicks(restListening);
  else leaveClicks(restListening);
  byId("map").classList.toggle("drawing", on);
}

/** @param {any} place null goes back to the list */
async function choose(place) {
  chosen = place;
  found = [];
  pending = null;
  problem = "";
  listen(false);
  showSelection(null);
  draw();
  if (!place) return;
  byId("unlocated-title").focus();
  busy(1);
  try {
    const answer = await fetchCandidates(place.place_id);
    if (chosen === place) found = answer.items;
  } catch (error) {
    if (chosen === place) problem = /** @type {Error} */ (error).message;
  }
  if (chosen === place) draw();
  busy(-1);
}

/** @param {number[]} point @param {string} method @param {number} accuracy */
function propose(point, method, accuracy, reason = "") {
  pending = { point: point.map((at) => Number(at.toFixed(7))), method, accuracy, reason };
  listen(false);
  showSelection(pending.point);
  draw();
  byId("unlocated-save").focus();
}

/** One at a time: a second press must not send it again. @param {() => Promise<void>} work */
async function sending(work) {
  if (isSending) return;
  isSending = true;
  try {
    await work();
  } catch (error) {
    problem = /** @type {Error} */ (error).message;
    draw();
  }
  isSending = false;
}

const save = () => sending(async () => {
  if (!chosen || !pending) return;
  const place = chosen;
  const answer = await putPlace(place.place_id, { point: pending.point, method: pending.method,
    accuracy_m: pending.accuracy, reason: pending.reason });
  last = { place_id: place.place_id, name: place.name, note: answer.district_differs ? t("unlocated.district_differs") : "" };
  if (chosen === place) await choose(null);
  await changed();
  // Who went on to the next place meanwhile stays there.
  if (!chosen) document.getElementById("unlocated-undo")?.focus();
});

const undo = () => sending(async () => {
  if (!last) return;
  await takePlaceOff(last.place_id);
  last = null;
  await changed();
});

function draw() {
  const panel = byId("unlocated");
  // What arrives late must not take the focus away from where the reader is.
  const focused = panel.contains(document.activeElement) ? document.activeElement?.id : "";
  const search = /** @type {HTMLInputElement | null} */ (document.getElementById("unlocated-q"));
  const [typed, caret] = focused === "unlocated-q" && search ? [search.value, search.selectionStart] : ["", 0];
  panel.replaceChildren(...[
    problem ? h("p.not-located", { role: "alert" }, problem) : null,
    ...(chosen ? placing() : listing()),
  ].filter((part) => part !== null));
  if (!focused) return;
  const again = document.getElementById(focused);
  again?.focus();
  if (focused === "unlocated-q" && again) {
    // What was typed while the answer was on its way stays.
    /** @type {HTMLInputElement} */ (again).value = typed;
    /** @type {HTMLInputElement} */ (again).setSelectionRange(caret, caret);
  }
}

/** @returns {Array<Node | null>} */
function listing() {
  if (!queue) return [h("p.nothing", null, t("loading"))];
  return [
    h("h2", null, t("unlocated.title")),
    last ? h("p.placed", { role: "status" }, t("unlocated.placed", { name: last.name }), last.note ? ` ${last.note}` : null, " ",
      h("button.link", { type: "button", id: "unlocated-undo", onclick: undo }, t("unlocated.undo"))) : null,
    h("p.hint", null, t("unlocated.hint", { count: count(queue.waiting) })),
    said ? h("p.placed", { role: "status" }, said) : null,
    ...exactBox({ filters, lastStep: queue.last_step, draw,
      done: (/** @type {string} */ words) => { last = null; return changed(words); },
      failed: (/** @type {any} */ error) => { problem = error.message; countExact(filters, draw); } }),
    h("div.queue-filters", null, searching(), filter("kind", queue.kinds), filter("area", queue.areas), filter("holder", queue.holders), filter("load", queue.loads)),
    queue.items.length
      ? h("ul.queue", { "aria-label": t("unlocated.title") }, ...queue.items.map((/** @type {any} */ one) =>
        h("li", null, h("button.queue-row", { type: "button", onclick: () => choose(one) },
          h("b", null, one.name),
          h("span", null, [one.kind_title, one.area, one.holder].filter(Boolean).join(" · ")),
          one.address && one.address !== one.name ? h("span", null, one.address) : null))))
      : h("p.nothing", null, t(queue.waiting ? "unlocated.none_such" : "unlocated.none")),
    queue.total > PAGE ? pager() : null,
  ];
}

function pager() {
  const step = (/** @type {string} */ id, /** @type {number} */ to) =>
    h("button.btn.btn-sm", { type: "button", id: `unlocated-${id}`, "aria-label": t(`unlocated.${id}`), disabled: to < 0 || to >= queue.total,
      onclick: () => load(to).then(() => byId("unlocated").scrollTo({ top: 0 })) }, icon(id === "before" ? "left" : "right"));
  return h("nav.queue-pager", { "aria-label": t("unlocated.title") }, step("before", offset - PAGE),
    h("span", { id: "unlocated-page" }, t("unlocated.page", { from: count(offset + 1), to: count(offset + queue.items.length), total: count(queue.total) })),
    step("after", offset + PAGE));
}

function searching() {
  return h("input.form-control", { type: "search", id: "unlocated-q", "aria-label": t("unlocated.search"), placeholder: t("unlocated.search"),
    value: filters.q ?? "", oninput: (/** @type {any} */ event) => {
      clearTimeout(typing);
      const words = event.target.value;
      typing = window.setTimeout(() => narrow("q", words), TYPING_MS);
    } });
}

/** @param {string} name @param {any[]} choices */
function filter(name, choices) {
  const choose_ = h("select.form-select", { id: `unlocated-${name}`, "aria-label": t(`unlocated.${name}`),
    onchange: (/** @type {any} */ event) => narrow(name, event.target.value).then(() => byId(`unlocated-${name}`).focus()) },
    h("option", { value: "" }, t(`unlocated.every_${name}`)),
    ...choices.map((one) => h("option", { value: one.value }, t("unlocated.option", { title: one.title, count: count(one.count) }))));
  /** @type {any} */ (choose_).value = filters[name] ?? "";
  return choose_;
}

/** @returns {Array<Node | null>} */
function placing() {
  return [
    h("button.link", { type: "button", onclick: () => choose(null) }, t("unlocated.back")),
    h("h2", { id: "unlocated-title", tabindex: "-1" }, chosen.name),
    h("p.card-kind", null, h("span.badge", null, chosen.kind_title), h("code", null, chosen.code)),
    h("p.hint", null, [chosen.address, chosen.area, chosen.holder].filter(Boolean).join(" · ")),
    pending ? confirmation() : null,
    h("h3", null, t("unlocated.by_hand")),
    h("div.queue-tools", null,
      h("button.btn.btn-sm", { type: "button", id: "unlocated-click", "aria-pressed": String(isListening),
        onclick: () => { listen(!isListening); draw(); byId("unlocated-click").focus(); } }, icon("target"), t("unlocated.click")),
      h("button.btn.btn-sm", { type: "button", id: "unlocated-centre",
        onclick: () => propose(centre(), "click", MANUAL_ACCURACY_M) }, icon("view"), t("unlocated.centre"))),
    h("p.hint", { "aria-live": "polite" }, isListening ? t("unlocated.click_now") : t("unlocated.keys")),
    h("h3", null, t("unlocated.candidates")),
    found.length
      ? h("ol.queue", null, ...found.map((one) => h("li", null,
        h("button.queue-row", { type: "button", onclick: () => take(one) },
          h("b", null, one.reason),
          h("span", null, t("unlocated.candidate", { score: Math.round(one.score * 100), accuracy: count(one.accuracy_m) }))))))
      : h("p.hint", null, t("unlocated.no_candidate")),
  ];
}

/** @param {any} one a candidate */
function take(one) {
  propose([one.lon, one.lat], one.method, one.accuracy_m, one.reason);
  flyTo({ anchor: [one.lon, one.lat], extent: [one.lon, one.lat, one.lon, one.lat] });
}

function confirmation() {
  const spot = /** @type {NonNullable<typeof pending>} */ (pending);
  return h("form.queue-confirm", { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); save(); } },
    h("p", null, h("code", { id: "unlocated-point" }, `${spot.point[0].toFixed(6)}, ${spot.point[1].toFixed(6)}`)),
    h("div.inline", null, h("label", { for: "unlocated-accuracy" }, t("unlocated.accuracy")),
      h("input.form-control", { type: "number", id: "unlocated-accuracy", min: 0, max: 100000, value: spot.accuracy,
        oninput: (/** @type {any} */ event) => (spot.accuracy = Number(event.target.value)) }), h("span", null, t("metres"))),
    h("div.inline", null, h("label", { for: "unlocated-reason" }, t("unlocated.reason")),
      h("input.form-control", { type: "text", id: "unlocated-reason", maxlength: 500, value: spot.reason,
        oninput: (/** @type {any} */ event) => (spot.reason = event.target.value) })),
    h("div.queue-tools", null,
      h("button.btn.btn-sm.btn-primary", { type: "submit", id: "unlocated-save" }, icon("check"), t("unlocated.save")),
      h("button.btn.btn-sm", { type: "button", onclick: () => { pending = null; showSelection(null); draw(); byId("unlocated-click").focus(); } },
        t("unlocated.cancel"))));
}
