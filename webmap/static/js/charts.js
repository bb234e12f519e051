// @ts-check
/** Charts of a layer beside the map, each a table with bars; a click on a bar filters the map, the table and the other charts. */
import { breakDown } from "./api.js";
import { byId, h, icon, swatch } from "./dom.js";
import { changeFilter } from "./filter_panel.js";
import { filterOf, sentFilter } from "./filters.js";
import { count, figureText, t } from "./i18n.js";
import { map, viewExtent } from "./map.js";
import { on, set, state } from "./state.js";

const MOST_BARS = 12;
const REST_MS = 300;
const DISTRICT = "district";

/** @type {any[]} layers that can be charted */
let layers = [];
/** @type {() => import("./state.js").Question} */
let question;
/** What was chosen last, as long as the page is open. */
const chosen = { layer: "property", measure: "count", isInView: true };
/** @type {any} answer of the breakdown; null: none yet */
let shown = null;
let asking = new AbortController();
let resting = 0;

/** @param {any} described answer of /api/layers @param {() => import("./state.js").Question} asked */
export function startCharts(described, asked) {
  question = asked;
  layers = described.groups.flatMap((/** @type {any} */ group) => group.layers).filter((/** @type {any} */ one) => one.is_charted);
  for (const key of /** @type {const} */ (["filters", "question", "asOf", "isWhole"])) on(key, soon);
  map.on("moveend", () => { if (chosen.isInView) soon(); });
}

/** Nothing is asked while nobody looks. */
const isHidden = () => byId("charts").hidden;

function soon() {
  clearTimeout(resting);
  resting = window.setTimeout(() => { if (!isHidden()) void showCharts(); }, REST_MS);
}

const layer = () => layers.find((one) => one.name === chosen.layer) ?? layers[0];

/** Read the charts anew and show them. */
export async function showCharts() {
  if (!layers.length) return;
  asking.abort();
  asking = new AbortController();
  byId("charts").setAttribute("aria-busy", "true");
  try {
    shown = await breakDown(layer().name, { ...question(), filter: sentFilter(layer().name), box: chosen.isInView ? viewExtent() : null }, asking.signal);
    panel();
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") return;
    byId("charts").replaceChildren(chooser(), h("p.nothing", null, /** @type {Error} */ (error).message));
  }
  byId("charts").removeAttribute("aria-busy");
}

function panel() {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.id : "";
  const top = byId("charts").scrollTop;
  byId("charts").replaceChildren(chooser(), told(), ...shown.charts.map(chart));
  byId("charts").scrollTop = top;
  if (focused && byId("charts").querySelector(`#${CSS.escape(focused)}`)) byId(focused).focus();
}

function chooser() {
  const pick = (/** @type {"layer" | "measure"} */ name, /** @type {string[][]} */ options) => {
    const field = h("select.form-select", { id: `charts-${name}`, onchange: (/** @type {any} */ event) => { chosen[name] = event.target.value; void showCharts(); } },
      ...options.map(([value, title]) => h("option", { value }, title)));
    /** @type {any} */ (field).value = chosen[name];
    return [h("label", { for: `charts-${name}` }, t(`charts.${name}`)), field];
  };
  return h("div.theme-form", null,
    ...pick("layer", layers.map((one) => [one.name, one.title])),
    ...pick("measure", ["count", "area"].map((one) => [one, t(`charts.by_${one}`)])),
    h("span", null, t("charts.scope")),
    h("label.refine-invert", null, h("input.form-check-input", { type: "checkbox", id: "charts-view", checked: chosen.isInView,
      onchange: (/** @type {any} */ event) => { chosen.isInView = event.target.checked; void showCharts(); } }), t("charts.in_view")));
}

/** How many pass, and the way back to all. */
function told() {
  const isNarrowed = filterOf(layer().name) !== null;
  return h("p.charts-told", { role: "status" }, t("charts.matching", { count: count(shown.matching), total: count(shown.total) }), " ",
    isNarrowed ? h("button.link", { type: "button", id: "charts-clear", onclick: () => changeFilter(layer(), null) }, icon("close"), t("filter.clear")) : null);
}

