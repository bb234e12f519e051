// @ts-check
/** The floor switcher of the selected building. */
import { byId, h } from "./dom.js";
import { t } from "./i18n.js";
import { flyTo, isInView, reloadTiles, showLayers } from "./map.js";
import { on, set, state } from "./state.js";

/** @type {any} whose floors are offered */
let shown = null;

export function startFloors() {
  on("floor", () => {
    reloadTiles(true);
    showLayers();
    mark();
  });
}

/** On which floor a room or floor is; null of all others. @param {any} place answer of /api/places/{id} */
export function floorOf(place) {
  const within = new Set([place.place_id, ...place.ancestors.map((/** @type {any} */ one) => one.place_id)]);
  return place.floors?.find((/** @type {any} */ one) => within.has(one.place_id))?.level ?? null;
}

/** Offer the floors, the highest on top. @param {any | null} place answer of /api/places/{id} */
export function showFloors(place) {
  /** @type {Array<{level: number, label: string}>} */
  const floors = place?.floors ?? [];
  shown = place;
  const box = byId("floors");
  const sorted = [...floors].sort((a, b) => b.level - a.level);
  box.hidden = !sorted.length;
  if (!sorted.length) return state.floor !== null ? set({ floor: null }) : undefined;
  if (state.floor !== null && !sorted.some((floor) => floor.level === state.floor)) set({ floor: null });
  box.replaceChildren(
    h("div.floors-title", { id: "floors-title" }, t("floors")),
    h("div.floor-list", { role: "radiogroup", "aria-labelledby": "floors-title", onkeydown: walk },
      ...sorted.map((floor) => h("button.floor", { type: "button", role: "radio", "data-level": floor.level,
        onclick: () => choose(state.floor === floor.level ? null : floor.level) }, floor.label))));
  mark();
  box.querySelector("[aria-checked=true]")?.scrollIntoView({ block: "nearest" });
}

/** Rooms of a building that is out of sight, or a speck, would show nothing. @param {number | null} level */
function choose(level) {
  set({ floor: level });
  if (level !== null && !isInView(shown?.extent)) flyTo(shown);
}

function mark() {
  const buttons = [...byId("floors").querySelectorAll("[data-level]")];
  const chosen = buttons.find((one) => Number(one.getAttribute("data-level")) === state.floor);
  for (const button of buttons) {
    button.setAttribute("aria-checked", String(button === chosen));
    button.setAttribute("tabindex", button === (chosen ?? buttons[0]) ? "0" : "-1");
  }
}

/** Arrow keys move between floors. @param {any} event */
function walk(event) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const next = event.key === "ArrowUp" ? event.target.previousElementSibling : event.target.nextElementSibling;
  if (!next) return;
  next.focus();
  choose(Number(next.getAttribute("data-level")));
}
