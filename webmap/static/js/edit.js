// @ts-check
/** The form on the place card: correct values with reason and document; who comes second sees both versions. */
import { fetchForm, saveForm } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { makeField } from "./fields.js";
import { plain, t } from "./i18n.js";

/** What was typed and not saved, by place; it is there again when the form is opened anew. @type {Map<number, any>} */
const drafts = new Map();
/** @type {any} the place whose form is open */
let place = null;
/** @type {any} the answer of the server that the form starts from */
let base = null;
/** @type {Map<string, import("./fields.js").Field>} */
let fields = new Map();
/** @type {Record<string, any>} what another person wrote meanwhile, by field */
let theirs = {};
/** @type {(saved: any) => void} */
let leave = () => {};

/** Whether the form stands where the card was. */
export const isEditing = () => place !== null;

/** The card took the form's place. */
export const forgetForm = () => void (place = null);

/** @param {any} which answer of /api/places/{id} @param {(saved: any) => void} done called with the answer, or null when given up */
export async function openForm(which, done) {
  const answer = await fetchForm(which.place_id);
  place = which;
  base = answer;
  leave = done;
  theirs = {};
  const draft = drafts.get(place.place_id);
  draw();
  if (draft) restore(draft);
  mark();
  const first = [...fields.values()][0];
  first?.control.focus();
}

/** @param {any} draft */
function restore(draft) {
  for (const [name, one] of Object.entries(draft.values)) fields.get(name)?.write(.../** @type {any} */ (one));
  for (const name of GROUNDS) input(name).value = draft.grounds[name];
}

const GROUNDS = ["effective_on", "reason", "document"];

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement} */ (byId(`edit-${name}`));

function draw() {
  fields = new Map(base.fields.map((/** @type {any} */ field) => [field.name, makeField(field, `edit-of-${field.name}`, mark)]));
  byId("place").replaceChildren(h("form.edit-form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); save(); },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save(); }
    } },
    h("header.card-head", null,
      h("h2", null, t("edit.title", { name: place.name || place.code })),
      h("p.card-kind", null, h("span.badge", null, place.kind_title), place.code ? h("code", null, place.code) : null)),
    h("div", { id: "edit-problem", role: "alert" }),
    h("div.edit-fields", null, ...base.fields.map(line)),
    groundsBox(base.holds_since),
    h("div.edit-buttons", null,
      h("button.btn.btn-primary", { type: "submit", id: "edit-save" }, icon("save"), t("edit.save")),
      h("button.btn", { type: "button", id: "edit-cancel", onclick: giveUp }, t("edit.cancel")))));
  for (const [name, field] of fields) field.write(base.values[name], base.shown[name]);
  byId("place").scrollTop = 0;
}

/** @param {any} field */
function line(field) {
  const made = /** @type {import("./fields.js").Field} */ (fields.get(field.name));
  const isKept = base.protected.includes(field.name);
  return h("div.edit-line", { "data-field": field.name },
    h("label", { for: `edit-of-${field.name}` }, field.title, field.unit ? h("span.faint", null, ` ${t(`unit.${field.unit}`)}`) : null,
      isKept ? h("span.kept-mark", { title: t("edit.protected_hint") }, t("edit.protected")) : null),
    h("div.edit-control", null, made.element, h("div.theirs", { id: `edit-theirs-${field.name}` })));
}

/** Reason, document and day, as every edit asks for them. @param {string | null} since the day from which what stands is known to hold */
export function groundsBox(since) {
  return h("fieldset.edit-grounds", null,
    h("legend", null, t("edit.grounds")),
    h("div.edit-line", null, h("label", { for: "edit-reason" }, t("edit.reason"), h("span.needed", { "aria-hidden": "true" }, " *")),
      h("textarea.form-control", { id: "edit-reason", rows: 2, maxlength: 500, required: true, oninput: keepDraft })),
    h("div.edit-line", null, h("label", { for: "edit-document" }, t("edit.document")),
      h("input.form-control", { id: "edit-document", type: "text", maxlength: 200, autocomplete: "off", oninput: keepDraft })),
    h("div.edit-line", null, h("label", { for: "edit-effective_on" }, t("edit.effective_on")),
      h("div.edit-control", null,
        h("input.form-control", { id: "edit-effective_on", type: "text", inputmode: "numeric", maxlength: 10, placeholder: t("edit.day_form"), autocomplete: "off",
          "aria-describedby": "edit-day-hint", oninput: keepDraft }),
        h("p.hint", { id: "edit-day-hint" }, since ? t("edit.day_hint_since", { since }) : t("edit.day_hint")))));
}

