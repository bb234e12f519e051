// @ts-check
/** Another parent: a building into another site, a room onto another floor, with all in it. */
import { fetchForm, fetchParents, movePlace } from "./api.js";
import { byId, h } from "./dom.js";
import { complain, explainRefusal, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm } from "./forms.js";
import { t } from "./i18n.js";

const WAIT_MS = 250;

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done called with the answer, or null when given up */
export async function openMove(place, done) {
  const [first, form] = await Promise.all([fetchParents(place.place_id, ""), fetchForm(place.place_id)]);
  let { version } = form;
  /** @type {number | null | undefined} undefined: nothing is chosen */
  let chosen;
  /** @type {string[]} */
  let confirmed = [];
  let isOpen = true;
  let asked = 0;
  let waiting = 0;
  formOpened(() => { isOpen = false; clearTimeout(waiting); });
  const leave = (/** @type {any} */ answer) => { forgetForm(); done(answer); };
  const settle = () => { confirmed = []; byId("edit-problem").replaceChildren(); saveButton(t("move.button")); };
  const list = h("ul.move-parents", { role: "radiogroup", "aria-label": t("move.to") });
  const find = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "move-find", type: "search", autocomplete: "off", placeholder: t("move.find"), "aria-label": t("move.find"),
    oninput: () => { clearTimeout(waiting); waiting = window.setTimeout(look, WAIT_MS); },
    onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") { event.preventDefault(); void look(); } } }));
  const option = (/** @type {number | null} */ id, /** @type {Array<Node | string>} */ words) => h("li", null, h("label.refine-invert", null,
    h("input.form-check-input", { type: "radio", name: "move-parent", id: `move-${id ?? "alone"}`, checked: chosen === id, onchange: () => { chosen = id; settle(); } }), ...words));
  const show = (/** @type {any} */ found) => {
    if (chosen !== undefined && chosen !== null && !found.items.some((/** @type {any} */ one) => one.place_id === chosen)) chosen = undefined;
    list.replaceChildren(
      ...(found.may_stand_alone ? [option(null, [t("move.alone")])] : []),
      ...found.items.map((/** @type {any} */ one) => option(one.place_id, [one.above ? `${one.above} · ${one.name}` : one.name, " ", h("span.badge", null, one.kind_title), " ", h("code.faint", null, one.code)])),
      ...(found.items.length ? [] : [h("li.hint", null, t("move.nothing_found"))]));
  };
  async function look() {
    const turn = ++asked;
    const found = await fetchParents(place.place_id, find.value.trim()).catch((error) => { complain([error.message]); return null; });
    if (found && turn === asked && isOpen) show(found);
  }
  const above = place.ancestors?.at(-1);
  showForm({ title: t("move.title", { name: place.name || place.code }), place, save, cancel: () => leave(null), button: t("move.button"),
    parts: [h("p.hint", null, `${t("move.now")}${t("colon")}${above ? `${above.name}（${above.kind_title}）` : t("move.none")}`),
      h("h3.split-title", null, t("move.to")), find, list, groundsBox(t("move.day_hint"), settle)] });
  show(first);
  find.focus();

  async function save() {
    if (chosen === undefined) return complain([t("move.choose")], "move-find");
    saveButton(null);
    try {
      const answer = await movePlace(place.place_id, { version, confirmed, parent_id: chosen, ...readGrounds() });
      if (isOpen) leave(answer);
    } catch (error) {
      if (!isOpen) return;
      const refused = explainRefusal(error, t("move.button"), t("edit.save_mine"));
      version = refused.version ?? version;
      confirmed = refused.confirmed;
    }
  }
}
