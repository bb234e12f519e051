// @ts-check
/** Measuring on the map: the length of a line, the area and the edge of a polygon; nothing is asked of the server but what to snap to. */
import { fetchShapes } from "./api.js";
import { leaveClicks, takeClicks } from "./clicks.js";
import { byId, h, icon } from "./dom.js";
import { planeFrom } from "./gauss.js";
import { figureText, t } from "./i18n.js";
import { centre, map, viewExtent } from "./map.js";
import ol, { DEGREES_CRS, MAP_CRS } from "./ol.js";
import { label } from "./styles.js";

const COLOUR = "#c2410c";
const SNAP_PX = 10;
/** Nearer than this, outlines can be told apart. */
const SNAP_ZOOM = 15;
const MU_M2 = 10_000 / 15;
const HECTARE_M2 = 10_000;

const shapes = new ol.source.Vector();
const near = new ol.source.Vector();
const format = new ol.format.GeoJSON({ dataProjection: DEGREES_CRS, featureProjection: MAP_CRS });
/** @type {any} */
let layer = null;
/** @type {any[]} */
let acting = [];
/** @type {any} what is being drawn */
let sketch = null;
let kind = "length";

/** Whether clicks on the map belong to a measure. */
export const isMeasuring = () => acting.length > 0;

/** Open the box, or close it. */
export function toggleMeasure() {
  if (byId("measure").hidden) open();
  else close();
}

function open() {
  if (!layer) {
    layer = new ol.layer.Vector({ source: shapes, style, zIndex: 970 });
    map.addLayer(layer);
    document.addEventListener("keydown", keys);
  }
  byId("measure").hidden = false;
  begin(kind);
  byId(`measure-${kind}`).focus();
}

function close() {
  rest();
  leaveClicks(rest);
  shapes.clear();
  byId("measure").hidden = true;
}

/** No clicks any more; what was measured stays. */
function rest() {
  for (const one of acting) map.removeInteraction(one);
  acting = [];
  sketch = null;
  map.un("moveend", findNear);
  byId("map").classList.remove("drawing");
  draw();
}

/** @param {string} what `length` or `area` */
function begin(what) {
  kind = what;
  rest();
  takeClicks(rest);
  const made = new ol.interaction.Draw({ type: what === "length" ? "LineString" : "Polygon", style, snapTolerance: SNAP_PX });
  made.on("drawstart", (/** @type {any} */ event) => {
    shapes.clear();
    sketch = event.feature;
    sketch.getGeometry().on("change", tell);
  });
  made.on("drawabort", () => { sketch = null; tell(); });
  made.on("drawend", (/** @type {any} */ event) => {
    sketch = null;
    shapes.addFeature(event.feature);
    tell();
  });
  acting = [made, new ol.interaction.Snap({ source: near, pixelTolerance: SNAP_PX })];
  for (const one of acting) map.addInteraction(one);
  map.on("moveend", findNear);
  findNear();
  byId("map").classList.add("drawing");
  draw();
}

let turn = 0;
async function findNear() {
  const mine = ++turn;
  if (map.getView().getZoom() < SNAP_ZOOM) return near.clear();
  try {
    const { items } = await fetchShapes(viewExtent());
    if (mine !== turn) return;
    near.clear();
    near.addFeatures(items.map((/** @type {any} */ one) => new ol.Feature(format.readGeometry(one.geometry))));
  } catch {
    // Without neighbours there is nothing to snap to; measuring goes on.
  }
}

/** By keyboard the middle of the map is the next corner. */
function addCentre() {
  if (!isMeasuring()) begin(kind);
  acting[0].appendCoordinates([ol.proj.fromLonLat(centre())]);
}

/** @param {KeyboardEvent} event */
function keys(event) {
  if (byId("measure").hidden) return;
  const inMap = document.activeElement === byId("map");
  if (event.key === "Escape" && isMeasuring()) sketch ? acting[0].abortDrawing() : close();
  else if (event.key === "Backspace" && inMap && sketch) acting[0].removeLastPoint();
  else if (event.key === "Enter" && inMap && sketch) acting[0].finishDrawing();
}

