// @ts-check
/** The list behind a figure: the map's twin for those who read rather than point. */
// @ts-ignore -- the library ships no types
import { TabulatorFull as Tabulator } from "tabulator-tables";
import { byId, h, toast } from "./dom.js";
import { count, isYear, plain, t, unitText } from "./i18n.js";
import { on, state } from "./state.js";

const HIDDEN = new Set(["place_id", "lon", "lat", "extent"]);
/** @type {any} */
let table = null;

/** @param {(row: any) => void} choose what a row click does */
export function startTable(choose) {
  const toggle = byId("drawer-toggle");
  toggle.addEventListener("click", () => fold(toggle.getAttribute("aria-expanded") === "true"));
  on("place", markRow);
  startTable.choose = choose;
}
/** @type {(row: any) => void} */
startTable.choose = () => {};

/** @param {boolean} closed */
export function fold(closed) {
  byId("drawer-toggle").setAttribute("aria-expanded", String(!closed));
  byId("drawer").classList.toggle("folded", closed);
  if (!closed) layOut();
}

/** Fit the table to its place. */
export const layOut = () => void (table?.initialized && table.redraw());

/** A grid taken away before it is built complains later: each waits for the one before. */
let turn = Promise.resolve();

/**
 * @param {string} title @param {any} list answer of /api/area-list
 * @param {(offset: number) => Promise<any>} next reads the page that begins there
 */
export function showTable(title, list, next) {
  turn = turn.then(() => build(title, list, next));
  return turn;
}

/** @param {string} text */
export function showTableNote(text) {
  turn = turn.then(() => {
    table?.destroy();
    table = marked = null;
    byId("drawer-note").textContent = "";
    byId("drawer-more").hidden = true;
    byId("table").replaceChildren(h("p.nothing", null, text));
  });
  return turn;
}

/** How many rows there are and are left, what they sum to, and the way to the rest. @param {any} list @param {(offset: number) => Promise<any>} next */
function note(list, next) {
  const left = list.total - list.rows.length;
  const sums = /** @type {any[]} */ (list.columns).filter((one) => list.sums[one.name])
    .map((one) => t("sum_of", { title: one.title, sum: `${plain(list.sums[one.name], one.unit)} ${unitText(one.unit)}`.trim() }));
  byId("drawer-note").textContent = [
    left > 0 ? t("rows_shown", { shown: count(list.rows.length), total: count(list.total), left: count(left) }) : t("rows", { total: count(list.total) }),
    ...sums,
  ].join(t("sum_join"));
  byId("drawer-more").hidden = left <= 0;
  byId("drawer-more").onclick = () => more(list, next);
}

/** @param {any} list grows by a page @param {(offset: number) => Promise<any>} next */
async function more(list, next) {
  const button = /** @type {HTMLButtonElement} */ (byId("drawer-more"));
  const grid = table;
  button.disabled = true;
  try {
    const page = await next(list.rows.length);
    if (table !== grid) return;
    list.rows = [...list.rows, ...page.rows];
    await table.addData(page.rows);
    note(list, next);
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  } finally {
    button.disabled = false;
  }
}

/** @param {string} title @param {any} list @param {(offset: number) => Promise<any>} next @returns {Promise<void>} */
function build(title, list, next) {
  byId("drawer-title").textContent = title;
  note(list, next);
  table?.destroy();
  marked = null;
  const holder = h("div.table-grid", null);
  byId("table").replaceChildren(holder);
  table = new Tabulator(holder, {
    data: [...list.rows],
    index: "place_id",
    height: "100%",
    layout: "fitDataStretch",
    rowHeight: 32,
    selectableRows: false,
    rowFormatter: showMark,
    placeholder: t("no_rows"),
    columnDefaults: { headerSortTristate: true, tooltip: cutText, vertAlign: "middle" },
    columns: /** @type {any[]} */ (list.columns).filter((one) => !HIDDEN.has(one.name))
      .map((one, at, all) => column(one, list.rows, at === all.length - 1)),
  });
  table.on("rowClick", (/** @type {any} */ _, /** @type {any} */ row) => startTable.choose(row.getData()));
  holder.addEventListener("keydown", walk);
  return new Promise((built) => table.on("tableBuilt", () => {
    const rows = holder.querySelector(".tabulator-tableholder");
    if (list.rows.length) {
      // What scrolls takes the keyboard and needs a name, and a grid holds nothing but groups of rows.
      rows?.setAttribute("role", "rowgroup");
      rows?.setAttribute("aria-label", title);
      holder.querySelector(".tabulator-table")?.setAttribute("role", "presentation");
    } else {
      rows?.removeAttribute("tabindex"); // nothing to scroll, and no row to be a group of
    }
    markRow();
    built();
  }));
}

/**
 * What a cell says, where the column is too narrow to show it; as an element, since the grid would
 * take a text for markup.
 * @param {any} _ @param {any} cell
 */
function cutText(_, cell) {
  const element = cell.getElement();
  return element.scrollWidth > element.clientWidth ? h("span", null, element.textContent) : "";
}

/** @param {any} described @param {any[]} rows @param {boolean} isLast */
function column(described, rows, isLast) {
  const sample = rows.find((row) => row[described.name] !== null && row[described.name] !== undefined)?.[described.name];
  const isNumber = typeof sample === "number";
  const unit = described.unit ? t("in_unit", { unit: unitText(described.unit) }) : "";
  return {
    title: described.title + unit,
    field: described.name,
    hozAlign: isNumber ? "right" : "left",
    headerHozAlign: isNumber ? "right" : "left",
    sorter: isNumber ? "number" : "string",
    minWidth: Math.min(150, Math.max(76, 14 * described.title.length + (unit ? 62 : 34))),
    maxWidth: isLast ? undefined : 420,
    formatter: (/** @type {any} */ cell) => {
      const value = cell.getValue();
      const text = isYear(described.name) ? String(value ?? "") : plain(value, described.unit);
      return document.createTextNode(text);
    },
  };
}

/** @type {any} the marked row: the selected place's, or where the arrow keys are */
let marked = null;

/** Rows are drawn as they scroll into view. @param {any} row */
function showMark(row) {
  const isMarked = marked !== null && row.getIndex() === marked.getIndex();
  row.getElement().classList.toggle("marked", isMarked);
  row.getElement().setAttribute("aria-selected", String(isMarked));
}

/** @param {any} row null takes the mark away */
function mark(row) {
  const before = marked;
  marked = row;
  if (before) showMark(before);
  if (!row) return;
  showMark(row);
  table.scrollToRow(row, "center", false).catch(() => {});
}

/** Keep the row of the selected place marked and in view. */
function markRow() {
  if (!table?.initialized) return;
  mark(table.getRows().find((/** @type {any} */ one) => one.getData().place_id === state.place) ?? null);
}

/** Arrows move between rows, Enter opens one. @param {KeyboardEvent} event */
function walk(event) {
  if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || !table) return;
  if (/** @type {HTMLElement} */ (event.target).closest(".tabulator-col")) return;
  event.preventDefault();
  if (event.key === "Enter") return void (marked && startTable.choose(marked.getData()));
  const rows = table.getRows("active");
  const at = rows.findIndex((/** @type {any} */ one) => one.getIndex() === marked?.getIndex());
  const next = Math.min(rows.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)));
  if (rows[next]) mark(rows[next]);
}
