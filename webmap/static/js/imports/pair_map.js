// @ts-check
/** A doubtful row and the place it may be, on one map. */
import { h } from "../dom.js";
import ol, { DEGREES_CRS, MAP_CRS } from "../ol.js";
import { say } from "./say.js";

const { Style, Fill, Stroke, Circle } = ol.style;
const TILE_SIZE = 512;
const LOOKS = { row: ["#b85c00", "rgba(232,132,20,.28)", [8, 5]], place: ["#1b5fb4", "rgba(27,95,180,.2)", null] };

/** @param {keyof typeof LOOKS} of */
function look(of) {
  const [line, fill, dash] = /** @type {any} */ (LOOKS[of]);
  const stroke = new Stroke({ color: line, width: 2.4, lineDash: dash });
  return new Style({ fill: new Fill({ color: fill }), stroke, image: new Circle({ radius: 7, fill: new Fill({ color: line }), stroke: new Stroke({ color: "#fff", width: 2 }) }) });
}

/** A map that shows nothing yet. */
export function pairMap() {
  const element = h("div.pair-map", { tabindex: "0", role: "application", "aria-label": say("pair.map") });
  const source = new ol.source.Vector();
  const styles = { row: look("row"), place: look("place") };
  const tiles = (/** @type {string} */ layer, /** @type {number} */ minzoom, /** @type {any} */ style) => new ol.layer.VectorTile({
    source: new ol.source.VectorTile({ format: new ol.format.MVT(), tileGrid: ol.tilegrid.createXYZ({ tileSize: TILE_SIZE, minZoom: minzoom, maxZoom: 16 }), url: `/tiles/${layer}/{z}/{x}/{y}.mvt` }),
    style: (/** @type {any} */ feature) => (/Point/.test(feature.getType()) ? undefined : style), minZoom: minzoom,
  });
  const areas = new Style({ stroke: new Stroke({ color: "#8fa3ba", width: 1, lineDash: [5, 4] }), fill: new Fill({ color: "#f1f5f9" }) });
  const shapes = new Style({ stroke: new Stroke({ color: "#9aa9b9", width: 1 }), fill: new Fill({ color: "rgba(120,140,165,.15)" }) });
  const view = new ol.View({ center: [0, 0], zoom: 2, enableRotation: false, maxZoom: 20 });
  const both = new ol.layer.Vector({ source, style: (/** @type {any} */ one) => /** @type {any} */ (styles)[one.get("of")] });
  const map = new ol.Map({ target: element, view, controls: [], layers: [tiles("admin_area", 0, areas), tiles("building", 13, shapes), both] });
  new ResizeObserver(() => map.updateSize()).observe(element);
  const reader = new ol.format.GeoJSON();
  const feature = (/** @type {any} */ shape, /** @type {string} */ of) => {
    const geometry = reader.readGeometry(shape, { dataProjection: DEGREES_CRS, featureProjection: MAP_CRS });
    return new ol.Feature({ geometry, of });
  };
  return {
    element,
    /** Whether either lies anywhere. @param {any} row @param {any} place */
    show(row, place) {
      source.clear();
      const at = place && (place.shape ?? (place.lon === null ? null : { type: "Point", coordinates: [place.lon, place.lat] }));
      if (at) source.addFeature(feature(at, "place"));
      if (row.shape) source.addFeature(feature(row.shape, "row"));
      element.hidden = !source.getFeatures().length;
      map.updateSize();
      if (!element.hidden) view.fit(source.getExtent(), { padding: [50, 50, 50, 50], maxZoom: 18 });
    },
  };
}
