// @ts-check
/** On a phone one part of the page shows over the map at a time; the bar below chooses which. */
import { byId, toast } from "./dom.js";
import { t } from "./i18n.js";
import { map } from "./map.js";
import { on, state } from "./state.js";
import { layOut } from "./table.js";

const NARROW = matchMedia("(max-width: 760px)");
/** What lies over the lower part of the map, so that the map's middle moves up. */
const COVERS = { table: "#drawer", details: ".right" };

/** @type {HTMLButtonElement[]} */
let buttons = [];

/** @param {string} part `map`, `layers`, `table` or `details` */
export function showPart(part) {
  /** @type {HTMLElement} */ (document.querySelector(".app")).dataset.part = part;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === part));
  if (part === "table") layOut();
  const cover = NARROW.matches && part in COVERS ? document.querySelector(COVERS[/** @type {keyof COVERS} */ (part)]) : null;
  map.getView().padding = [0, 0, cover ? cover.clientHeight : 0, 0];
}

/** Wire the bar; what somebody chooses on the map opens the part that tells of it. */
export function startPhone() {
  buttons = [.../** @type {NodeListOf<HTMLButtonElement>} */ (byId("phone-bar").querySelectorAll("button"))];
  for (const button of buttons) button.addEventListener("click", () => showPart(button.value));
  // Who draws wants to see the map, and cannot see the hint beside the button.
  byId("ask").addEventListener("click", (event) => {
    const pressed = /** @type {HTMLElement} */ (event.target).closest("[aria-pressed=true]")?.getAttribute("data-mode") ?? "";
    if (!NARROW.matches || !["polygon", "rectangle", "radius"].includes(pressed)) return;
    showPart("map");
    toast(t(`hint.${pressed}`));
  });
  on("place", () => { if (state.place !== null) showPart("details"); });
  on("question", () => showPart(state.question ? "details" : "map"));
  NARROW.addEventListener("change", () => showPart("map"));
  showPart(state.place === null ? "map" : "details");
}
