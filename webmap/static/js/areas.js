// @ts-check
/** Areas of a place: the list of those that are stated, and the form that adds or corrects one. */
import { fetchAreas, saveArea } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { choice } from "./fields.js";
import { forgetForm, formOpened, groundsBox, readGrounds, saveButton, saveEntry, showForm } from "./forms.js";
import { plain, t, unitText } from "./i18n.js";

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done called with the answer, or null when given up */
export async function openAreas(place, done) {
  const answer = await fetchAreas(place.place_id);
  let isOpen = true;
  formOpened(() => { isOpen = false; });
  const leave = (/** @type {any} */ saved) => { forgetForm(); done(saved); };
  const change = (/** @type {any} */ one) => openOne(place, answer, one, { leave, back: () => openAreas(place, done), isOpen: () => isOpen });
  byId("place").replaceChildren(
    h("header.card-head", null, h("h2", null, t("area.title", { name: place.name || place.code })),
      h("p.card-kind", null, h("span.badge", null, place.kind_title), place.code ? h("code", null, place.code) : null)),
    h("p.hint", null, t("area.hint")),
    answer.items.length ? h("ul.rows.stated-areas", null, ...answer.items.map((/** @type {any} */ one) => row(one, change)))
      : h("p.hint", null, t("area.none")),
    h("div.edit-buttons", null,
      h("button.btn.btn-primary", { type: "button", id: "area-add", onclick: () => change(null) }, icon("plus"), t("area.add")),
      h("button.btn", { type: "button", id: "edit-cancel", onclick: () => leave(null) }, t("edit.cancel"))));
  byId("place").scrollTop = 0;
  byId("area-add").focus();
}

/** @param {any} one @param {((one: any) => void) | null} change what an outline encloses is not stated: it has none */
function row(one, change) {
  const isStated = one.source !== "polygon";
  return h("li", null, h("span.row-label", null, one.area_kind_title),
    h("span.row-main", null, `${plain(one.area_m2, "m2")} ${unitText("m2")}`, " ",
      change && isStated ? h("button.link", { type: "button", "data-area": one.area_id, onclick: () => change(one) }, t("area.change")) : null),
    h("span.row-note", null, [one.source_title, one.measured_on].filter(Boolean).join(" · ")));
}

/**
 * @param {any} place @param {any} answer of the list @param {any} one the area, or null for a new one
 * @param {{leave: (saved: any) => void, back: () => void, isOpen: () => boolean}} ways
 */
function openOne(place, answer, one, { leave, back, isOpen }) {
  const entry = one && { ...one };
  const settle = () => { byId("edit-problem").replaceChildren(); saveButton(t("edit.save")); };
  const listed = (/** @type {any[]} */ items) => items.map((it) => /** @type {[any, string]} */ ([it.value, it.title]));
  const kind = choice("area-kind", listed(answer.kinds), settle);
  const source = choice("area-source", listed(answer.sources), settle);
  for (const it of [kind, source]) it.control.querySelector('option[value=""]')?.remove();
  const text = (/** @type {string} */ id, /** @type {any} */ value, /** @type {Record<string, any>} */ more) => /** @type {HTMLInputElement} */ (
    h("input.form-control", { id, type: "text", autocomplete: "off", value: value ?? "", oninput: settle, ...more }));
  const area = text("area-m2", one?.area_m2, { inputmode: "decimal" });
  const day = text("area-day", one?.measured_on, { inputmode: "numeric", maxlength: 10, placeholder: t("edit.day_form") });
  const field = (/** @type {string} */ id, /** @type {string} */ words, /** @type {Node} */ control) => h("div.edit-line", null, h("label", { for: id }, words), control);
  showForm({ title: t(one ? "area.change_title" : "area.new_title"), place, save, cancel: back,
    parts: [h("div.edit-fields", null, field("area-kind", t("area.kind"), kind.element), field("area-m2", t("area.m2"), area),
      field("area-source", t("area.source"), source.element), field("area-day", t("area.day"), day)), groundsBox(null)] });
  kind.write(one?.area_kind ?? answer.items[0]?.area_kind ?? "gross");
  source.write(one?.source ?? "survey");
  area.focus();

  function save() {
    return saveEntry({ entry, leave, isOpen, shown: (now) => row(now, null),
      refetch: async () => (await fetchAreas(place.place_id)).items.find((/** @type {any} */ it) => it.area_id === one.area_id),
      send: () => {
        const { reason, document } = readGrounds();
        return saveArea(place.place_id, one?.area_id ?? null, { version: entry?.version, area_kind: kind.read(), source: source.read(),
          area_m2: area.value.replaceAll(",", "").trim(), measured_on: day.value.trim(), reason, document });
      } });
  }
}
