// @ts-check
/** OpenLayers comes as one classic script; this gives it to modules as an import. */
export default /** @type {any} */ (globalThis).ol;

/** What the map is drawn in, and what addresses and answers speak: degrees. No other script names a system. */
export const MAP_CRS = "EPSG:3857";
export const DEGREES_CRS = "EPSG:4326";
