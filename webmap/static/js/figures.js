// @ts-check
/** The answer to the question: KPI chips on the map, the figures and tables on the right. */
import { analysisAddress, fetchAnalysisPdf, reportAddress, surveyAddress } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { count, figure, figureText, isArea, plain, t, unitText } from "./i18n.js";
import { set, state } from "./state.js";
import { deliver, takeaway } from "./takeaway.js";

/** What goes onto the cover of the survey; kept while the page is open, never stored.
 * @type {{filled_by?: string, telephone?: string}} */
const filer = {};
const CHIPS = 4;
const NUMERIC = new Set(["integer", "number", "area", "share"]);

/** @param {any} answer of /api/area-summary */
export function showFigures(answer) {
  showChips(answer);
  byId("figures").replaceChildren(...[
    head(answer),
    beside("not_located", answer.not_located),
    ...answer.domains.map(domainBox),
  ].filter((part) => part !== null));
  byId("figures").scrollTop = 0;
}

/** @param {string} text @param {boolean} [isRefusal] what was asked cannot be answered: a filter may be why */
export function showFiguresNote(text, isRefusal = false) {
  const way = isRefusal && !state.isWhole ? narrowed("") : null;
  byId("figures").replaceChildren(h("p.nothing", null, text), way ?? "");
}

/** @param {any} answer */
function showChips(answer) {
  const figures = answer.domains[0]?.figures.slice(0, CHIPS) ?? [];
  byId("kpis").replaceChildren(
    h("div.kpi.kpi-scope", null, scopeTitle(answer)),
    ...figures.map((/** @type {any} */ one) => {
      const shown = figure(one.value, one.unit);
      const words = [h("b", null, shown.number), h("span", null, `${shown.unit} ${one.title}`.trim())];
      return one.list
        ? h("button.kpi", { type: "button", onclick: () => set({ list: one.list }) }, ...words)
        : h("div.kpi", null, ...words);
    }));
}

/** @param {any} answer */
const scopeTitle = (answer) => [answer.within?.title || t("whole_city"), answer.filtered_by.length ? t("charts.filtered") : null].filter(Boolean).join(" · ");

/** @param {any} answer */
function head(answer) {
  const area = answer.within?.area_m2;
  return h("header.answer-head", null,
    h("h2", { tabindex: "-1", id: "figures-title" }, scopeTitle(answer)),
    h("p", null, [area ? t("ground_area", { area: figureText(area / 1e6, "km2") }) : null, t("as_of_date", { date: answer.as_of })]
      .filter(Boolean).join(" · ")),
    state.question ? refine() : survey(),
    narrowed(answer.filtered_by.length ? t("narrowed.on", { layers: answer.filtered_by.join(t("comma")) }) : t("narrowed.off")),
    takeaway());
}

/** Whether the filters of layers narrow the figures too, and how to have it otherwise; null where there is none. @param {string} told */
function narrowed(told) {
  if (!Object.keys(state.filters).length) return null;
  const toggle = h("input.form-check-input", { type: "checkbox", id: "narrowed", checked: !state.isWhole, "aria-describedby": "narrowed-note",
    onchange: (/** @type {any} */ event) => set({ isWhole: !event.target.checked }) });
  return h("div.narrowed", null, h("label", { for: "narrowed" }, toggle, t("narrowed")), h("p.hint", { id: "narrowed-note" }, told));
}

/** The workbooks to hand in, the comparison of ledgers and the analysis are of the whole register, never of a drawn area. */
function survey() {
  const link = h("a.link.survey", { href: surveyAddress(filer), download: "" }, icon("download"), t("download_survey"));
  const field = (/** @type {"filled_by" | "telephone"} */ name) =>
    h("label.survey-field", null, h("span", null, t(name)),
      h("input.form-control", { type: "text", maxlength: 100, name, value: filer[name] ?? "", autocomplete: "off",
        oninput: (/** @type {any} */ event) => {
          filer[name] = event.target.value.trim();
          link.setAttribute("href", surveyAddress(filer));
        } }));
  return h("div", null, link,
    h("details.survey-filer", { open: Object.values(filer).some(Boolean) },
      h("summary", null, t("survey_filer")), field("filled_by"), field("telephone")),
    h("a.link.report-link", { href: reportAddress("ledgers"), download: "" }, icon("download"), t("download_ledgers")),
    h("a.link.report-link", { href: analysisAddress(), download: "" }, icon("download"), t("download_analysis")),
    h("button.link.report-link", { type: "button", id: "analysis-pdf", onclick: (/** @type {any} */ event) => deliver(event.currentTarget, fetchAnalysisPdf) },
      icon("download"), t("download_analysis_pdf")),
    h("p.hint", null, t("reports_are_whole")));
}

