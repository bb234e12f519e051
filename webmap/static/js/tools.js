// @ts-check
/** The small stack of map buttons, and the tooltip under the pointer. */
import { byId, flightMs, h, icon } from "./dom.js";
import { count, t } from "./i18n.js";
import { isDrawing } from "./ask.js";
import { isMeasuring, toggleMeasure } from "./measure.js";
import { map, pick, themeOf } from "./map.js";
import { themeLines } from "./theme_layer.js";
import { isShaping } from "./shape_box.js";

/** @param {() => void} goHome @param {() => void} print @param {() => void} compare */
export function startTools(goHome, print, compare) {
  const zoom = (/** @type {number} */ by) => () =>
    map.getView().animate({ zoom: map.getView().getZoom() + by, duration: flightMs / 2 });
  const tool = (/** @type {string} */ name, /** @type {string} */ text, /** @type {() => void} */ act) =>
    h("button.tool", { type: "button", "aria-label": text, title: text, onclick: act }, icon(name));
  const whole = tool("fullscreen", t("fullscreen"), fullScreen);
  whole.setAttribute("aria-pressed", "false");
  byId("map-tools").replaceChildren(
    tool("plus", t("zoom_in"), zoom(1)),
    tool("minus", t("zoom_out"), zoom(-1)),
    tool("view", t("whole_city"), goHome),
    tool("measure", t("measure.title"), toggleMeasure),
    tool("print", t("print.heading"), print),
    tool("compare", t("compare.tool"), compare),
    whole,
  );
  document.addEventListener("fullscreenchange", () => {
    const isWhole = document.fullscreenElement !== null;
    whole.setAttribute("aria-pressed", String(isWhole));
    // What the map covers is not reached by the keyboard either.
    for (const one of besideMap()) one.inert = isWhole;
  });
}

/** The map with its own tools on the whole screen, or back; where the browser refuses, all stays. */
function fullScreen() {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.querySelector(".centre")?.requestFullscreen?.();
  done?.catch(() => {});
}

/** Everything of the page that is neither the map nor around it. @returns {HTMLElement[]} */
function besideMap() {
  const beside = [];
  for (let at = document.querySelector(".centre"); at && at !== document.body; at = at.parentElement) {
    for (const one of at.parentElement?.children ?? []) if (one !== at && one.tagName !== "DIALOG") beside.push(/** @type {HTMLElement} */ (one));
  }
  return beside;
}

export function startHover() {
  const box = byId("tooltip");
  let waiting = 0;
  map.on("pointermove", (/** @type {any} */ event) => {
    cancelAnimationFrame(waiting);
    if (event.dragging || isDrawing() || isShaping() || isMeasuring()) return void (box.hidden = true);
    waiting = requestAnimationFrame(() => hover(box, event.pixel));
  });
  byId("map").addEventListener("pointerleave", () => {
    cancelAnimationFrame(waiting);
    box.hidden = true;
  });
}

/** @param {HTMLElement} box @param {number[]} pixel */
function hover(box, pixel) {
  const found = pick(pixel);
  const isPlace = found !== null && found.layer.name !== "admin_area";
  byId("map").classList.toggle("over-place", isPlace);
  const told = [...(isPlace ? lines(found.feature, found.layer) : []), ...themeLines(pixel, isPlace ? found.feature : null)];
  box.hidden = !told.length;
  if (!told.length) return;
  box.replaceChildren(...told);
  const [x, y] = pixel;
  const room = byId("map").clientWidth - x;
  box.classList.toggle("to-left", room < 260);
  box.style.left = `${x}px`;
  box.style.top = `${y}px`;
}

/** @param {any} feature @param {any} layer @returns {Node[]} */
function lines(feature, layer) {
  const many = feature.get("count");
  if (many !== undefined && many !== null) {
    const name = feature.get("name");
    return [h("b", null, name || layer.title), h("span", null, t("aggregate", { layer: layer.title, count: count(Number(many)) }))];
  }
  const theme = themeOf(layer);
  const value = theme ? String(feature.get(theme.attribute) ?? "") : "";
  const known = theme?.places ? theme.places.get(Number(feature.get("place_id")))
    : theme?.classes.find((/** @type {any} */ one) => String(one.value) === value);
  return [
    h("b", null, String(feature.get("name") || feature.get("code") || layer.title)),
    h("span", null, [layer.title, feature.get("code")].filter(Boolean).join(" · ")),
    ...(theme ? [h("span", null, `${theme.title}${t("colon")}${known?.title ?? t("unknown")}`)] : []),
  ];
}
