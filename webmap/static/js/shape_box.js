// @ts-check
/** Drawing one place: outline, corners, moving, coordinates; snaps to neighbours, every step can be undone. */
import { fetchShapes } from "./api.js";
import { leaveClicks, takeClicks } from "./clicks.js";
import { readPolygon, writePolygon } from "./coordinates.js";
import { byId, h, icon, toast } from "./dom.js";
import { t } from "./i18n.js";
import { map, viewExtent } from "./map.js";
import ol, { DEGREES_CRS, MAP_CRS } from "./ol.js";
import { state } from "./state.js";

const SNAP_PX = 12;
const MODES = ["outline", "corners", "move", "coordinates"];
const format = new ol.format.GeoJSON({ dataProjection: DEGREES_CRS, featureProjection: MAP_CRS });
/** @type {any} the box at work; one at a time */
let open = null;

/** Whether clicks on the map belong to a drawing. */
export const isShaping = () => open !== null;

const style = (/** @type {string} */ colour, /** @type {number[] | undefined} */ lineDash = undefined) => new ol.style.Style({
  fill: new ol.style.Fill({ color: "rgba(27,95,180,.14)" }),
  stroke: new ol.style.Stroke({ color: colour, width: 2.5, lineDash }),
  image: new ol.style.Circle({ radius: 7, fill: new ol.style.Fill({ color: colour }), stroke: new ol.style.Stroke({ color: "#fff", width: 2 }) }),
});
const corner = new ol.style.Style({
  geometry: (/** @type {any} */ feature) => {
    const shape = feature.getGeometry();
    const flat = shape.getType() === "LineString" ? shape.getCoordinates() : shape.getType() === "Polygon" ? shape.getCoordinates().flat() : shape.getType() === "MultiPolygon" ? shape.getCoordinates().flat(2) : [];
    return new ol.geom.MultiPoint(flat);
  },
  image: new ol.style.Circle({ radius: 4, fill: new ol.style.Fill({ color: "#fff" }), stroke: new ol.style.Stroke({ color: "#1b5fb4", width: 2 }) }),
});
const sketch = [style("#1b5fb4", [6, 4])];

/**
 * @param {{geometry: any, isPoint: boolean, isLine?: boolean, changed?: () => void}} given GeoJSON of what stands, or null; a line cuts
 * @returns {{element: HTMLElement, read: () => any, isMoved: () => boolean, show: (geometry: any, theirs?: any) => void, use: (geometry: any) => void, setPoint: (isPoint: boolean) => void, close: () => void}}
 */
