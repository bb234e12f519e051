// @ts-check
/** The drawing on its own axes, and its rooms on the ground over the building; both tell where one clicks. */
import { h } from "../dom.js";
import ol, { DEGREES_CRS, MAP_CRS } from "../ol.js";
import { say } from "./api.js";

const { Style, Fill, Stroke, Circle, Text } = ol.style;
const TILE_SIZE = 512;
const NEAR_PX = 12;
const PADDING = [30, 30, 30, 30];

const area = (/** @type {string} */ line, /** @type {string} */ fill, width = 1.4, dash = /** @type {number[] | null} */ (null)) =>
  new Style({ stroke: new Stroke({ color: line, width, lineDash: dash }), fill: new Fill({ color: fill }) });
const ROOM = { sound: area("#2c6fbb", "rgba(44,111,187,.14)"), held: area("#b85c00", "rgba(232,132,20,.22)"), out: area("#8a94a0", "rgba(0,0,0,.04)", 1, [3, 3]) };
const OUTLINE = area("#22313f", "rgba(0,0,0,0)", 2, [8, 4]);
const FOOTPRINT = area("#1b998b", "rgba(27,153,139,.10)", 2.4);
const CHOSEN = area("#c8102e", "rgba(200,16,46,.18)", 3);
const AREAS = area("#8fa3ba", "#f1f5f9", 1, [5, 4]);
const SHAPES = area("#9aa9b9", "rgba(120,140,165,.15)", 1);