function draw() {
  const focused = byId("measure").contains(document.activeElement) ? document.activeElement?.id : "";
  const tool = (/** @type {string} */ name, /** @type {string} */ symbol, /** @type {() => void} */ act) =>
    h("button.btn.btn-sm", { type: "button", id: `measure-${name}`, onclick: act }, icon(symbol), t(`measure.${name}`));
  byId("measure").replaceChildren(
    h("header", null, h("b", null, t("measure.title")),
      h("button.icon-button", { type: "button", id: "measure-close", "aria-label": t("measure.close"), title: t("measure.close"), onclick: close }, icon("close"))),
    h("div.queue-tools", null, ...["length", "area"].map((one) =>
      h("button.btn.btn-sm", { type: "button", id: `measure-${one}`, "aria-pressed": String(isMeasuring() && kind === one), onclick: () => begin(one) }, t(`measure.${one}`)))),
    h("output", { id: "measure-reading", "aria-live": "polite" }),
    h("p.hint", null, t("measure.hint")),
    h("div.queue-tools", null, tool("add", "target", addCentre),
      tool("back", "undo", () => { if (sketch) acting[0].removeLastPoint(); }),
      tool("finish", "check", () => { if (sketch) acting[0].finishDrawing(); }),
      tool("clear", "close", () => { shapes.clear(); begin(kind); })));
  tell();
  if (focused) document.getElementById(focused)?.focus();
}

function tell() {
  const shape = (sketch ?? shapes.getFeatures()[0])?.getGeometry();
  const found = shape ? read(shape) : null;
  byId("measure-reading").replaceChildren(...(found ? found.lines.map((line) => h("span", null, line)) : []));
}

/** @param {any} shape line or polygon of the map @returns {{shown: string, lines: string[]} | null} null while there is nothing to measure */
function read(shape) {
  const isLine = shape.getType() === "LineString";
  const corners = (isLine ? shape.getCoordinates() : shape.getCoordinates()[0] ?? []).map((/** @type {number[]} */ at) => ol.proj.toLonLat(at));
  if (corners.length < 2) return null;
  const whole = lengthOf(corners);
  if (isLine) {
    const last = lengthOf(corners.slice(-2));
    return { shown: metres(whole), lines: [t("measure.whole", { length: metres(whole) }), ...(corners.length > 2 ? [t("measure.last", { length: metres(last) })] : [])] };
  }
  const area = areaOf(corners);
  const shown = figureText(area, "m2");
  return { shown, lines: [t("measure.area_is", { area: shown }),
    t("measure.other_units", { hectares: decimals(area / HECTARE_M2), mu: decimals(area / MU_M2) }), t("measure.edge", { length: metres(whole) })] };
}

/** Metres on the ellipsoid: each piece in a plane of its own, whose middle meridian is the piece's. @param {number[][]} corners degrees */
export function lengthOf(corners) {
  return corners.slice(1).reduce((sum, [lon, lat], at) => {
    const [from, before] = corners[at];
    const middle = (lon + from) / 2;
    const [a, b] = [planeFrom(middle, from, before), planeFrom(middle, lon, lat)];
    return sum + Math.hypot(b.x - a.x, b.y - a.y);
  }, 0);
}

/** Square metres, in the plane of the polygon's own middle meridian. @param {number[][]} ring closed, degrees */
export function areaOf(ring) {
  const lons = ring.map(([lon]) => lon);
  const middle = (Math.min(...lons) + Math.max(...lons)) / 2;
  const plane = ring.map(([lon, lat]) => planeFrom(middle, lon, lat));
  const origin = plane[0];
  // Moved to a corner first: products of millions of metres would lose the square centimetres.
  return Math.abs(plane.slice(1).reduce((sum, at, one) => sum + (plane[one].y - origin.y) * (at.x - origin.x) - (at.y - origin.y) * (plane[one].x - origin.x), 0)) / 2;
}

/** @param {number} length */
const metres = (length) => (length < 1000 ? t("measure.metres", { length: decimals(length) }) : t("measure.kilometres", { length: decimals(length / 1000, 3) }));

/** @param {number} number */
const decimals = (number, digits = 2) => number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {any} feature */
function style(feature) {
  const shape = feature.getGeometry();
  const stroke = new ol.style.Stroke({ color: COLOUR, width: 2.5 });
  // A polygon being drawn comes with its own outline as a line.
  const found = shape.getType() === (kind === "length" ? "LineString" : "Polygon") ? read(shape) : null;
  const spot = shape.getType() === "Polygon" ? shape.getInteriorPoint() : shape.getType() === "LineString" ? new ol.geom.Point(shape.getLastCoordinate()) : shape;
  return [
    new ol.style.Style({ stroke, fill: new ol.style.Fill({ color: "rgba(194,65,12,.12)" }),
      image: new ol.style.Circle({ radius: 5, fill: new ol.style.Fill({ color: COLOUR }), stroke: new ol.style.Stroke({ color: "#fff", width: 1.5 }) }) }),
    ...(found ? [new ol.style.Style({ geometry: spot, text: label(found.shown, 13, COLOUR, shape.getType() === "Polygon" ? 0 : -14, 600) })] : []),
  ];
}