/** @param {any} one chart */
function chart(one) {
  const hasAreas = one.bars.some((/** @type {any} */ bar) => bar.area_m2 !== null);
  const isByArea = chosen.measure === "area" && hasAreas;
  const size = (/** @type {any} */ bar) => (isByArea ? bar.area_m2 ?? 0 : bar.count);
  const most = Math.max(1e-9, ...one.bars.map(size));
  const picked = pickedOf(one.name);
  const absent = picked.filter((value) => !one.bars.some((/** @type {any} */ bar) => bar.value === value)).map((value) => ({ value, title: titleOf(one.name, value), count: 0, area_m2: null }));
  // Whatever its length, what is not known stands last.
  const bars = [...one.bars, ...absent].sort((a, b) => Number(!a.value) - Number(!b.value));
  const rows = bars.filter((bar, at) => at < MOST_BARS || !bar.value || picked.includes(bar.value));
  return h("table.bar-chart", { "data-chart": one.name }, h("caption", null, one.title),
    h("thead", null, h("tr", null, h("th", { scope: "col" }, one.title), h("th", { scope: "col" }, t(isByArea ? "charts.by_area" : "charts.by_count")))),
    h("tbody", null, ...rows.map((bar) => row(one, bar, size(bar) / most, isByArea ? figureText(bar.area_m2, "m2") : count(bar.count), picked))),
    bars.length > rows.length ? h("tfoot", null, h("tr", null, h("td", { colspan: 2 }, t("and_more", { count: count(bars.length - rows.length) })))) : null);
}

/** @param {any} one chart @param {any} bar @param {number} share of the longest @param {string} text @param {string[]} picked */
function row(one, bar, share, text, picked) {
  const length = h("span.chart-bar", { "aria-hidden": "true" });
  length.style.setProperty("--share", `${share * 100}%`);
  if (bar.colour) length.style.setProperty("--colour", bar.colour);
  const isPicked = picked.includes(bar.value);
  return h(picked.length && !isPicked ? "tr.is-pale" : "tr", null,
    h("th", { scope: "row" }, h("button.chart-row", { type: "button", id: `chart-${one.name}-${bar.value || "unknown"}`, "data-value": bar.value, "aria-pressed": String(isPicked),
      title: t("charts.only"), onclick: () => toggle(one.name, bar.value) },
      h("span.chart-name", null, bar.colour ? swatch(bar.colour) : null, bar.title ?? t("unknown")), length)),
    h("td.num", null, text));
}

/** What of a chart the map is narrowed to. @param {string} name @returns {string[]} */
const pickedOf = (name) => name === DISTRICT
  ? [state.question?.within.admin_area].filter((code) => code !== undefined)
  : filterOf(layer().name)?.[name] ?? [];

/** A value that nothing has any more still has to be let go. @param {string} name @param {string} value */
function titleOf(name, value) {
  if (!value) return null;
  const attribute = layer().attributes.find((/** @type {any} */ one) => one.name === name);
  const theme = layer().themes.find((/** @type {any} */ one) => one.attribute === name);
  return attribute?.values?.[value] ?? theme?.classes.find((/** @type {any} */ one) => String(one.value) === value)?.title ??
    layer().kinds.find((/** @type {any} */ one) => one.value === value)?.title ?? value;
}

/** @param {string} name of the chart @param {string} value of the bar */
function toggle(name, value) {
  const picked = pickedOf(name);
  if (name === DISTRICT) return set({ question: picked.includes(value) || !value ? null : { within: { admin_area: value } }, list: null });
  const next = picked.includes(value) ? picked.filter((one) => one !== value) : [...picked, value];
  changeFilter(layer(), { ...filterOf(layer().name), [name]: next.length ? next : null });
}
