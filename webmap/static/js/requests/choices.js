// @ts-check
/** Bodies and places of these forms, found by what people call them; their own numbers are sent. */
import { call, fetchRooms, query } from "../api.js";
import { h } from "../dom.js";
import { body, lookUp } from "../fields.js";
import { plain, t, unitText } from "../i18n.js";

const MOST_HITS = 12;

/** @param {any} room */
const where = (room) => [room.building, room.floor, room.name].filter(Boolean).join(" ");
/** Where its name does not say it. @param {any} room */
const codeOf = (room) => (where(room).includes(room.code) ? "" : room.code);
/** @param {any} room */
const whose = (room) => room.holdings.flatMap((/** @type {any} */ one) => one.holders.map((/** @type {any} */ who) => who.name)).join(t("comma"));
/** @param {any} room */
const areaOf = (room) => (room.area_m2 === null ? "" : `${plain(room.area_m2, "m2")} ${unitText("m2")}`);

/** Places of a kind by name, number or code. @param {string} kind */
const places = (kind) => async (/** @type {string} */ words, /** @type {AbortSignal} */ signal) => {
  const { items } = await call(`/api/search${query({ q: words, limit: 50 })}`, { signal });
  const hits = items.filter((/** @type {any} */ one) => one.type === "place" && one.kind === kind).slice(0, MOST_HITS);
  if (kind !== "room" || !hits.length) return hits.map((/** @type {any} */ one) => ({ id: one.place_id, name: one.name, where: [one.code, one.address].filter(Boolean).join(" · ") }));
  const { items: rooms } = await fetchRooms({ rooms: hits.map((/** @type {any} */ one) => one.place_id).join(",") });
  return rooms.map((/** @type {any} */ one) => ({ id: one.place_id, name: where(one), where: [codeOf(one), whose(one) || t("rooms.vacant"), areaOf(one)].filter(Boolean).join(" · ") }));
};

/**
 * A field that finds, in place of an element with `data-find` (body, room or building); its number goes with the form.
 * @param {HTMLElement} slot with the name of the field, and what stands there at first @param {() => void} [changed]
 * @returns {{read: () => number | null}}
 */
export function choice(slot, changed = () => {}) {
  const { find: kind = "body", name = "", value, shown } = slot.dataset;
  const sent = /** @type {HTMLInputElement} */ (h("input", { type: "hidden", name, value: value ?? "" }));
  let was = value ?? "";
  const settle = () => {
    sent.value = String(field.read() ?? "");
    if (sent.value !== was) { was = sent.value; changed(); }
  };
  const id = slot.dataset.id ?? `choice-${name}`;
  const field = kind === "body" ? body(id, settle)
    : lookUp(id, settle, { find: places(kind), none: t("requests.none_found"), hint: t(`requests.find_${kind}`) });
  // Its own words alone: what is found stands in the label too.
  field.control.setAttribute("aria-label", slot.closest("label")?.firstChild?.textContent?.trim() ?? "");
  if ("required" in slot.dataset) field.control.setAttribute("required", "");
  if (value) field.write(Number(value), shown);
  slot.replaceChildren(field.element, sent);
  return { read: () => (sent.value ? Number(sent.value) : null) };
}

/**
 * The rooms of a body, several of which are chosen; their numbers go with the form.
 * @param {HTMLElement} slot with the name of the field and, with commas, the numbers chosen at first
 * @returns {(bodyId: number | null) => Promise<void>} shows those of another body
 */
export function roomsOfBody(slot) {
  const { name = "rooms", value = "" } = slot.dataset;
  const chosen = new Set(value.split(",").filter(Boolean).map(Number));
  const sent = /** @type {HTMLInputElement} */ (h("input", { type: "hidden", name, value }));
  const note = h("p.hint", { role: "status" });
  const rows = h("div.room-choices", { role: "group", "aria-label": slot.dataset.label ?? "" });
  const filter = /** @type {HTMLInputElement} */ (h("input.form-control", { type: "search", maxlength: 60, autocomplete: "off", placeholder: t("requests.filter_rooms"), "aria-label": t("requests.filter_rooms"),
    oninput: () => show(), onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") event.preventDefault(); } }));
  /** @type {any[]} */
  let rooms = [];
  /** @type {number | null} */
  let asked = null;
  let total = 0;
  const settle = () => {
    sent.value = [...chosen].join(",");
    note.textContent = asked === null ? t("requests.body_first") : !rooms.length ? t("requests.body_has_none")
      : [t("requests.chosen_of", { count: chosen.size, total }), total > rooms.length ? t("requests.first_listed", { count: rooms.length }) : ""].filter(Boolean).join(" ");
  };
  const show = () => {
    const words = filter.value.trim().toLowerCase();
    rows.replaceChildren(...rooms.filter((one) => !words || `${where(one)} ${one.code}`.toLowerCase().includes(words)).map((one) => h("label", null,
      h("input.form-check-input", { type: "checkbox", checked: chosen.has(one.place_id), onchange: (/** @type {Event} */ event) => {
        if (/** @type {HTMLInputElement} */ (event.target).checked) chosen.add(one.place_id);
        else chosen.delete(one.place_id);
        settle();
      } }), ` ${where(one)} `, h("span.faint", null, [codeOf(one), areaOf(one)].filter(Boolean).join(" · ")))));
    filter.hidden = rooms.length < 8;
    settle();
  };
  slot.replaceChildren(filter, rows, note, sent);
  settle();
  return async (bodyId) => {
    if (asked !== null && bodyId !== asked) chosen.clear();
    asked = bodyId;
    rooms = [];
    if (bodyId !== null) {
      const answer = await fetchRooms({ body: String(bodyId) });
      if (asked !== bodyId) return;
      rooms = answer.items;
      total = answer.total;
    }
    show();
  };
}
