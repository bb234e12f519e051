// @ts-check
/** A theme on the map: areas or properties in the colours of their classes, and what the pointer reads there. */
import { h } from "./dom.js";
import { figureText, t } from "./i18n.js";
import { layerTiles, map } from "./map.js";
import ol, { MAP_CRS } from "./ol.js";
import { label } from "./styles.js";

const { Style, Fill, Stroke, Circle } = ol.style;
/** Above the districts, below everything that stands in them. */
const UNDER = 2;
/** Above every shape of the register: the theme is what was asked for. */
const OVER = 290;
const FADED = "rgba(214,219,226,.35)";

/** @type {any} answer of /api/theme; null: no theme */
let theme = null;
/** @type {number[]} classes to look at; empty: all */
let only = [];
/** @type {Map<string, any>} by unit */
let values = new Map();
/** @type {any} */
let layer = null;
/** The same theme on the second map, as of its day. @type {{on: any, answer: any, layer: any} | null} */
let beside = null;

/** @param {any} answer of /api/theme; null takes the theme off */
export function drawTheme(answer) {
  if (layer) map.removeLayer(layer);
  layer = null;
  theme = answer;
  values = new Map((answer?.values ?? []).map((/** @type {any} */ one) => [one.unit, one]));
  if (!answer) return;
  layer = themeLayer(answer, values, layerTiles(answer.layer));
  map.addLayer(layer);
  if (beside) themeBeside(beside.on, beside.answer);
}

/** @param {any} on the second map @param {any} answer of /api/theme as of its day; null takes the theme off it */
export function themeBeside(on, answer) {
  if (beside?.layer) beside.on.removeLayer(beside.layer);
  beside = answer ? { on, answer, layer: null } : null;
  if (!beside || !theme) return;
  // One legend for both: what changed its class has changed by it.
  const then = new Map(answer.values.map((/** @type {any} */ one) => [one.unit, { ...one, class: classOf(one.value) }]));
  beside.layer = themeLayer(answer, then, layerTiles(answer.layer, true));
  on.addLayer(beside.layer);
}

/** The class of a figure by the map's own legend; what lies beyond it is in its first or last. @param {number | null} value */
function classOf(value) {
  if (value === null || !theme.classes.length) return null;
  const at = theme.classes.findIndex((/** @type {any} */ one) => value <= one.upper);
  return at < 0 ? theme.classes.length - 1 : at;
}

/** @param {any} answer @param {Map<string, any>} shown figures by unit @param {any} source of tiles, where places are coloured */
const themeLayer = (answer, shown, source) => (answer.layer ? placeLayer(source, shown) : areaLayer(answer, shown));

/** Fade what is in no chosen class. @param {number[]} classes empty: show all */
export function showClasses(classes) {
  only = classes;
  layer?.changed();
  beside?.layer?.changed();
}

/** @param {any} answer @param {Map<string, any>} shown */
function areaLayer(answer, shown) {
  const reader = new ol.format.GeoJSON();
  const features = answer.values.filter((/** @type {any} */ one) => one.shape).map((/** @type {any} */ one) =>
    new ol.Feature({ unit: one.unit, geometry: reader.readGeometry(one.shape, { featureProjection: MAP_CRS }) }));
  return new ol.layer.Vector({
    source: new ol.source.Vector({ features }),
    zIndex: UNDER,
    // The districts' own names lie under the colours.
    style: (/** @type {any} */ feature, /** @type {number} */ resolution) => {
      const shape = areaStyle(colourOf(shown, feature.get("unit")));
      return resolution < 12 ? shape : [shape, nameStyle(shown.get(feature.get("unit")).name)];
    },
    declutter: true,
    properties: { isTheme: true },
  });
}

/** @param {any} source tiles of the layer whose shapes are coloured @param {Map<string, any>} shown */
function placeLayer(source, shown) {
  return new ol.layer.VectorTile({
    source,
    zIndex: OVER,
    style: (/** @type {any} */ feature) => {
      if ((feature.get("count") ?? null) !== null) return undefined;
      const colour = colourOf(shown, String(feature.get("place_id")));
      return feature.getGeometry().getType().includes("Point") ? spotStyle(colour) : areaStyle(colour);
    },
  });
}

/** @param {Map<string, any>} shown @param {string} unit */
function colourOf(shown, unit) {
  const at = shown.get(unit)?.class ?? null;
  if (only.length && !only.includes(at ?? -1)) return FADED;
  return at === null ? theme.no_figure.colour : theme.classes[at].colour;
}

/** The same look is one object. @type {Map<string, any>} */
const kept = new Map();
/** @param {string} key @param {() => any} make */
function keep(key, make) {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key);
}

/** @param {string} colour */
const areaStyle = (colour) =>
  keep(`area ${colour}`, () => new Style({ fill: new Fill({ color: colour === FADED ? colour : `${colour}e0` }),
    stroke: new Stroke({ color: "rgba(72,90,112,.75)", width: 1 }) }));

/** @param {string} name */
const nameStyle = (name) =>
  keep(`name ${name}`, () => new Style({ text: label(name, 14, "#1f2d3d", -16, 600) }));

/** @param {string} colour */
const spotStyle = (colour) =>
  keep(`spot ${colour}`, () => new Style({ image: new Circle({ radius: 6, declutterMode: "none",
    fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#fff", width: 1.4 }) }) }));

/**
 * What the theme says under the pointer.
 * @param {number[]} pixel
 * @param {any | null} place the place there
 * @returns {Node[]}
 */
export function themeLines(pixel, place) {
  if (!theme) return [];
  if (theme.layer) {
    const one = place ? values.get(String(place.get("place_id"))) : null;
    return one ? [told(one)] : [];
  }
  if (place) return [];
  const area = map.forEachFeatureAtPixel(pixel, (/** @type {any} */ one) => one,
    { layerFilter: (/** @type {any} */ one) => one.get("isTheme") === true });
  const one = area ? values.get(area.get("unit")) : null;
  return one ? [h("b", null, one.name), told(one)] : [];
}

/** @param {any} one a value of the theme */
const told = (one) => h("span", null,
  `${theme.indicator.title}${t("colon")}${one.value === null ? theme.no_figure.title : figureText(one.value, theme.indicator.unit)}`);