/** Widen the area or turn it inside out. */
function refine() {
  // Read anew at each change: the answer to the one before may still be on its way.
  const current = () => /** @type {import("./state.js").Question} */ (state.question);
  const buffer = h("input.form-control", { type: "number", min: 0, max: 50000, step: 50, id: "buffer", value: current().buffer_m ?? 0,
    onchange: (/** @type {any} */ event) => {
      const metres = Math.min(50000, Math.max(0, Number(event.target.value) || 0));
      const { buffer_m: _, ...rest } = current();
      set({ question: metres ? { ...rest, buffer_m: metres } : rest });
    } });
  const invert = h("input.form-check-input", { type: "checkbox", id: "invert", checked: Boolean(current().invert),
    onchange: (/** @type {any} */ event) => {
      const { invert: _, ...rest } = current();
      set({ question: event.target.checked ? { ...rest, invert: true } : rest });
    } });
  return h("div.refine", null,
    h("label", { for: "buffer" }, t("buffer")), buffer, h("span", null, t("metres")),
    h("label.refine-invert", { for: "invert" }, invert, t("invert")),
    h("button.link", { type: "button", id: "clear-question", onclick: () => set({ question: null, list: null }) }, icon("close"), t("clear")));
}

/** What no drawn area can count. @param {string} key @param {any} found places without a location */
function beside(key, found) {
  if (!found?.place_count) return null;
  return h("p.not-located", null, t(key, {
    count: count(found.place_count), area: figureText(found.gross_area_m2, "m2") }));
}

/** @param {any} domain */
function domainBox(domain) {
  const notes = [...new Set(domain.figures.map((/** @type {any} */ one) => one.footnote).filter(Boolean))];
  return h("section.domain", { "aria-label": domain.title },
    h("h3", null, domain.title),
    h("ul.figures", null, ...domain.figures.map((/** @type {any} */ one) => figureRow(one, notes))),
    notes.length ? h("ol.notes", null, ...notes.map((note) => h("li", null, String(note)))) : null,
    ...(domain.tables ?? []).filter((/** @type {any} */ one) => one.rows.length).map(tableBox));
}

/** @param {any} one @param {any[]} notes */
function figureRow(one, notes) {
  const shown = figure(one.value, one.unit);
  const mark = one.footnote ? h("sup", null, String(notes.indexOf(one.footnote) + 1)) : null;
  const words = [
    h("span.figure-title", null, one.title, mark),
    h("span.figure-value", null, h("b", null, shown.number), shown.unit ? h("small", null, shown.unit) : null),
  ];
  if (!one.list) return h("li", null, h("div.figure", null, ...words, h("span.figure-open", null)));
  return h("li", null, h("button.figure", { type: "button", "data-list": one.list, "aria-pressed": String(state.list === one.list),
    title: t("open_list"), onclick: () => set({ list: one.list }) }, ...words, h("span.figure-open", null, icon("list"))));
}

/** Show which figure's list the table holds. */
export function markList() {
  for (const button of byId("figures").querySelectorAll("[data-list]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-list") === state.list));
  }
}

/** A small table whose first numeric column is also drawn as bars. @param {any} table */
function tableBox(table) {
  const isNumber = (/** @type {any} */ column) => NUMERIC.has(column.type);
  const columns = table.columns.filter((/** @type {any} */ column) => column.name !== "place_id");
  const measure = columns.find((/** @type {any} */ column) => isArea(column.unit)) ?? columns.find((/** @type {any} */ column) => isNumber(column) && column.unit);
  const most = measure ? Math.max(...table.rows.map((/** @type {any} */ row) => Number(row[measure.name]) || 0)) : 0;
  return h("details.block", { open: true }, h("summary", null, h("h4", null, table.title)),
    h("table.small-table", null,
      h("thead", null, h("tr", null, ...columns.map((/** @type {any} */ column) =>
        h(isNumber(column) ? "th.num" : "th", null, column.title, column.unit ? h("span.faint", null, t("in_unit", { unit: unitText(column.unit) })) : null)))),
      h("tbody", null, ...table.rows.map((/** @type {any} */ row) => h("tr", null, ...columns.map((/** @type {any} */ column, /** @type {number} */ at) => {
        const cell = h(isNumber(column) ? "td.num" : "td", null, plain(row[column.name], column.unit));
        if (at === 0 && Number(row[measure?.name]) > 0) cell.append(bar(Number(row[measure.name]) / most));
        return cell;
      }))))));
}

/** @param {number} share of the largest */
function bar(share) {
  const part = h("span.bar", { "aria-hidden": "true" });
  part.style.setProperty("--share", `${Math.max(0.5, share * 100)}%`);
  return part;
}
