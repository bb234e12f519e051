// @ts-check
/** The ground under everything: none, or one of the configured base maps, through our own server. */
import { h, toast } from "./dom.js";
import { t } from "./i18n.js";
import ol, { DEGREES_CRS, MAP_CRS } from "./ol.js";
import { set, state } from "./state.js";

/** Degrees across a pixel at zoom 0, as national tile services in degrees count. */
const WIDEST = 360 / 256;

/** @type {any[]} */
let listed = [];

/** @param {any} described answer of /api/layers */
export function readBasemaps(described) {
  listed = described.basemaps ?? [];
  if (state.base !== null && !shownBase()) {
    set({ base: null });
    toast(t("link_lost", { parts: t("link_part.base") }));
  }
}

/** The one that is shown; null: none. */
export const shownBase = () => listed.find((one) => one.name === state.base) ?? null;

/** A layer of the chosen base map for any map; null: none is chosen. */
export function baseLayer() {
  const base = shownBase();
  if (!base) return null;
  const tileUrlFunction = (/** @type {number[]} */ [z, x, y]) => `/basemap/${encodeURIComponent(base.name)}/${z}/${x}/${y}`;
  const isInDegrees = base.grid === "4490";
  const tileGrid = isInDegrees
    // CGCS2000 and WGS 84 differ by decimetres at most.
    ? new ol.tilegrid.TileGrid({ extent: [-180, -90, 180, 90], origin: [-180, 90], tileSize: 256, minZoom: base.min_zoom,
      resolutions: Array.from({ length: base.max_zoom + 1 }, (_, z) => WIDEST / 2 ** z) })
    : ol.tilegrid.createXYZ({ minZoom: base.min_zoom, maxZoom: base.max_zoom });
  const source = new ol.source.TileImage({ projection: isInDegrees ? DEGREES_CRS : MAP_CRS, tileGrid, tileUrlFunction, wrapX: false });
  let told = false;
  source.on("tileloaderror", () => {
    if (!told) toast(t("basemap.failed", { title: base.title }));
    told = true;
  });
  return new ol.layer.Tile({ source, zIndex: 0 });
}

/** The chooser in the layer tree; null where none is configured. @returns {HTMLElement | null} */
export function baseChooser() {
  if (!listed.length) return null;
  const pick = /** @type {HTMLSelectElement} */ (h("select.form-select", { id: "basemap", onchange: () => set({ base: pick.value || null }) },
    h("option", { value: "" }, t("basemap.none")), ...listed.map((one) => h("option", { value: one.name }, one.title))));
  pick.value = state.base ?? "";
  return h("div.layer-row", null, h("label", { for: "basemap" }, t("basemap.title")), pick);
}

/** What has to stand beside it, on the screen and on paper. @returns {string[]} */
export function baseNotices() {
  const base = shownBase();
  return base ? [base.attribution, base.review_number ? t("basemap.review_number", { title: base.title, number: base.review_number }) : null].filter(Boolean) : [];
}