const dot = (/** @type {string} */ colour, /** @type {number} */ radius, /** @type {string} */ word = "") => new Style({
  image: new Circle({ radius, fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#fff", width: 1.6 }) }),
  text: new Text({ text: word, fill: new Fill({ color: "#fff" }), font: "bold 11px sans-serif" }), zIndex: 3,
});
const label = (/** @type {string} */ word) => new Style({ text: new Text({ text: word, font: "12px sans-serif", fill: new Fill({ color: "#22313f" }), stroke: new Stroke({ color: "#fff", width: 3 }) }) });

/** @param {any} room @returns {"sound" | "held" | "out"} */
const stateOf = (room) => (room.is_left_out ? "out" : room.is_sound === false ? "held" : "sound");

/** A pane of shapes by what they are of. @param {string} title @param {any[]} under layers below @param {any} view */
function pane(title, under, view) {
  const element = h("div.plan-map", { tabindex: "0", role: "application", "aria-label": title });
  const source = new ol.source.Vector();
  let chosen = "";
  const style = (/** @type {any} */ one) => {
    const looks = one.get("id") === chosen && !one.get("look").getImage() ? CHOSEN : one.get("look");
    return one.get("word") ? [looks, label(one.get("word"))] : looks;
  };
  const map = new ol.Map({ target: element, view, controls: [new ol.control.Zoom({ zoomInTipLabel: say("zoom_in"), zoomOutTipLabel: say("zoom_out") })], layers: [...under, new ol.layer.Vector({ source, style, declutter: false })] });
  new ResizeObserver(() => map.updateSize()).observe(element);
  /** @type {((at: number[]) => void) | null} */
  let picked = null;
  /** @type {(id: string) => void} */
  let choose = () => {};
  map.on("singleclick", (/** @type {any} */ event) => {
    if (picked) { picked(corner(event)); return; }
    map.forEachFeatureAtPixel(event.pixel, (/** @type {any} */ one) => { if (one.get("id")) choose(one.get("id")); return Boolean(one.get("id")); }, { hitTolerance: 4 });
  });
  /** The corner of a shape under the pointer, else the place itself. @param {any} event */
  const corner = (event) => {
    let best = event.coordinate;
    let least = NEAR_PX;
    const reach = NEAR_PX * view.getResolution();
    const box = [event.coordinate[0] - reach, event.coordinate[1] - reach, event.coordinate[0] + reach, event.coordinate[1] + reach];
    for (const one of source.getFeaturesInExtent(box)) {
      if (/Point/.test(one.getGeometry().getType())) continue;
      const flat = one.getGeometry().getFlatCoordinates();
      for (let at = 0; at < flat.length; at += 2) {
        const far = Math.hypot(flat[at] - event.coordinate[0], flat[at + 1] - event.coordinate[1]) / view.getResolution();
        if (far < least) { least = far; best = [flat[at], flat[at + 1]]; }
      }
    }
    return best;
  };
  return {
    element, view, map,
    /** @param {any[]} features @param {boolean} isFitted whether to show all of it */
    draw(features, isFitted) {
      source.clear();
      source.addFeatures(features);
      map.updateSize();
      if (isFitted && features.length) view.fit(source.getExtent(), { padding: PADDING, size: map.getSize() ?? [600, 400] });
    },
    /** @param {string} id @param {number[] | null} at */
    show(id, at) {
      chosen = id;
      source.changed();
      const shape = source.getFeatures().find((/** @type {any} */ one) => one.get("id") === id)?.getGeometry();
      if (at) view.setCenter(at);
      else if (shape) view.setCenter(ol.extent.getCenter(shape.getExtent()));
    },
    /** Have the next clicks tell where they were; null ends that. @param {((at: number[]) => void) | null} then */
    pick(then) {
      picked = then;
      element.classList.toggle("picking", Boolean(then));
    },
    /** @param {(id: string) => void} then */
    onChoose(then) { choose = then; },
  };
}

/** The drawing in its own units. */
export function drawingPane() {
  const projection = new ol.proj.Projection({ code: "onemap:drawing", units: "m", extent: [-1e12, -1e12, 1e12, 1e12] });
  const view = new ol.View({ projection, center: [0, 0], resolution: 1, enableRotation: false, constrainResolution: false, maxResolution: 1e9, minResolution: 1e-9 });
  const made = pane(say("drawing"), [], view);
  return {
    ...made,
    /** @param {any} look @param {number[][]} controls @param {boolean} isFitted */
    fill(look, controls, isFitted) {
      const features = [];
      const { plan, placed } = look;
      if (plan?.floor) features.push(new ol.Feature({ geometry: new ol.geom.Polygon(plan.floor.slice(0, 1)), look: OUTLINE }));
      (plan?.rooms ?? []).forEach((/** @type {any} */ room, /** @type {number} */ at) => {
        const state = placed ? stateOf(placed.rooms[at]) : "sound";
        features.push(new ol.Feature({ geometry: new ol.geom.Polygon(room.rings), look: ROOM[state], id: `room-${at}`, word: room.number ?? "" }));
      });
      (plan?.findings ?? []).forEach((/** @type {any} */ one, /** @type {number} */ at) =>
        features.push(new ol.Feature({ geometry: new ol.geom.Point([one.x, one.y]), look: dot("#b85c00", 6), id: `finding-${at}` })));
      controls.forEach((one, at) => {
        if (Number.isFinite(one[0]) && Number.isFinite(one[1])) features.push(new ol.Feature({ geometry: new ol.geom.Point([one[0], one[1]]), look: dot("#7a3fb0", 9, String(at + 1)) }));
      });
      made.draw(features, isFitted);
    },
  };
}

/** The ground: buildings, the footprint of this one, and rooms where they come to lie. */
export function groundPane() {
  const reader = new ol.format.GeoJSON();
  const tiles = (/** @type {string} */ layer, /** @type {number} */ minzoom, /** @type {any} */ style) => new ol.layer.VectorTile({
    source: new ol.source.VectorTile({ format: new ol.format.MVT(), tileGrid: ol.tilegrid.createXYZ({ tileSize: TILE_SIZE, minZoom: minzoom, maxZoom: 16 }), url: `/tiles/${layer}/{z}/{x}/{y}.mvt` }),
    style: (/** @type {any} */ feature) => (/Point/.test(feature.getType()) ? undefined : style), minZoom: minzoom,
  });
  const view = new ol.View({ center: [0, 0], zoom: 2, enableRotation: false, maxZoom: 24 });
  const made = pane(say("ground"), [tiles("admin_area", 0, AREAS), tiles("building", 13, SHAPES)], view);
  const shape = (/** @type {any} */ given) => reader.readGeometry(given, { dataProjection: DEGREES_CRS, featureProjection: MAP_CRS });
  return {
    ...made,
    /** @param {any} look @param {number[][]} controls @param {boolean} isFitted */
    fill(look, controls, isFitted) {
      const features = [];
      if (look.footprint) features.push(new ol.Feature({ geometry: shape(look.footprint), look: FOOTPRINT }));
      (look.placed?.rooms ?? []).forEach((/** @type {any} */ room, /** @type {number} */ at) =>
        features.push(new ol.Feature({ geometry: shape(room.shape), look: ROOM[stateOf(room)], id: `room-${at}`, word: room.number ?? "" })));
      (look.plan?.findings ?? []).forEach((/** @type {any} */ one, /** @type {number} */ at) => {
        if (one.at) features.push(new ol.Feature({ geometry: new ol.geom.Point(ol.proj.fromLonLat(one.at)), look: dot("#b85c00", 6), id: `finding-${at}` }));
      });
      controls.forEach((one, at) => {
        if (Number.isFinite(one[2]) && Number.isFinite(one[3])) features.push(new ol.Feature({ geometry: new ol.geom.Point(ol.proj.fromLonLat([one[2], one[3]])), look: dot("#7a3fb0", 9, String(at + 1)) }));
      });
      made.draw(features, isFitted);
    },
    /** @param {number[]} at degrees */
    centreOn: (at) => ol.proj.fromLonLat(at),
    /** @param {number[]} at of the map @returns {number[]} degrees */
    degrees: (at) => ol.proj.toLonLat(at),
  };
}
