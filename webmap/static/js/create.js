// @ts-check
/** The form that makes a place: its kind, its values, drawn or not. */
import { fetchNewForm, makePlace } from "./api.js";
import { byId, h } from "./dom.js";
import { makeField } from "./fields.js";
import { complain, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm } from "./forms.js";
import { t } from "./i18n.js";
import { shapeBox } from "./shape_box.js";
import { state } from "./state.js";

/** @param {any} parent answer of /api/places/{id}, or null for a property of its own @param {(made: any) => void} done called with the answer, or null when given up */
export async function openCreate(parent, done) {
  const { kinds } = await fetchNewForm(parent?.place_id ?? null);
  if (!kinds.length) return done(null);
  let kind = kinds.find((/** @type {any} */ one) => one.kind === usual(parent)) ?? kinds[0];
  /** @type {string[]} */
  let confirmed = [];
  let isOpen = true;
  /** @type {Map<string, import("./fields.js").Field>} */
  let fields = new Map();
  const settle = () => { confirmed = []; byId("edit-problem").replaceChildren(); saveButton(t("edit.save")); };
  const box = shapeBox({ geometry: null, isPoint: kind.is_point, changed: settle });
  formOpened(() => { isOpen = false; box.close(); });
  const leave = (/** @type {any} */ answer) => { forgetForm(); done(answer); };
  const list = h("div.edit-fields", { id: "create-fields" });
  const choose = h("select.form-select", { id: "create-kind", onchange: (/** @type {any} */ event) => {
    kind = kinds.find((/** @type {any} */ one) => one.kind === event.target.value);
    box.setPoint(kind.is_point);
    fill();
  } }, ...kinds.map((/** @type {any} */ one) => h("option", { value: one.kind }, one.title)));
  /** @type {any} */ (choose).value = kind.kind;

  function fill() {
    // The day from which it exists stands with the grounds.
    const asked = kind.fields.filter((/** @type {any} */ field) => field.name !== "valid_from");
    fields = new Map(asked.map((/** @type {any} */ field) => [field.name, makeField(field, `edit-of-${field.name}`, settle)]));
    list.replaceChildren(...asked.map((/** @type {any} */ field) => h("div.edit-line", { "data-field": field.name },
      h("label", { for: `edit-of-${field.name}` }, field.title, field.unit ? h("span.faint", null, ` ${t(`unit.${field.unit}`)}`) : null),
      /** @type {import("./fields.js").Field} */ (fields.get(field.name)).element)));
    if (parent?.steward) fields.get("steward_id")?.write(parent.steward.organization_id, parent.steward.name);
    if (state.floor !== null) fields.get("floor_level")?.write(state.floor);
  }
  showForm({
    title: parent ? t("create.under", { name: parent.name || parent.code }) : t("create.title"), place: null, save, cancel: () => leave(null),
    parts: [h("div.edit-line.create-kind", null, h("label", { for: "create-kind" }, t("create.kind")), choose), box.element, list, groundsBox(t("create.day_hint"))],
  });
  fill();
  choose.focus();

  async function save() {
    saveButton(null);
    try {
      const values = Object.fromEntries([...fields].map(([name, field]) => [name, field.read()]).filter(([, value]) => value !== null));
      const answer = await makePlace({ kind: kind.kind, parent_id: parent?.place_id ?? null, values, geometry: box.read(), confirmed, ...readGrounds() });
      if (isOpen) leave(answer);
    } catch (error) {
      if (!isOpen) return;
      saveButton(t("edit.save"));
      const doubts = /** @type {any} */ (error).document?.doubts;
      if (!doubts) return complain([/** @type {Error} */ (error).message]);
      confirmed = doubts.map((/** @type {any} */ one) => one.name);
      complain(doubts.map((/** @type {any} */ one) => one.text));
      saveButton(t("shape.confirm"));
      byId("edit-save").focus();
    }
  }
}

/** What is most often made under a kind. @param {any} parent */
const usual = (parent) => ({ site: "building", building: "floor", section: "floor", floor: "room" })[/** @type {string} */ (parent?.kind)] ?? "site";
