// @ts-check
/** Fields of a form by what they hold; each tells its value and can be set. */
import { findBodies } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

const WAIT_MS = 150;

/**
 * @typedef {{element: HTMLElement, control: HTMLElement, read: () => any, write: (value: any, shown?: any) => void}} Field
 */

/**
 * @param {any} field name, type, options @param {string} id of the control @param {() => void} changed
 * @returns {Field}
 */
export function makeField(field, id, changed) {
  if (field.type === "term") return choice(id, field.options.map((/** @type {any} */ one) => [one.value, one.title]), changed);
  if (field.type === "boolean") return yesNo(id, changed);
  if (field.type === "body") return body(id, changed);
  return written(field, id, changed);
}

/** @param {any} field @param {string} id @param {() => void} changed @returns {Field} */
function written(field, id, changed) {
  const isNumber = field.type === "integer" || field.type === "number";
  const props = { id, name: field.name, maxlength: 500, oninput: changed, autocomplete: "off",
    inputmode: isNumber ? "decimal" : null, placeholder: field.type === "date" ? t("edit.day_form") : null };
  const control = /** @type {HTMLInputElement} */ (field.is_long
    ? h("textarea.form-control", { ...props, rows: 2 }) : h("input.form-control", { ...props, type: "text" }));
  return { element: control, control, read: () => read(field.type, control.value.trim()),
    write: (value) => void (control.value = value === null || value === undefined ? "" : String(value)) };
}

/** @param {string} type @param {string} text */
function read(type, text) {
  if (!text) return null;
  if (type === "date") return text.replaceAll("/", "-");
  if (type !== "integer" && type !== "number") return text;
  const number = Number(text.replaceAll(",", ""));
  return Number.isFinite(number) ? number : text;
}

/** @param {string} id @param {Array<[any, string]>} options @param {() => void} changed @returns {Field} */
export function choice(id, options, changed) {
  const control = /** @type {HTMLSelectElement} */ (h("select.form-select", { id, onchange: changed },
    h("option", { value: "" }, t("edit.not_stated")), ...options.map(([value, title]) => h("option", { value }, title))));
  return { element: control, control, read: () => control.value || null, write: (value) => void (control.value = value ?? "") };
}

/** @param {string} id @param {() => void} changed @returns {Field} */
function yesNo(id, changed) {
  const made = choice(id, [["yes", t("yes")], ["no", t("no")]], changed);
  const pick = /** @type {HTMLSelectElement} */ (made.control);
  return { ...made, read: () => (pick.value ? pick.value === "yes" : null),
    write: (value) => void (pick.value = value === null || value === undefined ? "" : value ? "yes" : "no") };
}

/**
 * A body, found by a part of its name.
 * @param {string} id @param {() => void} changed
 * @param {{label?: string, hint?: string, asOf?: () => string | null}} [shown] where no label stands beside it; day the bodies exist
 * @returns {Field & {isSettled: () => boolean}} whether what stands there is the body that `read` tells
 */
export function body(id, changed, { label, hint, asOf = () => null } = {}) {
  return lookUp(id, changed, { label, hint: hint ?? t("edit.body_hint"), none: t("edit.no_body"),
    find: async (words, signal) => (await findBodies(words, signal, asOf())).items
      .map((/** @type {any} */ one) => ({ id: one.organization_id, name: one.name, where: one.superior })) });
}

/**
 * One thing out of many, found by what is typed.
 * @param {string} id @param {() => void} changed
 * @param {{find: (words: string, signal: AbortSignal) => Promise<Array<{id: number, name: string, where?: string | null}>>, none: string, label?: string, hint?: string}} asked `none`: said where nothing is found
 * @returns {Field & {isSettled: () => boolean}} whether what stands there is what `read` tells
 */
export function lookUp(id, changed, { find, none, label, hint }) {
  const control = /** @type {HTMLInputElement} */ (h("input.form-control", { id, type: "text", role: "combobox", autocomplete: "off",
    "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
    "aria-label": label ?? null, placeholder: hint ?? null }));
  const list = h("ul.search-results", { id: `${id}-list`, role: "listbox", hidden: true });
  /** @type {{id: number | null, name: string}} */
  let chosen = { id: null, name: "" };
  /** @type {any[]} */
  let found = [];
  let active = -1;
  let timer = 0;
  let asking = new AbortController();
  /** What is shown was found for this. */
  let answered = "";
  const close = () => { list.hidden = true; active = -1; control.setAttribute("aria-expanded", "false"); control.removeAttribute("aria-activedescendant"); };
  const mark = (/** @type {number} */ at) => {
    active = at;
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    if (at >= 0) control.setAttribute("aria-activedescendant", `${id}-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const take = (/** @type {number} */ at) => {
    if (!found[at]) return;
    chosen = { id: found[at].id, name: found[at].name };
    control.value = chosen.name;
    close();
    changed();
  };
  const open = () => {
    list.replaceChildren(...found.map((one, at) => h("li", { role: "option", id: `${id}-${at}`, "aria-selected": "false",
      onmousedown: (/** @type {Event} */ event) => { event.preventDefault(); take(at); } },
      h("span.found-name", null, one.name), one.where ? h("span.found-where", null, one.where) : null)));
    if (!found.length) list.append(h("li.search-note", { role: "presentation" }, none));
    list.hidden = false;
    control.setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
    list.scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    asking.abort();
    asking = new AbortController();
    if (!control.value.trim()) return close();
    try {
      const words = control.value.trim();
      found = await find(words, asking.signal);
      answered = words;
      if (document.activeElement === control) open();
    } catch {
      close();
    }
  };
  control.addEventListener("input", () => { clearTimeout(timer); timer = window.setTimeout(ask, WAIT_MS); changed(); });
  // What names nothing is not left standing as if it did.
  control.addEventListener("blur", () => window.setTimeout(() => {
    if (!control.isConnected) return;
    close();
    if (!control.value.trim()) chosen = { id: null, name: "" };
    if (control.value === chosen.name) return; // a refusal that came meanwhile stays
    control.value = chosen.name;
    changed();
  }, 120));
  control.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void ask();
      mark((active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      // Who is quicker than the answer means what he wrote, not what was found for less of it.
      if (control.value.trim() === answered) take(Math.max(0, active));
      else { clearTimeout(timer); void ask().then(() => { if (control.value.trim() === answered && !list.hidden) take(Math.max(0, active)); }); }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  return { element: h("div.body-field", null, control, list), control,
    read: () => (control.value.trim() ? chosen.id : null), isSettled: () => !control.value.trim() || control.value === chosen.name,
    write: (value, shown) => { chosen = { id: value ?? null, name: shown ?? "" }; control.value = chosen.name; } };
}
