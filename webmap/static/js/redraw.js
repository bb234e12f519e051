// @ts-check
/** The form that gives a place another shape: drawn, asked about what is odd, saved with its grounds. */
import { fetchForm, saveShape } from "./api.js";
import { complain, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm } from "./forms.js";
import { byId, h } from "./dom.js";
import { t } from "./i18n.js";
import { flyTo, isInView } from "./map.js";
import { shapeBox } from "./shape_box.js";

const POINTS = ["metering_point", "housing_unit"];

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done called with the answer, or null when given up */
export async function openRedraw(place, done) {
  let base = await fetchForm(place.place_id);
  /** @type {string[]} */
  let confirmed = [];
  let isOpen = true;
  const isPoint = POINTS.includes(place.kind) || base.geometry?.type === "Point" && !place.children?.length && place.kind !== "site" && place.kind !== "building";
  const box = shapeBox({ geometry: base.geometry, isPoint, changed: () => { confirmed = []; settle(); } });
  const settle = () => { byId("edit-problem").replaceChildren(); saveButton(t("edit.save")); };
  formOpened(() => { isOpen = false; box.close(); });
  const leave = (/** @type {any} */ answer) => { forgetForm(); done(answer); };
  const parts = h("label.refine-invert", null, h("input.form-check-input", { type: "checkbox", id: "shape-parts", checked: true }), t("shape.parts"));
  showForm({
    title: t("shape.redraw", { name: place.name || place.code }), place, save, cancel: () => leave(null),
    parts: [box.element, place.children?.length ? parts : null, groundsBox(base.holds_since ? t("shape.day_hint_since", { since: base.holds_since }) : t("shape.day_hint"))],
  });
  if (!isInView(place.extent)) flyTo(place);
  document.getElementById(base.geometry ? "shape-corners" : "shape-outline")?.focus();

  async function save() {
    if (!box.read()) return complain([t("shape.nothing")]);
    saveButton(null);
    try {
      const withParts = /** @type {HTMLInputElement | null} */ (document.getElementById("shape-parts"))?.checked ?? false;
      const answer = await saveShape(place.place_id, { version: base.version, geometry: box.read(),
        moves_parts: box.isMoved() && withParts, confirmed, ...readGrounds() });
      if (isOpen) leave(answer);
    } catch (error) {
      if (!isOpen) return;
      saveButton(t("edit.save"));
      const said = /** @type {any} */ (error).document ?? {};
      if (said.doubts) askAbout(said.doubts);
      else if (said.current) await showBoth(/** @type {Error} */ (error).message);
      else complain([/** @type {Error} */ (error).message]);
    }
  }

  /** @param {Array<{name: string, text: string}>} doubts */
  function askAbout(doubts) {
    confirmed = doubts.map((one) => one.name);
    complain(doubts.map((one) => one.text));
    saveButton(t("shape.confirm"));
    byId("edit-save").focus();
  }

  /** Somebody was first: his shape is drawn beside one's own. @param {string} words */
  async function showBoth(words) {
    base = await fetchForm(place.place_id);
    box.show(base.geometry);
    complain([`${words}${t("shape.both")}`]);
    byId("edit-problem").append(h("button.link", { type: "button", id: "shape-theirs", onclick: () => { box.use(base.geometry); } }, t("shape.take_theirs")));
    saveButton(t("edit.save_mine"));
  }
}
