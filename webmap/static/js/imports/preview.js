// @ts-check
/** Cells as they stand and as they will be read, and what is wrong with them. */
import { h, icon } from "../dom.js";
import { count } from "../i18n.js";
import { badge, say } from "./say.js";

/** @param {any} sheet @param {(field: string) => string} title */
export function preview(sheet, title) {
  return h("div.preview", null,
    h("h3", null, say("preview", { count: count(sheet.row_count) })),
    h("p.hint", null, say("preview_hint")),
    h("div.scroll", { tabindex: "0", role: "region", "aria-label": say("preview", { count: count(sheet.row_count) }) },
      h("table.plain-table.cells", null,
        h("thead", null, h("tr", null, h("th.num", { scope: "col" }, say("column.row")), h("th", { scope: "col" }, say("column.outcome")),
          sheet.columns.map((/** @type {any} */ one) => h("th", { scope: "col" }, one.header, h("small", null, title(one.field)))))),
        h("tbody", null, sheet.rows.map((/** @type {any} */ row) => previewRow(row, sheet.columns))))));
}

/** @param {any} row @param {any[]} columns */
function previewRow(row, columns) {
  const whole = row.issues.filter((/** @type {any} */ one) => !one.column || !columns.some((column) => column.header === one.column));
  return h("tr", null, h("td.num", null, String(row.row)),
    h("td.outcome", null, badge(row.outcome, say(`count.${row.outcome}`)), whole.map((/** @type {any} */ one) => note(one))),
    columns.map((column, at) => {
      const [stands, taken] = row.cells[at];
      const issues = row.issues.filter((/** @type {any} */ one) => one.column === column.header);
      const worst = issues.some((/** @type {any} */ one) => one.severity === "reject") ? ".bad" : issues.length ? ".doubtful" : "";
      return h(`td${worst}`, null, cell(stands, taken), issues.map((/** @type {any} */ one) => note(one)));
    }));
}

/** @param {string | null} stands @param {string | null} taken */
function cell(stands, taken) {
  if (stands === null && taken === null) return null;
  if (stands === taken || (stands !== null && taken !== null && Number(stands) === Number(taken) && stands.trim() !== "")) return h("span", null, stands);
  return h("span", null, stands === null ? null : h("del", null, stands), stands === null ? null : " → ", taken === null ? h("span.faint", null, say("empty_cell")) : h("ins", null, taken));
}

/** @param {any} issue */
const note = (issue) => h(`span.cell-note.note-${issue.severity}`, null, issue.message);

/** Rules by how often they were broken, each with its first rows. @param {any} look */
export function issueSummary(look) {
  if (!look.facets.length) return h("p.all-right", null, icon("check"), say("nothing_wrong"));
  const rules = new Map();
  for (const one of look.facets) {
    const known = rules.get(one.rule) ?? { ...one, count: 0, columns: [] };
    known.count += one.count;
    if (one.column) known.columns.push(one.column);
    rules.set(one.rule, known);
  }
  return h("div.scroll", null, h("table.plain-table", null,
    h("thead", null, h("tr", null, ["severity", "rule", "where"].map((name) => h("th", { scope: "col" }, say(`column.${name}`))), h("th.num", { scope: "col" }, say("column.count")))),
    h("tbody", null, [...rules.values()].sort((a, b) => order(a) - order(b) || b.count - a.count).map((one) => {
      const rows = look.issues.filter((/** @type {any} */ issue) => issue.rule === one.rule).slice(0, 6);
      const example = rows[0]?.message ?? one.rule_title;
      return h("tr", null, h("td", null, badge(one.severity, say(`severity.${one.severity}`))), h("td", null, example),
        h("td.faint", null, [...new Set(one.columns)].join(say("comma")), " ", rows.length && rows[0].row ? say("rows_at", { rows: [...new Set(rows.map((/** @type {any} */ issue) => issue.row))].join(say("comma")) }) : ""),
        h("td.num", null, count(one.count)));
    }))));
}

/** @param {any} one */
const order = (one) => ["reject", "question", "warn"].indexOf(one.severity);

/** What stands beside what it would be. @param {any} look @param {number} uploadId */
export function changes(look, uploadId) {
  if (!look.change_count) return null;
  return h("details.changes", { id: "changes" }, h("summary", null, say("changes", { count: count(look.change_count) })),
    h("p.hint", null, say("changes_hint"), look.change_count > look.changes.length ? ` ${say("changes_more", { count: count(look.changes.length) })}` : ""),
    h("p", null, h("a.btn", { href: `/api/imports/${uploadId}/changes.csv`, download: "" }, icon("download"), say("changes_download"))),
    h("div.scroll.issue-scroll", { tabindex: "0", role: "region", "aria-label": say("changes", { count: count(look.change_count) }) }, h("table.plain-table", null,
      h("thead", null, h("tr", null, ["row", "place", "field", "old", "new"].map((name) => h("th", { scope: "col" }, say(`change.${name}`))))),
      h("tbody", null, look.changes.map((/** @type {any} */ one) => h("tr", null,
        h("td.num", null, `${one.sheet ? `${one.sheet} ` : ""}${one.row}`), h("td", null, [one.code, one.name].filter(Boolean).join(" ")), h("td", null, one.header ?? one.field),
        h("td", null, one.old === null ? "" : h("del", null, one.old)), h("td", null, one.new === null ? "" : h("ins", null, one.new))))))));
}
