// @ts-check
/** The bar between map and table: drag it, or move it with the arrow keys. */
import { byId } from "./dom.js";

const LEAST = 120;
const STEP = 32;

/** @param {() => void} moved what to lay out anew */
export function startGrip(moved) {
  const grip = byId("drawer-grip");
  const drawer = byId("drawer");

  const most = () => window.innerHeight - 220;
  /** @param {number} height pixels it has */
  const tell = (height) => {
    grip.setAttribute("aria-valuemin", String(LEAST));
    grip.setAttribute("aria-valuemax", String(Math.max(most(), height)));
    grip.setAttribute("aria-valuenow", String(height));
  };
  /** @param {number} height pixels wanted */
  const size = (height) => {
    const taken = Math.round(Math.min(most(), Math.max(LEAST, height)));
    drawer.style.setProperty("--drawer-height", `${taken}px`);
    tell(taken);
    moved();
  };
  tell(Math.max(LEAST, drawer.offsetHeight));

  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    const from = drawer.offsetHeight + event.clientY;
    const drag = (/** @type {PointerEvent} */ move) => size(from - move.clientY);
    grip.addEventListener("pointermove", drag);
    grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", drag), { once: true });
  });
  grip.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    size(drawer.offsetHeight + (event.key === "ArrowUp" ? STEP : -STEP));
  });
}
