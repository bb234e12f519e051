// @ts-check
/** OpenLayers comes as one classic script; this gives it to modules as an import. */
export default /** @type {any} */ (globalThis).ol;
