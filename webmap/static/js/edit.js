// @ts-check
/** The form on the place card: correct values with reason and document; who comes second sees both versions. */
import { fetchForm, saveForm } from "./api.js";
import { byId, h } from "./dom.js";
import { makeField } from "./fields.js";
import { complain, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm, writeGrounds } from "./forms.js";
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

/** @param {any} which answer of /api/places/{id} @param {(saved: any) => void} done called with the answer, or null when given up */
export async function openForm(which, done) {
  const answer = await fetchForm(which.place_id);
  formOpened(() => (place = null));
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
  for (const [name, one] of Object.entries(draft.values)) fields.get(name)?.write(one[0], one[1]);
  writeGrounds(draft.grounds);
}

function draw() {
  fields = new Map(base.fields.map((/** @type {any} */ field) => [field.name, makeField(field, `edit-of-${field.name}`, mark)]));
  const hint = base.holds_since ? t("edit.day_hint_since", { since: base.holds_since }) : t("edit.day_hint");
  showForm({ title: t("edit.title", { name: place.name || place.code }), place, save, cancel: giveUp,
    parts: [h("div.edit-fields", null, ...base.fields.map(line)), groundsBox(hint, keepDraft)] });
  for (const [name, field] of fields) field.write(base.values[name], base.shown[name]);
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
  const grounds = readGrounds();
  if (!changed.length && !Object.values(grounds).some(Boolean)) return void drafts.delete(place.place_id);
  drafts.set(place.place_id, {
    values: Object.fromEntries(changed.map((name) => {
      const field = /** @type {import("./fields.js").Field} */ (fields.get(name));
      return [name, [field.read(), /** @type {HTMLInputElement} */ (field.control).value]];
    })),
    grounds,
  });
}

/** What differs from what stands. */
function values() {
  return Object.fromEntries([...fields].map(([name, field]) => /** @type {[string, any]} */ ([name, field.read()]))
    .filter(([name, value]) => value !== base.values[name]));
}

function giveUp() {
  drafts.delete(place.place_id);
  forgetForm();
  leave(null);
}

async function save() {
  const which = place;
  saveButton(null);
  try {
    const answer = await saveForm(which.place_id, { version: base.version, values: values(), ...readGrounds() });
    drafts.delete(which.place_id);
    if (place !== which) return;
    forgetForm();
    leave(answer);
  } catch (error) {
    if (place !== which) return;
    saveButton(t("edit.save"));
    const current = /** @type {any} */ (error).document?.current;
    if (current) showBoth(/** @type {Error} */ (error).message, current);
    else complain([/** @type {Error} */ (error).message]);
  }
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
  complain([`${words}${t("edit.both")}`]);
  saveButton(t("edit.save_mine"));
  mark();
}
