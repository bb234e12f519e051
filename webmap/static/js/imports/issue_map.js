// @ts-check
/** Where on the map the listed issues are; the list beside it says the same in words. */
import { h } from "../dom.js";
import ol from "../ol.js";
import { say } from "./say.js";

const { Style, Fill, Stroke, Circle } = ol.style;
const COLOURS = { reject: "#c8102e", question: "#b87400", warn: "#1b5fb4" };
const TILE_SIZE = 512;

const dot = (/** @type {string} */ colour, /** @type {number} */ radius) =>
  new Style({ image: new Circle({ radius, fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#fff", width: 1.6 }) }) });
const LOOKS = Object.fromEntries(Object.entries(COLOURS).map(([name, colour]) => [name, [dot(colour, 6), dot(colour, 10)]]));
const AREAS = new Style({ fill: new Fill({ color: "#eaf0f6" }), stroke: new Stroke({ color: "#8fa3ba", width: 1, lineDash: [5, 4] }) });
const SHAPES = new Style({ fill: new Fill({ color: "rgba(44,111,187,.18)" }), stroke: new Stroke({ color: "rgba(44,111,187,.6)", width: 1 }) });

/** @param {(number: number) => void} choose called with the number of a clicked issue */
export function issueMap(choose) {
  const element = h("div.issue-map", { tabindex: "0", role: "application", "aria-label": say("map_label") });
  const source = new ol.source.Vector();
  const tiles = (/** @type {string} */ layer, /** @type {number} */ minzoom, /** @type {any} */ style) => new ol.layer.VectorTile({
    source: new ol.source.VectorTile({ format: new ol.format.MVT(), tileGrid: ol.tilegrid.createXYZ({ tileSize: TILE_SIZE, minZoom: minzoom, maxZoom: 16 }), url: `/tiles/${layer}/{z}/{x}/{y}.mvt` }),
    style: (/** @type {any} */ feature) => (/Point/.test(feature.getType()) ? undefined : style), minZoom: minzoom,
  });
  const view = new ol.View({ center: [0, 0], zoom: 2, enableRotation: false, maxZoom: 20 });
  let chosen = 0;
  const points = new ol.layer.Vector({ source, style: (/** @type {any} */ one) => /** @type {any} */ (LOOKS)[one.get("severity")][one.get("number") === chosen ? 1 : 0] });
  const map = new ol.Map({ target: element, view, controls: [], layers: [tiles("admin_area", 0, AREAS), tiles("building", 13, SHAPES), points] });
  map.on("singleclick", (/** @type {any} */ event) => map.forEachFeatureAtPixel(event.pixel, (/** @type {any} */ one) => { select(one.get("number")); choose(chosen); return true; }, { layerFilter: (/** @type {any} */ layer) => layer === points, hitTolerance: 4 }));
  new ResizeObserver(() => map.updateSize()).observe(element);
  const select = (/** @type {number} */ number) => { chosen = number; points.changed(); };
  return {
    element,
    /** @param {any[]} issues */
    show(issues) {
      source.clear();
      source.addFeatures(issues.filter((one) => one.lon !== null).map((one) => new ol.Feature({
        geometry: new ol.geom.Point(ol.proj.fromLonLat([one.lon, one.lat])), number: one.number, severity: one.severity })));
      map.updateSize();
      if (source.getFeatures().length) view.fit(source.getExtent(), { padding: [40, 40, 40, 40], maxZoom: 16 });
    },
    /** @param {any} issue */
    look(issue) {
      select(issue.number);
      view.setCenter(ol.proj.fromLonLat([issue.lon, issue.lat]));
      view.setZoom(Math.max(view.getZoom(), 16));
    },
  };
}
