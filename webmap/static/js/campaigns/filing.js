// @ts-check
/** The form of a filing: what was changed, saved in one go; nothing written is ever thrown away. */
import { t } from "../i18n.js";
import { Problem, send } from "./send.js";

const filing = document.getElementById("filing");
const button = document.getElementById("save");
const problem = document.getElementById("save-problem");
const again = document.getElementById("save-anyway");
const KEPT = `filing ${window.location.pathname}`;
const CONFLICT = 409;

/** @type {Map<Element, string>} what each control held as it was served */
const first = new Map();
let newRows = 0;

const controls = () =>
  [...document.querySelectorAll("#filing [data-field], #filing [data-people], #filing [data-remove]")].filter(
    (one) => !one.closest(".remark-form"),
  );

/** @param {Element} one */
const valueOf = (one) =>
  one instanceof HTMLInputElement && one.type === "checkbox"
    ? String(one.checked)
    : /** @type {HTMLInputElement} */ (one).value;

/** As the server sent it: somebody may have typed before this script came. @param {Element} one */
function servedValue(one) {
  if (one instanceof HTMLSelectElement) {
    return ([...one.options].find((option) => option.defaultSelected) ?? one.options[0])?.value ?? "";
  }
  const field = /** @type {HTMLInputElement} */ (one);
  return field.type === "checkbox" ? String(field.defaultChecked) : field.defaultValue;
}

/** Everything that is not as it came. */
function changes() {
  /** @type {{cells: any, removed: any, people: any, explanations: any, count: number}} */
  const found = { cells: {}, removed: {}, people: {}, explanations: {}, count: 0 };
  for (const one of controls()) {
    const { row, field, people, remove, explain } = /** @type {HTMLElement} */ (one).dataset;
    const value = valueOf(one);
    if (value === (first.get(one) ?? "")) continue;
    found.count += 1;
    if (explain) (found.explanations[explain] ??= {})[field ?? ""] = value;
    else if (people) found.people[people] = value;
    else if (remove) found.removed[remove] = value === "true";
    else if (row) (found.cells[row] ??= {})[field ?? ""] = value;
  }
  return found;
}

function look() {
  const { count } = changes();
  filing?.classList.toggle("dirty", count > 0);
  /** @type {HTMLButtonElement} */ (button).disabled = count === 0;
  const line = document.getElementById("unsaved");
  if (line) line.textContent = count ? t("unsaved", { count }) : t("saved");
  for (const one of controls()) one.classList.toggle("changed", valueOf(one) !== (first.get(one) ?? ""));
}

/** Until the answer is there nothing can be changed or sent again: what is typed meanwhile would be lost. @param {boolean} isSaving */
function rest(isSaving) {
  if (!filing) return;
  filing.inert = isSaving;
  filing.setAttribute("aria-busy", String(isSaving));
  /** @type {HTMLButtonElement} */ (button).disabled = isSaving;
}

async function save() {
  const found = changes();
  if (!filing || !found.count || filing.inert) return;
  if (problem) problem.hidden = true;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  rest(true);
  try {
    await send(filing.dataset.save ?? "", { version: filing.dataset.version, ...found });
    sessionStorage.removeItem(KEPT);
    first.clear();
    window.location.reload();
  } catch (error) {
    rest(false);
    focused?.focus();
    if (!(error instanceof Problem) || !problem) throw error;
    problem.textContent = error.message;
    problem.hidden = false;
    if (again) again.hidden = error.status !== CONFLICT;
  }
}

/** Somebody else came first: show what stands now, with what was written here still in the fields. */
function reloadAndKeep() {
  sessionStorage.setItem(KEPT, JSON.stringify(changes()));
  first.clear();
  window.location.reload();
}

/** Put back what was written before the page was loaded anew. */
function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (!kept) return;
  for (const row of Object.keys(kept.cells)) if (Number(row) < 0) addRow(-Number(row));
  for (const one of controls()) {
    const { row, field, people, remove, explain } = /** @type {HTMLElement} */ (one).dataset;
    const value = explain ? kept.explanations[explain]?.[field ?? ""]
      : people ? kept.people[people]
      : remove ? kept.removed[remove]
      : kept.cells[row ?? ""]?.[field ?? ""];
    if (value === undefined) continue;
    if (one instanceof HTMLInputElement && one.type === "checkbox") one.checked = Boolean(value);
    else /** @type {HTMLInputElement} */ (one).value = value;
  }
}

/** A property the register does not know yet; its row is below zero until it is saved. @param {number} [number] that it had before */
function addRow(number = newRows + 1) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("new-row"));
  if (!template) return;
  newRows = Math.max(newRows, number);
  const row = /** @type {HTMLElement} */ (template.content.cloneNode(true).firstChild);
  for (const one of row.querySelectorAll("[data-field]")) one.setAttribute("data-row", String(-number));
  row.querySelector("[data-drop]")?.addEventListener("click", () => {
    row.remove();
    look();
  });
  template.before(row);
  row.querySelector("input")?.focus();
}

if (button) {
  for (const one of controls()) first.set(one, servedValue(one));
  putBack();
  look();
  filing?.addEventListener("input", look);
  filing?.addEventListener("change", look);
  button.addEventListener("click", save);
  again?.addEventListener("click", reloadAndKeep);
  document.getElementById("add-row")?.addEventListener("click", () => addRow());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      save();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (first.size && changes().count) event.preventDefault();
  });
}
