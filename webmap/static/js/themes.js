// @ts-check
/** Themes: choose an indicator, see districts or properties coloured by it, read the legend and the table. */
import { call, fetchTheme, query } from "./api.js";
import { byId, h, icon, swatch, toast } from "./dom.js";
import { count, figure, figureText, t } from "./i18n.js";
import { fit, restyle } from "./map.js";
import { on, set, state } from "./state.js";
import { drawTheme, showClasses } from "./theme_layer.js";

/** Rows of the panel's table; all are on the map. */
const ROWS = 200;
/** @type {any} answer of /api/themes */
let offer = null;
/** @type {any} answer of /api/theme */
let shown = null;
/** @type {(id: number) => void} */
let open;
/** @type {any[]} */
let districts = [];
let turn = 0;

/** @param {any[]} areas items of /api/admin-areas @param {(id: number) => void} go to a place */
export async function startThemes(areas, go) {
  districts = areas;
  open = go;
  on("theme", () => { restyle("admin_area"); void loadTheme(); });
  for (const what of /** @type {const} */ (["asOf", "filters", "isWhole"])) on(what, () => { if (what === "asOf" || state.theme) void loadTheme(); });
  on("classes", () => { showClasses(state.classes); legend(); });
  try {
    offer = await call(`/api/themes${query({ as_of: state.asOf })}`);
  } catch (error) {
    return void byId("themes").replaceChildren(h("p.nothing", null, /** @type {Error} */ (error).message));
  }
  await loadTheme();
}

/** Read the chosen theme and show it everywhere. */
export async function loadTheme() {
  const asked = ++turn;
  const wanted = state.theme;
  if (!wanted) {
    shown = null;
    drawTheme(null);
    legend();
    // What was asked for before is waited for no more.
    byId("themes").removeAttribute("aria-busy");
    return panel();
  }
  byId("themes").setAttribute("aria-busy", "true");
  try {
    const answer = await fetchTheme(wanted, state.asOf);
    if (asked !== turn) return;
    shown = answer;
    drawTheme(answer);
    showClasses(state.classes);
  } catch (error) {
    if (asked !== turn) return;
    toast(/** @type {Error} */ (error).message);
    shown = null;
    drawTheme(null);
    if (/** @type {any} */ (error).status === 400) return set({ theme: null, classes: [] });
  } finally {
    if (asked === turn) byId("themes").removeAttribute("aria-busy");
  }
  legend();
  panel();
}

/** @param {Partial<import("./state.js").Theme>} changes */
const change = (changes) => set({ theme: { ...usual(), ...state.theme, ...changes }, classes: [] });

/** @returns {import("./state.js").Theme} */
const usual = () => ({
  indicator: offer.indicators[0]?.name ?? "", by: offer.levels.some((/** @type {any} */ one) => one.name === "district") ? "district" : offer.levels[0].name,
  method: offer.methods[0].name, classes: offer.classes.usual, ramp: offer.ramps[0].name });

function panel() {
  if (!offer) return; // it comes when what can be chosen is known
  const focused = document.activeElement?.id;
  byId("themes").replaceChildren(...[chooser(), shown ? about() : h("p.hint", null, t("theme.hint")), shown ? table() : null]
    .filter((part) => part !== null));
  if (focused && byId("themes").querySelector(`#${CSS.escape(focused)}`)) byId(focused).focus();
}

/**
 * @param {string} name @param {Array<{value: string, title: string, group?: string}>} options @param {string} value
 * @param {(value: string) => void} act
 */
function choice(name, options, value, act) {
  const groups = new Map();
  for (const one of options) {
    const into = groups.get(one.group ?? "") ?? [];
    into.push(h("option", { value: one.value }, one.title));
    groups.set(one.group ?? "", into);
  }
  const select = h("select.form-select", { id: `theme-${name}`, onchange: (/** @type {any} */ event) => act(event.target.value) },
    ...[...groups].flatMap(([title, listed]) => (title ? [h("optgroup", { label: title }, ...listed)] : listed)));
  /** @type {any} */ (select).value = value;
  return [h("label", { for: `theme-${name}` }, t(`theme.${name}`)), select];
}

function chooser() {
  const theme = state.theme;
  const indicator = offer.indicators.find((/** @type {any} */ one) => one.name === theme?.indicator);
  const levels = offer.levels.filter((/** @type {any} */ one) => one.name !== "place" || !indicator || indicator.is_of_places);
  const titled = (/** @type {any} */ one) => ({ value: one.name, title: one.count === null || one.count === undefined ? one.title : t("theme.level", { title: one.title, count: count(one.count) }) });
  const numbers = Array.from({ length: offer.classes.most - offer.classes.least + 1 }, (_, at) => String(at + offer.classes.least));
  return h("div.theme-form", null,
    ...choice("indicator", [{ value: "", title: t("theme.none") },
      ...offer.indicators.map((/** @type {any} */ one) => ({ value: one.name, title: one.title, group: one.domain_title }))],
      theme?.indicator ?? "", chooseIndicator),
    ...(theme ? [
      ...choice("by", levels.map(titled), theme.by, (by) => change({ by })),
      ...choice("method", offer.methods.map(titled), theme.method, (method) => change({ method })),
      ...(theme.method === "head_tail" ? [] : choice("classes", numbers.map((one) => ({ value: one, title: one })), String(theme.classes), (classes) => change({ classes: Number(classes) }))),
      h("span", { id: "theme-ramp-title" }, t("theme.ramp")), ramps(theme.ramp),
    ] : []));
}

