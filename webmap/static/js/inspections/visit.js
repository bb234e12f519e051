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

/** @param {HTMLFormElement} form */
async function keep(form) {
  const values = Object.fromEntries(new FormData(form).entries());
  // Nothing is kept of an item before it is said what was found.
  if (!values.answer) return;
  show(form, "said", null);
  show(form, "problem", null);
  try {
    const answer = await send(form.dataset.save ?? "", values);
    const version = form.elements.namedItem("version");
    if (version instanceof HTMLInputElement) version.value = String(answer.version);
    show(form, "said", "");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(form, "problem", error.message);
  }
}

for (const form of document.querySelectorAll("form[data-save]")) {
  const item = /** @type {HTMLFormElement} */ (form);
  item.addEventListener("change", () => {
    const before = waiting.get(item) ?? Promise.resolve();
    waiting.set(item, before.then(() => keep(item)));
  });
  item.addEventListener("submit", (event) => event.preventDefault());
}