export function shapeBox({ geometry, isPoint, isLine = false, changed = () => {} }) {
  open?.close();
  const own = new ol.source.Vector();
  const near = new ol.source.Vector();
  const others = new ol.source.Vector();
  const layers = [
    new ol.layer.Vector({ source: others, zIndex: 958, style: style("#f2a900", [4, 6]) }),
    new ol.layer.Vector({ source: own, zIndex: 960, style: [style("#1b5fb4"), corner] }),
  ];
  /** @type {any[]} */
  let acting = [];
  /** Shapes before each step, with whether the step moved the whole. @type {Array<{shape: string | null, moved: boolean}>} */
  let steps = [];
  let moved = false;
  let turn = 0;
  const element = h("fieldset.shape-box", null);
  const box = { mode: /** @type {string | null} */ (null), close };

  const shape = () => own.getFeatures()[0]?.getGeometry() ?? null;
  const text = () => (shape() ? JSON.stringify(format.writeGeometryObject(shape(), { decimals: 9 })) : null);
  const put = (/** @type {string | null} */ written) => {
    own.clear();
    if (written) own.addFeature(new ol.Feature(format.readGeometry(JSON.parse(written))));
  };
  let before = geometry ? JSON.stringify(geometry) : null;
  put(before);
  before = text();
  const step = (/** @type {boolean} */ isMove) => {
    steps.push({ shape: before, moved });
    moved = isMove && (moved || steps.length === 1);
    before = text();
    draw();
    changed();
  };

  function undo() {
    const drawing = acting.find((one) => one instanceof ol.interaction.Draw);
    if (drawing && box.mode === "outline" && drawing.isBegun) return void drawing.removeLastPoint();
    const last = steps.pop();
    if (!last) return;
    put(last.shape);
    before = text();
    moved = last.moved;
    if (box.mode) enter(box.mode);
    else draw();
    changed();
  }

  async function findNear() {
    const mine = ++turn;
    element.setAttribute("aria-busy", "true");
    try {
      const { items } = await fetchShapes(viewExtent());
      if (mine !== turn) return;
      near.clear();
      near.addFeatures(items
        .filter((/** @type {any} */ one) => one.place_id !== state.place && (one.kind !== "room" || state.floor === null || one.floor_level === null || one.floor_level === state.floor))
        .map((/** @type {any} */ one) => new ol.Feature(format.readGeometry(one.geometry))));
    } catch {
      // Without neighbours there is nothing to snap to; drawing goes on.
    }
    if (mine === turn) element.removeAttribute("aria-busy");
  }

  /** @param {string | null} mode */
  function enter(mode) {
    for (const one of acting) map.removeInteraction(one);
    acting = [];
    box.mode = mode;
    if (mode) takeClicks(rest);
    else leaveClicks(rest);
    byId("map").classList.toggle("drawing", mode === "outline");
    if (mode === "outline") acting.push(outline());
    if (mode === "corners") acting.push(corners());
    if (mode === "move") acting.push(mover());
    if (acting.length) {
      // Snapping comes last, so that it sees the pointer first.
      for (const source of [near, own]) acting.push(new ol.interaction.Snap({ source, pixelTolerance: SNAP_PX }));
      findNear();
    }
    for (const one of acting) map.addInteraction(one);
    draw();
  }

  /** Another tool takes the clicks: the shape stays as it is. */
  function rest() {
    enter(null);
  }

  function outline() {
    const made = new ol.interaction.Draw({ type: isPoint ? "Point" : isLine ? "LineString" : "Polygon", style: sketch, snapTolerance: SNAP_PX });
    made.on("drawstart", () => (made.isBegun = true));
    made.on("drawabort", () => (made.isBegun = false));
    made.on("drawend", (/** @type {any} */ event) => {
      made.isBegun = false;
      own.clear();
      own.addFeature(new ol.Feature(event.feature.getGeometry()));
      step(false);
      window.setTimeout(() => enter(isPoint ? "move" : "corners"), 0);
    });
    return made;
  }

  function corners() {
    const made = new ol.interaction.Modify({ source: own, pixelTolerance: SNAP_PX });
    made.on("modifyend", () => step(false));
    return made;
  }

  function mover() {
    const made = new ol.interaction.Translate({ layers: [layers[1]], hitTolerance: 6 });
    made.on("translateend", () => step(true));
    return made;
  }

  function draw() {
    const modes = isPoint ? MODES.filter((one) => one !== "corners") : MODES;
    const focused = element.contains(document.activeElement) ? document.activeElement?.id : "";
    element.replaceChildren(
      h("legend", null, t(isLine ? "divide.line" : "shape.title")),
      h("div.queue-tools", null, ...modes.map((mode) => h("button.btn.btn-sm", { type: "button", id: `shape-${mode}`, "aria-pressed": String(box.mode === mode),
        disabled: (mode === "corners" || mode === "move") && !shape(), onclick: () => enter(box.mode === mode ? null : mode) }, t(`shape.${mode}`))),
        h("button.btn.btn-sm", { type: "button", id: "shape-undo", title: t("shape.undo_keys"), onclick: undo }, icon("undo"), t("shape.undo"))),
      box.mode === "coordinates" ? typed() : h("p.hint", { "aria-live": "polite" }, t(box.mode ? `shape.hint_${box.mode}${isPoint && box.mode === "outline" ? "_point" : ""}` : shape() ? "shape.hint" : isLine ? "divide.hint_line" : "shape.hint_none")));
    if (focused) document.getElementById(focused)?.focus();
  }

  /** The shape as text, so that everything can be drawn by keyboard. */
  function typed() {
    const field = /** @type {HTMLTextAreaElement} */ (h("textarea.form-control", { id: "shape-typed", rows: 5, spellcheck: "false", wrap: "off", "aria-label": t("shape.coordinates"),
      placeholder: isPoint ? "119.95, 31.78" : "119.95, 31.78\n119.98, 31.78\n119.98, 31.81" }));
    const now = shape() && format.writeGeometryObject(shape(), { decimals: 8 });
    if (now) field.value = now.type === "Point" ? now.coordinates.join(", ") : isLine ? now.coordinates.map((/** @type {number[]} */ at) => at.join(", ")).join("\n") : writePolygon(now);
    const take = () => {
      try {
        put(JSON.stringify(isPoint ? { type: "Point", coordinates: readPoint(field.value) }
          : isLine ? { type: "LineString", coordinates: field.value.trim().split("\n").map(readPoint) } : readPolygon(field.value)));
      } catch (error) {
        return void toast(/** @type {Error} */ (error).message);
      }
      step(false);
      map.getView().fit(shape().getExtent(), { padding: [80, 80, 80, 80], maxZoom: 19.5 });
    };
    return h("div.mode-options", null, field, h("button.btn.btn-sm", { type: "button", id: "shape-take", onclick: take }, icon("check"), t("shape.take")));
  }

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const inField = /INPUT|SELECT|TEXTAREA/.test(document.activeElement?.tagName ?? "");
    if (inField) return;
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      undo();
    } else if (event.key === "Escape" && box.mode) enter(null);
  }

  function close() {
    leaveClicks(rest);
    for (const one of acting) map.removeInteraction(one);
    for (const one of layers) map.removeLayer(one);
    map.un("moveend", findNear);
    document.removeEventListener("keydown", keys);
    byId("map").classList.remove("drawing");
    if (open === box) open = null;
  }

  for (const one of layers) map.addLayer(one);
  map.on("moveend", findNear);
  document.addEventListener("keydown", keys);
  open = box;
  draw();
  return {
    element,
    read: () => (text() ? JSON.parse(/** @type {string} */ (text())) : null),
    isMoved: () => moved,
    show: (theirs) => { others.clear(); if (theirs) others.addFeature(new ol.Feature(format.readGeometry(theirs))); },
    use: (theirs) => { put(theirs ? JSON.stringify(theirs) : null); step(false); others.clear(); },
    setPoint: (point) => { isPoint = point; enter(null); },
    close,
  };
}

/** @param {string} written */
function readPoint(written) {
  const found = written.trim().split(/[\s,，]+/).map(Number);
  if (found.length !== 2 || !found.every(Number.isFinite)) throw new Error(t("shape.bad_point"));
  return found;
}
