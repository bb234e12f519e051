// @ts-check
/** Splitting a place by a line and merging it with neighbours: the old end, the new begin. */
import { divide, fetchDivisible, fetchForm } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { explainRefusal, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm } from "./forms.js";
import { count, plain, t, unitText } from "./i18n.js";
import { shapeBox } from "./shape_box.js";

/** The field by which a kind is called. @param {string} kind */
const nameField = (kind) => ({ room: "number", housing_unit: "number", floor: "label", section: "label", metering_point: "meter_number" })[kind] ?? "name";

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done */
export async function openSplit(place, done) {
  const [found, { version }] = await Promise.all([fetchDivisible(place.place_id), fetchForm(place.place_id)]);
  const box = found.is_shaped ? shapeBox({ geometry: null, isPoint: false, isLine: true, changed: () => form.settle() }) : null;
  const list = h("ol.split-parts", null);
  /** @type {Array<{name: HTMLInputElement, area: HTMLInputElement}>} */
  const parts = [];
  /** What is in it, and into which part it goes. @type {Array<{id: number, at: () => number, offer: (number: number) => void, element: HTMLElement}>} */
  const going = found.parts.map((/** @type {any} */ one) => goesInto(one, box !== null, () => form.settle()));
  const addPart = () => {
    const number = parts.length + 1;
    const text = (/** @type {string} */ id, /** @type {string} */ words, /** @type {Record<string, any>} */ more = {}) => /** @type {HTMLInputElement} */ (
      h("input.form-control", { id: `split-${id}-${number}`, type: "text", autocomplete: "off", placeholder: words, "aria-label": `${t("divide.part", { number })} ${words}`, oninput: () => form.settle(), ...more }));
    for (const one of going) one.offer(number);
    const part = { name: text("name", t("divide.part_name"), { maxlength: 200 }),
      area: text("area", found.area_kind ? t("divide.part_area", { kind: found.area_kind_title }) : t("holding.area"), { inputmode: "decimal" }) };
    parts.push(part);
    list.append(h("li.split-part", null, part.name, part.area));
    return part.name;
  };
  const form = dividing({ place, done, step: "split", box, version,
    title: t("divide.split_title", { name: place.name || place.code }), button: t("divide.split_button"),
    parts: [box?.element ?? null, h("h3.split-title", null, t("divide.parts")),
      found.area_m2 ? h("p.hint", null, `${found.area_kind_title} ${plain(found.area_m2, "m2")} ${unitText("m2")}`) : null, list,
      h("button.link", { type: "button", id: "split-more", onclick: () => addPart().focus() }, icon("plus"), t("divide.more")),
      going.length ? h("h3.split-title", null, t("divide.goes")) : null, going.length ? h("ul.split-goes", null, ...going.map((one) => one.element)) : null],
    read: () => ({ line: box?.read() ?? null, parts: parts.map((part, at) => ({ takes: going.filter((one) => one.at() === at + 1).map((one) => one.id),
      values: { [nameField(place.kind)]: part.name.value }, area_m2: part.area.value.replaceAll(",", "").trim() })) }) });
  addPart();
  addPart();
  (box ? byId("shape-outline") : byId("split-name-1")).focus();
}

/** Into which part something goes; what has a spot of its own may go where it lies. @param {any} one @param {boolean} hasLine @param {() => void} changed */
function goesInto(one, hasLine, changed) {
  const pick = /** @type {HTMLSelectElement} */ (h("select.form-select", { id: `goes-${one.place_id}`, onchange: changed },
    h("option", { value: "0" }, t(hasLine && one.is_located ? "divide.by_spot" : "divide.goes_where"))));
  return { id: one.place_id, at: () => Number(pick.value),
    offer: (/** @type {number} */ number) => pick.append(h("option", { value: String(number) }, t("divide.part", { number }))),
    element: h("li", null, h("label", { for: pick.id }, one.name, " ", h("span.faint", null, one.kind_title)), pick) };
}

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done */
export async function openMerge(place, done) {
  const [found, { version }] = await Promise.all([fetchDivisible(place.place_id), fetchForm(place.place_id)]);
  const boxes = found.siblings.map((/** @type {any} */ one) => ({ one, box: /** @type {HTMLInputElement} */ (
    h("input.form-check-input", { type: "checkbox", id: `merge-${one.place_id}`, onchange: () => form.settle() })) }));
  const name = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "merge-name", type: "text", maxlength: 200, autocomplete: "off", oninput: () => form.settle() }));
  const form = dividing({ place, done, step: "merge", box: null, version,
    title: t("divide.merge_title", { name: place.name || place.code }), button: t("divide.merge_button"),
    parts: [h("h3.split-title", null, t("divide.others")),
      boxes.length ? h("ul.merge-others", null, ...boxes.map((/** @type {any} */ { one, box }) =>
        h("li", null, h("label.refine-invert", { for: box.id }, box,
          h("span", null, one.name, " ", h("code.faint", null, one.code),
            one.distance_m === null ? null : h("small.faint", null, [one.address, t("divide.away", { metres: count(one.distance_m) })].filter(Boolean).join(" · ")))))))
        : h("p.hint", null, t("divide.none")),
      h("p.hint", null, t("divide.merge_parts")),
      h("div.edit-fields", null, h("div.edit-line", null, h("label", { for: "merge-name" }, t("divide.new_name")), name))],
    read: () => ({ others: boxes.filter((/** @type {any} */ it) => it.box.checked).map((/** @type {any} */ it) => it.one.place_id),
      values: name.value.trim() ? { [nameField(place.kind)]: name.value } : {} }) });
  (boxes[0]?.box ?? byId("edit-cancel")).focus();
}

/**
 * What both forms have: the day and its grounds, doubts, and the way back.
 * @param {{place: any, done: (saved: any) => void, step: "split" | "merge", box: any, version: string, title: string, button: string, parts: Array<Node | null>, read: () => Record<string, any>}} form
 */
function dividing({ place, done, step, box, version, title, button, parts, read }) {
  /** @type {string[]} */
  let confirmed = [];
  let isOpen = true;
  formOpened(() => { isOpen = false; box?.close(); });
  const leave = (/** @type {any} */ answer) => { forgetForm(); done(answer); };
  const settle = () => { confirmed = []; byId("edit-problem").replaceChildren(); saveButton(button); };
  const save = async () => {
    saveButton(null);
    try {
      const answer = await divide(place.place_id, step, { version, confirmed, ...read(), ...readGrounds() });
      if (isOpen) leave(answer);
    } catch (error) {
      if (!isOpen) return;
      const refused = explainRefusal(error, button);
      version = refused.version ?? version;
      confirmed = refused.confirmed;
    }
  };
  showForm({ title, place, save, cancel: () => leave(null), button, parts: [...parts, groundsBox(t("divide.day_hint"), settle, t("divide.day"))] });
  return { settle };
}