/** @param {string} name */
function chooseIndicator(name) {
  if (!name) return set({ theme: null, classes: [] });
  const indicator = offer.indicators.find((/** @type {any} */ one) => one.name === name);
  const by = state.theme?.by === "place" && !indicator.is_of_places ? usual().by : (state.theme?.by ?? usual().by);
  change({ indicator: name, by });
}

/** @param {string} chosen */
function ramps(chosen) {
  return h("div.ramps", { role: "radiogroup", "aria-labelledby": "theme-ramp-title" }, ...offer.ramps.map((/** @type {any} */ one) =>
    h("button.ramp", { type: "button", role: "radio", id: `theme-ramp-${one.name}`, "aria-checked": String(one.name === chosen), "aria-label": one.title, title: one.title,
      onclick: () => change({ ramp: one.name }) }, ...one.colours.map((/** @type {string} */ colour) => swatch(colour)))));
}

/** What no colour can show. @param {string} key @param {any} found */
const uncounted = (key, found) =>
  found.place_count ? t(key, { count: count(found.place_count), area: figureText(found.gross_area_m2, "m2") }) : null;

/** Where the figures come from, and what no colour can show. */
function about() {
  return h("div.theme-about", null, ...[
    shown.indicator.per ? t("theme.per", { per: shown.indicator.per }) : null,
    t("theme.source", { source: shown.indicator.source }),
    shown.by === "place" ? t("theme.zoom_in") : null,
    uncounted("not_located", shown.not_located),
  ].filter(Boolean).map((text) => h("p.hint", null, text)));
}

/** The map's twin: every unit with its figure, the largest first. */
function table() {
  const isSeen = (/** @type {any} */ one) => !state.classes.length || state.classes.includes(one.class ?? -1);
  const rows = shown.values.filter(isSeen)
    .sort((/** @type {any} */ a, /** @type {any} */ b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  const unit = shown.indicator.unit;
  return h("table.small-table.theme-table", null,
    h("thead", null, h("tr", null, h("th", null, shown.by_title), h("th.num", null, shown.indicator.title))),
    h("tbody", null, ...rows.slice(0, ROWS).map((/** @type {any} */ one) => h("tr", null,
      h("td", null, swatch(one.class === null ? shown.no_figure.colour : shown.classes[one.class].colour), " ",
        h("button.link", { type: "button", onclick: () => choose(one) }, one.name)),
      h("td.num", null, one.value === null ? shown.no_figure.title : figureText(one.value, unit))))),
    rows.length > ROWS ? h("tfoot", null, h("tr", null, h("td", { colspan: 2 }, t("and_more", { count: count(rows.length - ROWS) })))) : null);
}

/** @param {any} one row of the table: a property is opened, an area asked about */
function choose(one) {
  if (shown.by === "place") return open(Number(one.unit));
  set({ question: { within: { admin_area: one.unit } }, list: null });
  fit(districts.find((area) => area.code === one.unit)?.extent);
}

/**
 * The theme's classes as they are told, on the map and on paper; null: no theme is shown.
 * @returns {{title: string, under: string, layer: string | null, shape: string, notes: string[], rows: Array<{at: number, title: string, colour: string, count: number}>} | null}
 */
export function legendOf() {
  if (!shown) return null;
  const { title, unit } = shown.indicator;
  return {
    title, layer: shown.layer, shape: "polygon",
    under: [shown.by_title, t("as_of_date", { date: shown.as_of }), shown.is_filtered ? t("charts.filtered") : null].filter(Boolean).join(" · "),
    notes: [shown.notice, uncounted("not_located", shown.not_located)].filter(Boolean),
    rows: [
      ...shown.classes.map((/** @type {any} */ one, /** @type {number} */ at) => ({ ...one, at, title: bounds(one, unit) })),
      ...(shown.no_figure.count ? [{ ...shown.no_figure, at: -1 }] : []),
    ],
  };
}

/** Each class with its colour, bounds and number; one click shows only it, more clicks add others. */
function legend() {
  const box = byId("theme-legend");
  const told = legendOf();
  box.hidden = !told;
  if (!told) return box.replaceChildren();
  box.replaceChildren(
    h("header", null, h("b", null, told.title),
      h("button.icon-button", { type: "button", "aria-label": t("theme.off"), title: t("theme.off"), onclick: () => set({ theme: null, classes: [] }) }, icon("close"))),
    h("p.hint", null, told.under),
    h("ul", null, ...told.rows.map((one) => h("li", null,
      h("button.theme-class", { type: "button", "data-class": one.at, "aria-pressed": String(state.classes.includes(one.at)), title: t("theme.only"),
        onclick: () => toggle(one.at) }, swatch(one.colour), h("span", null, one.title), h("b", null, count(one.count)))))),
    ...[shown.notice ? h("p.hint", null, shown.notice) : null].filter((part) => part !== null));
}

/** @param {number} at class; -1: without a figure */
function toggle(at) {
  const others = state.classes.filter((one) => one !== at);
  set({ classes: others.length < state.classes.length ? others : [...others, at].sort((a, b) => a - b) });
  panel();
  /** @type {HTMLElement} */ (byId("theme-legend").querySelector(`[data-class="${at}"]`)).focus();
}

/** @param {any} one class @param {string | null} unit */
function bounds(one, unit) {
  const [lower, upper] = [figure(one.lower, unit), figure(one.upper, unit)];
  if (one.lower === one.upper) return figureText(one.upper, unit);
  return lower.unit === upper.unit ? `${lower.number}–${upper.number} ${upper.unit}`.trim() : `${figureText(one.lower, unit)}–${figureText(one.upper, unit)}`;
}
