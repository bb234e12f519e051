// @ts-check
/** Vacant rooms on a small map; a click, or Enter over its middle, says near which spot rooms are wanted. */
import ol, { DEGREES_CRS, MAP_CRS } from "../ol.js";
import { t } from "../i18n.js";

const { Style, Fill, Stroke, Circle } = ol.style;
const TILE_SIZE = 512;
const WIDEST_ZOOM = 18;

/** @param {string} colour @param {number} radius */
const dot = (colour, radius) => new Style({ image: new Circle({ radius, fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#fff", width: 1.5 }) }) });
const LOOKS = {
  free: dot("#d9822b", 6),
  suggested: dot("#1b998b", 8),
  near: [dot("#1b5fb4", 6), new Style({ stroke: new Stroke({ color: "#1b5fb4", width: 1.5, lineDash: [6, 4] }), fill: new Fill({ color: "rgba(27,95,180,.06)" }) })],
};

/** @param {HTMLElement} element @param {(lon: number, lat: number) => void} choose */
export function vacantMap(element, choose) {
  element.tabIndex = 0;
  element.setAttribute("role", "application");
  element.setAttribute("aria-label", t("requests.map"));
  const tiles = (/** @type {string} */ layer, /** @type {number} */ minzoom, /** @type {any} */ style) => new ol.layer.VectorTile({
    source: new ol.source.VectorTile({ format: new ol.format.MVT(), tileGrid: ol.tilegrid.createXYZ({ tileSize: TILE_SIZE, minZoom: minzoom, maxZoom: 16 }), url: `/tiles/${layer}/{z}/{x}/{y}.mvt` }),
    style: (/** @type {any} */ feature) => (/Point/.test(feature.getType()) ? undefined : style), minZoom: minzoom,
  });
  const areas = new Style({ stroke: new Stroke({ color: "#8fa3ba", width: 1, lineDash: [5, 4] }), fill: new Fill({ color: "#f1f5f9" }) });
  const shapes = new Style({ stroke: new Stroke({ color: "#9aa9b9", width: 1 }), fill: new Fill({ color: "rgba(120,140,165,.15)" }) });
  const source = new ol.source.Vector();
  const rooms = new ol.layer.Vector({ source, style: (/** @type {any} */ one) => /** @type {any} */ (LOOKS)[one.get("of")] });
  const view = new ol.View({ center: [0, 0], zoom: 2, enableRotation: false, maxZoom: 20 });
  const map = new ol.Map({ target: element, view, controls: [], layers: [tiles("admin_area", 0, areas), tiles("building", 13, shapes), rooms] });
  new ResizeObserver(() => map.updateSize()).observe(element);
  const at = (/** @type {number} */ lon, /** @type {number} */ lat) => ol.proj.transform([lon, lat], DEGREES_CRS, MAP_CRS);
  const pick = (/** @type {number[]} */ spot) => {
    const [lon, lat] = ol.proj.transform(spot, MAP_CRS, DEGREES_CRS);
    choose(lon, lat);
  };
  map.on("singleclick", (/** @type {any} */ event) => pick(event.coordinate));
  element.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); pick(view.getCenter()); } });
  let framed = "";
  return {
    /** @param {any[]} items @param {{lon: number, lat: number, radius_m: number} | null} near */
    show(items, near) {
      source.clear();
      for (const one of items) {
        if (one.longitude === null) continue;
        const feature = new ol.Feature({ geometry: new ol.geom.Point(at(one.longitude, one.latitude)), of: one.is_suggested ? "suggested" : "free" });
        source.addFeature(feature);
      }
      if (near) {
        const ring = ol.geom.Polygon.circular([near.lon, near.lat], near.radius_m, 64).transform(DEGREES_CRS, MAP_CRS);
        source.addFeatures([ring, new ol.geom.Point(at(near.lon, near.lat))].map((geometry) => new ol.Feature({ geometry, of: "near" })));
      }
      // A view that somebody moved stays; another set of rooms is brought into view once.
      const frame = `${source.getExtent()}`;
      if (source.getFeatures().length && frame !== framed) view.fit(source.getExtent(), { padding: [30, 30, 30, 30], maxZoom: WIDEST_ZOOM });
      framed = frame;
      map.updateSize();
    },
  };
}
