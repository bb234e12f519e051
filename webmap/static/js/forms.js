// @ts-check
/** What every form on the card has: that it is open, its reason, document and day, what it complains of. */
import { byId, h, icon } from "./dom.js";
import { t } from "./i18n.js";

/** @type {(() => void) | null} */
let closing = null;

/** Whether a form stands where the card was. */
export const isEditing = () => closing !== null;

/** A form opened. @param {() => void} close lets go of what it holds on the map */
export function formOpened(close) {
  forgetForm();
  closing = close;
}

/** The card takes the form's place. */
export function forgetForm() {
  const close = closing;
  closing = null;
  close?.();
}

const GROUNDS = ["reason", "document", "effective_on"];

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement} */ (byId(`edit-${name}`));

/** What was written as grounds. @returns {Record<string, string>} */
export const readGrounds = () => Object.fromEntries(GROUNDS.map((name) => [name, input(name).value.trim()]));

/** @param {Record<string, string>} said */
export const writeGrounds = (said) => GROUNDS.forEach((name) => (input(name).value = said[name] ?? ""));

/**
 * Reason, document and day, as every edit asks for them.
 * @param {string | null} hint what the day means here; null asks for none
 * @param {() => void} [changed]
 * @param {string} [day] what the day is called
 */
export function groundsBox(hint, changed = () => {}, day = t("edit.effective_on")) {
  return h("fieldset.edit-grounds", null,
    h("legend", null, t("edit.grounds")),
    h("div.edit-line", null, h("label", { for: "edit-reason" }, t("edit.reason"), h("span.needed", { "aria-hidden": "true" }, " *")),
      h("textarea.form-control", { id: "edit-reason", rows: 2, maxlength: 500, required: true, oninput: changed })),
    h("div.edit-line", null, h("label", { for: "edit-document" }, t("edit.document")),
      h("input.form-control", { id: "edit-document", type: "text", maxlength: 200, autocomplete: "off", oninput: changed })),
    h("div.edit-line", { hidden: hint === null }, h("label", { for: "edit-effective_on" }, day),
      h("div.edit-control", null,
        h("input.form-control", { id: "edit-effective_on", type: "text", inputmode: "numeric", maxlength: 10, placeholder: t("edit.day_form"), autocomplete: "off",
          "aria-describedby": "edit-day-hint", oninput: changed }),
        h("p.hint", { id: "edit-day-hint" }, hint))));
}

/**
 * A form on the card: its head, what it asks, save and cancel.
 * @param {{title: string, place: any, parts: Array<Node | null>, save: () => void, cancel: () => void, button?: string}} form
 */
export function showForm({ title, place, parts, save, cancel, button = t("edit.save") }) {
  byId("place").replaceChildren(h("form.edit-form", { novalidate: true,
    onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); trySave(save); },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); trySave(save); }
    } },
    h("header.card-head", null, h("h2", null, title),
      place ? h("p.card-kind", null, h("span.badge", null, place.kind_title), place.code ? h("code", null, place.code) : null) : null),
    h("div", { id: "edit-problem", role: "alert" }),
    ...parts,
    h("div.edit-buttons", null,
      h("button.btn.btn-primary", { type: "submit", id: "edit-save" }, icon("save"), button),
      h("button.btn", { type: "button", id: "edit-cancel", onclick: cancel }, t("edit.cancel")))));
  byId("place").scrollTop = 0;
}

/** Without a reason nothing is sent. @param {() => void} save */
function trySave(save) {
  if (/** @type {HTMLButtonElement} */ (byId("edit-save")).disabled) return; // it is on its way
  if (!input("reason").value.trim()) return complain([t("edit.reason_needed")], "edit-reason");
  save();
}

/** @param {string[]} words @param {string} [focus] */
export function complain(words, focus) {
  byId("edit-problem").replaceChildren(...words.map((one) => h("p.not-located", null, one)));
  if (focus) byId(focus).focus();
  else byId("place").scrollTop = 0;
}

/** What the button that saves says and whether it can be pressed. @param {string | null} words null while it saves */
export function saveButton(words) {
  const button = /** @type {HTMLButtonElement} */ (byId("edit-save"));
  button.disabled = words === null;
  if (words !== null) button.replaceChildren(icon("save"), words);
}

/**
 * Says why a save was refused, and offers to confirm what is odd, or to overwrite what somebody else saved.
 * @param {any} error @param {string} button what the button said @param {string} again what it says after somebody was first
 * @returns {{confirmed: string[], version: string | undefined}} names of the doubts to send along, and the version that stands now
 */
export function explainRefusal(error, button, again = button) {
  const said = error.document ?? {};
  const doubts = said.doubts ?? [];
  complain(doubts.length ? doubts.map((/** @type {any} */ one) => one.text) : [error.message]);
  saveButton(doubts.length ? t("shape.confirm") : said.current ? again : button);
  return { confirmed: doubts.map((/** @type {any} */ one) => one.name), version: said.current?.version };
}

/**
 * Saves an entry of a list. Where somebody was first, what stands now is shown, and can be overwritten knowingly.
 * @param {{entry: any, send: () => Promise<any>, refetch: () => Promise<any>, shown: (now: any) => Node, leave: (saved: any) => void, isOpen: () => boolean}} ways
 *   `entry` is what is corrected, with the `version` that was seen, or null for a new one
 */
export async function saveEntry({ entry, send, refetch, shown, leave, isOpen }) {
  saveButton(null);
  try {
    const saved = await send();
    if (isOpen()) leave(saved);
  } catch (error) {
    if (!isOpen()) return;
    complain([/** @type {Error} */ (error).message]);
    // Until it is known what stands now, a second press would be refused like the first.
    const now = entry && /** @type {any} */ (error).status === 409 ? await refetch().catch(() => null) : null;
    if (!isOpen()) return;
    saveButton(t("edit.save"));
    if (!now || now.version === entry.version) return;
    entry.version = now.version;
    byId("edit-problem").append(h("ul.rows.standing", null, shown(now)));
    saveButton(t("edit.save_mine"));
  }
}
