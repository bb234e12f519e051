// @ts-check
/** The floor switcher of the selected building. */
import { byId, h } from "./dom.js";
import { t } from "./i18n.js";
import { reloadTiles, showLayers } from "./map.js";
import { on, set, state } from "./state.js";

export function startFloors() {
  on("floor", () => {
    reloadTiles(true);
    showLayers();
    mark();
  });
}

/** Offer the floors, the highest on top. @param {Array<{level: number, label: string}>} floors */
export function showFloors(floors) {
  const box = byId("floors");
  const sorted = [...floors].sort((a, b) => b.level - a.level);
  box.hidden = !sorted.length;
  if (!sorted.length) return state.floor !== null ? set({ floor: null }) : undefined;
  if (state.floor !== null && !sorted.some((floor) => floor.level === state.floor)) set({ floor: null });
  box.replaceChildren(
    h("div.floors-title", { id: "floors-title" }, t("floors")),
    h("div.floor-list", { role: "radiogroup", "aria-labelledby": "floors-title", onkeydown: walk },
      ...sorted.map((floor) => h("button.floor", { type: "button", role: "radio", "data-level": floor.level,
        onclick: () => set({ floor: state.floor === floor.level ? null : floor.level }) }, floor.label))));
  mark();
  box.querySelector("[aria-checked=true]")?.scrollIntoView({ block: "nearest" });
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
  set({ floor: Number(next.getAttribute("data-level")) });
}
