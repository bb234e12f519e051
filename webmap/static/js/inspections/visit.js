// @ts-check
/** Each item is kept as soon as it is said, so that a telephone that goes out loses nothing. */
import { Problem, send } from "../campaigns/send.js";

/** @param {HTMLFormElement} form @param {string} kind @param {string | null} text */
function show(form, kind, text) {
  const box = form.querySelector(`.form-${kind}`);
  if (!(box instanceof HTMLElement)) return;
  if (text !== null && kind === "problem") box.textContent = text;
  box.hidden = text === null;
}

/** What waits to be sent, by form: one after the other, so that each is of the version before it. @type {WeakMap<HTMLFormElement, Promise<void>>} */
const waiting = new WeakMap();

/** What is kept is no longer something that is only written. @param {HTMLFormElement} form */
function settle(form) {
  for (const one of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input:not([type=hidden])"))) {
    if (one.type === "radio") one.defaultChecked = one.checked;
    else one.defaultValue = one.value;
  }
}

/** @param {HTMLFormElement} form */
async function keep(form) {
  const values = Object.fromEntries(new FormData(form).entries());
  // Nothing is kept of an item before it is said what was found.
  if (!values.answer) return;
  show(form, "said", null);
  show(form, "problem", null);
  form.dataset.sending = "";
  try {
    const answer = await send(form.dataset.save ?? "", values);
    const version = form.elements.namedItem("version");
    if (version instanceof HTMLInputElement) version.value = String(answer.version);
    // What was written while it was on its way has a change of its own.
    if (isAs(form, values)) settle(form);
    show(form, "said", "");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(form, "problem", error.message);
  } finally {
    delete form.dataset.sending;
  }
}

/** Whether a form still says what was sent, but for the version. @param {HTMLFormElement} form @param {Record<string, unknown>} sent */
function isAs(form, sent) {
  return [...new FormData(form).entries()].every(([name, value]) => name === "version" || value === sent[name]);
}

/** The form of an item, which may have been put in anew since the page came. @param {Event} event */
const itemOf = (event) => /** @type {HTMLFormElement | null} */ (/** @type {Element} */ (event.target).closest("form[data-save]"));

document.addEventListener("change", (event) => {
  const item = itemOf(event);
  if (!item) return;
  const before = waiting.get(item) ?? Promise.resolve();
  waiting.set(item, before.then(() => keep(item)));
});
document.addEventListener("submit", (event) => {
  if (itemOf(event)) event.preventDefault();
});
