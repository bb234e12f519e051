// @ts-check
/** Which field each column of a sheet is, for a person to correct. */
import { h, icon } from "../dom.js";
import { percent, unitText } from "../i18n.js";
import { say } from "./say.js";

const SURE = 0.95;

/** @param {any} sheet @param {any[]} contracts @param {(name: string | null) => void} choose */
export function contractChoice(sheet, contracts, choose) {
  const fits = new Map(sheet.contracts.map((/** @type {any} */ one) => [one.name, one.columns]));
  const option = (/** @type {any} */ one) =>
    h("option", { value: one.name, selected: one.name === sheet.contract }, fits.has(one.name) ? say("contract_fits", { title: one.title, count: fits.get(one.name) }) : one.title);
  const likely = sheet.contracts.map((/** @type {any} */ fit) => contracts.find((one) => one.name === fit.name)).filter(Boolean);
  const others = contracts.filter((one) => !fits.has(one.name));
  return h("div.option.contract-choice", null, h("label", { for: "contract" }, say("contract")),
    h("select.form-select", { id: "contract", onchange: (/** @type {any} */ event) => choose(event.target.value || null) },
      h("option", { value: "", selected: !sheet.contract }, say("leave_sheet_out")),
      likely.length ? h("optgroup", { label: say("likely") }, likely.map(option)) : null,
      h("optgroup", { label: say("others") }, others.map(option))));
}

/**
 * @param {any} sheet @param {any} contract @param {{fields: Record<string, string | null>} | undefined} stated
 * @param {(key: string, field: string | null) => void} choose
 */
export function mappingTable(sheet, contract, stated, choose) {
  const titles = new Map(contract.fields.map((/** @type {any} */ one) => [one.name, fieldText(one)]));
  const fieldOf = (/** @type {any} */ column) => (stated && column.key in stated.fields ? stated.fields[column.key] : column.field);
  const used = sheet.columns.map(fieldOf).filter(Boolean);
  const missing = contract.key_fields.filter((/** @type {string[]} */ group) => !group.some((field) => used.includes(field)));
  return h("div", null,
    missing.map((/** @type {string[]} */ group) => h("p.refused", { role: "alert" }, icon("alert"), say("needs_key", { fields: group.map((field) => titles.get(field) ?? field).join(say("or")) }))),
    h("div.scroll.mapping-scroll", null, h("table.plain-table.mapping", null,
      h("thead", null, h("tr", null, ["header", "samples", "field", "confidence"].map((name) => h("th", { scope: "col" }, say(`mapping.${name}`))))),
      h("tbody", null, sheet.columns.map((/** @type {any} */ column, /** @type {number} */ at) => {
        const field = fieldOf(column);
        const isTwice = field && used.filter((/** @type {string} */ one) => one === field).length > 1;
        return h(`tr${isTwice ? ".conflict" : field ? "" : ".unmapped"}`, null,
          h("th", { scope: "row" }, column.header),
          h("td.samples", null, column.samples.length ? column.samples.map((/** @type {string} */ one) => h("span", null, one)) : h("span.faint", null, say("no_samples"))),
          h("td", null, fieldSelect(column, field, at, contract, titles, choose), isTwice ? h("span.refused", null, say("twice")) : null),
          h("td", null, confidence(column, field)));
      })))));
}

/** @param {any} field */
const fieldText = (field) => `${field.title}${field.unit ? `（${unitText(field.unit)}）` : ""}${field.is_required ? " *" : ""}`;

/** @param {any} column @param {string | null} field @param {number} at @param {any} contract @param {Map<string, string>} titles @param {(key: string, field: string | null) => void} choose */
function fieldSelect(column, field, at, contract, titles, choose) {
  const alternatives = column.alternatives.filter((/** @type {any} */ one) => one.field !== field && titles.has(one.field));
  return h("select.form-select", { id: `field-${at}`, "aria-label": say("field_of", { header: column.header }), onchange: (/** @type {any} */ event) => choose(column.key, event.target.value || null) },
    h("option", { value: "", selected: !field }, say("leave_out")),
    alternatives.length ? h("optgroup", { label: say("resembles") }, alternatives.map((/** @type {any} */ one) =>
      h("option", { value: one.field }, `${titles.get(one.field)} · ${percent(one.confidence)}`))) : null,
    h("optgroup", { label: say("all_fields") }, contract.fields.map((/** @type {any} */ one) =>
      h("option", { value: one.name, selected: one.name === field }, titles.get(one.name)))));
}

/** @param {any} column @param {string | null} field */
function confidence(column, field) {
  if (field !== column.field || column.is_stated) return h("span.sure.sure-stated", null, say("sure.stated"));
  if (!field) return h("span.sure.sure-none", null, say("sure.none"));
  const bar = h("i", null);
  bar.style.width = `${Math.round(column.confidence * 100)}%`;
  const kind = column.confidence >= SURE ? "high" : "some";
  return h(`span.sure.sure-${kind}`, null, h("span.sure-bar", { "aria-hidden": "true" }, bar), percent(column.confidence), " ", say(`sure.${kind}`));
}

/** Everything that is shown of these sheets, as a profile keeps it. @param {any[]} sheets @param {Map<string, any>} stated */
export function statedSheets(sheets, stated) {
  return sheets.filter((one) => !one.is_hidden && one.columns.length && (one.contract || stated.has(one.fingerprint))).map((one) => {
    const known = stated.get(one.fingerprint);
    const contract = known ? known.contract : one.contract;
    const fields = Object.fromEntries(one.columns.map((/** @type {any} */ column) => [column.key, known && column.key in known.fields ? known.fields[column.key] : column.field]));
    return { fingerprint: one.fingerprint, contract, fields };
  });
}