/** Mark what differs from what stands, and keep it in mind. */
function mark() {
  for (const [name, field] of fields) {
    byId("place").querySelector(`[data-field="${name}"]`)?.classList.toggle("dirty", field.read() !== base.values[name]);
  }
  keepDraft();
}

function keepDraft() {
  if (!place || !document.getElementById("edit-reason")) return;
  const changed = Object.keys(values());
  if (!changed.length && !GROUNDS.some((name) => input(name).value)) return void drafts.delete(place.place_id);
  drafts.set(place.place_id, {
    values: Object.fromEntries(changed.map((name) => {
      const field = /** @type {import("./fields.js").Field} */ (fields.get(name));
      return [name, [field.read(), /** @type {HTMLInputElement} */ (field.control).value]];
    })),
    grounds: Object.fromEntries(GROUNDS.map((name) => [name, input(name).value])),
  });
}

/** What differs from what stands. */
function values() {
  return Object.fromEntries([...fields].map(([name, field]) => /** @type {[string, any]} */ ([name, field.read()]))
    .filter(([name, value]) => value !== base.values[name]));
}

function giveUp() {
  drafts.delete(place.place_id);
  const done = leave;
  place = null;
  done(null);
}

async function save() {
  const which = place;
  const button = /** @type {HTMLButtonElement} */ (byId("edit-save"));
  if (!input("reason").value.trim()) return complain(t("edit.reason_needed"), "edit-reason");
  button.disabled = true;
  try {
    const answer = await saveForm(which.place_id, { version: base.version, values: values(),
      ...Object.fromEntries(GROUNDS.map((name) => [name, input(name).value])) });
    drafts.delete(which.place_id);
    if (place !== which) return;
    place = null;
    leave(answer);
  } catch (error) {
    if (place !== which) return;
    button.disabled = false;
    const current = /** @type {any} */ (error).document?.current;
    if (current) showBoth(/** @type {Error} */ (error).message, current);
    else complain(/** @type {Error} */ (error).message);
  }
}

/** @param {string} words @param {string} [focus] */
function complain(words, focus) {
  byId("edit-problem").replaceChildren(h("p.not-located", null, words));
  if (focus) byId(focus).focus();
  else byId("place").scrollTop = 0;
}

/** Somebody was first: what stands now beside what was typed. @param {string} words @param {any} current */
function showBoth(words, current) {
  const before = base;
  const mine = values();
  const differ = base.fields.filter((/** @type {any} */ field) => current.values[field.name] !== before.values[field.name]);
  theirs = Object.fromEntries(differ.map((/** @type {any} */ field) => [field.name, current.shown[field.name]]));
  base = { ...base, ...current };
  for (const field of base.fields) {
    const made = /** @type {import("./fields.js").Field} */ (fields.get(field.name));
    const box = byId(`edit-theirs-${field.name}`);
    box.replaceChildren();
    if (!(field.name in theirs)) continue;
    const shown = plain(theirs[field.name]) || t("edit.not_stated");
    if (!(field.name in mine)) {
      made.write(current.values[field.name], current.shown[field.name]);
      box.append(h("p.hint", null, t("edit.theirs_taken", { value: plain(before.shown[field.name]) || t("edit.not_stated") })));
    } else {
      box.append(h("p", null, t("edit.theirs", { value: shown })), h("button.link", { type: "button", onclick: () => {
        made.write(current.values[field.name], current.shown[field.name]);
        box.replaceChildren();
        mark();
        made.control.focus();
      } }, t("edit.take_theirs")));
    }
  }
  complain(`${words}${t("edit.both")}`);
  byId("edit-save").replaceChildren(icon("save"), t("edit.save_mine"));
  /** @type {HTMLButtonElement} */ (byId("edit-save")).disabled = false;
  mark();
}
