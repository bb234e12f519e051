// @ts-check
/** How features look: plain or by theme, aggregates, labels, selection. */
import { count as countText } from "./i18n.js";
import ol from "./ol.js";
import { state } from "./state.js";

const { Style, Fill, Stroke, Circle, Text } = ol.style;
const { Point } = ol.geom;

const FONT = '"PingFang SC","Microsoft YaHei UI","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
export const ACCENT = "#c8102e";
const UNKNOWN = "#b8c0ca";
/** Plain colours by position in the layer list; distinct without red against green. */
const PALETTE = ["#2c6fbb", "#1b998b", "#8e6bbf", "#c98a1b", "#4c8ca8", "#7a8793"];
const DISTRICTS = ["#e6eef7", "#eef2e4", "#f4edf3", "#f7f1e3", "#e6f2f1", "#f3ece6", "#ecebf6"];

/** @param {string} hex @param {number} alpha */
function fade(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r},${g},${b},${alpha})`;
}

/** @param {any} layer @param {number} index */
export function plainColour(layer, index) {
  return layer.colour ?? PALETTE[index % PALETTE.length];
}

/** Styles are drawn for thousands of features: the same look is one object. */
const kept = new Map();
/** @param {string} key @param {() => any} make */
function keep(key, make) {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key);
}

/** @param {string} text @param {number} size @param {string} colour */
export function label(text, size, colour, offsetY = 0, weight = 400) {
  return new Text({
    text,
    font: `${weight} ${size}px ${FONT}`,
    offsetY,
    fill: new Fill({ color: colour }),
    stroke: new Stroke({ color: "rgba(255,255,255,.92)", width: 3 }),
    overflow: true,
  });
}

/** @param {number} many */
export const bubbleRadius = (many) => Math.min(22, 8 + 4 * Math.log10(Math.max(1, many)));

/** @param {number} many @param {string} colour */
function bubble(many, colour) {
  return keep(`bubble ${many} ${colour}`, () => {
    const radius = bubbleRadius(many);
    return new Style({
      image: new Circle({
        radius,
        declutterMode: "none",
        fill: new Fill({ color: fade(colour, 0.86) }),
        stroke: new Stroke({ color: "rgba(255,255,255,.9)", width: 2 }),
      }),
      text: new Text({
        text: countText(many),
        declutterMode: "none",
        font: `600 ${many < 1000 ? 12 : 11}px ${FONT}`,
        fill: new Fill({ color: "#fff" }),
      }),
      zIndex: many,
    });
  });
}

/** @param {string} colour @param {boolean} fine @param {boolean} ground */
function polygon(colour, fine, ground) {
  return keep(`polygon ${colour} ${fine} ${ground}`, () =>
    new Style({
      fill: new Fill({ color: fade(colour, ground ? 0.24 : 0.76) }),
      stroke: new Stroke({ color: fine ? shade(colour) : fade(colour, 0.9), width: fine ? 1.2 : 0.8 }),
    }),
  );
}

/** A darker edge of the same hue. @param {string} hex */
function shade(hex) {
  const part = [1, 3, 5].map((at) => Math.round(parseInt(hex.slice(at, at + 2), 16) * 0.66));
  return `rgb(${part.join(",")})`;
}

/** @param {string} colour */
function dot(colour) {
  return keep(`dot ${colour}`, () =>
    new Style({
      image: new Circle({
        radius: 4.5,
        declutterMode: "none",
        fill: new Fill({ color: colour }),
        stroke: new Stroke({ color: "#fff", width: 1.4 }),
      }),
    }),
  );
}

/** @param {string} colour */
function line(colour) {
  return keep(`line ${colour}`, () => new Style({ stroke: new Stroke({ color: colour, width: 2 }) }));
}

/** Districts lie under everything: pale, dashed, with wide-set names. @param {any} feature */
function district(feature) {
  const code = String(feature.get("code") ?? "");
  const at = [...code].reduce((sum, digit) => sum + digit.charCodeAt(0), 0) % DISTRICTS.length;
  // A base map is seen through them.
  const isOpen = state.base !== null;
  return keep(`district ${at} ${isOpen}`, () =>
    new Style({
      fill: new Fill({ color: isOpen ? "rgba(0,0,0,0)" : DISTRICTS[at] }),
      stroke: new Stroke({ color: "#8a9bb0", width: 1.1, lineDash: [7, 4] }),
    }),
  );
}

/** How far right and down of its own spot each district's name stands. @type {Map<string, number[] | null>} */
let nameSteps = new Map();
/** @param {Map<string, number[] | null>} steps @returns {boolean} whether any name moves */
export function placeNames(steps) {
  const moves = [...steps].some(([name, step]) => String(nameSteps.has(name) ? nameSteps.get(name) : [0, 0]) !== String(step));
  if (moves) nameSteps = steps;
  return moves;
}

/** @param {string} name @param {number} resolution close up the name would only stand in the way */
function districtName(name, resolution) {
  // A theme by area writes names over its own colours.
  if (resolution < 12 || (state.theme && state.theme.by !== "place")) return undefined;
  const step = nameSteps.has(name) ? nameSteps.get(name) : [0, 0];
  if (!step) return undefined;
  const spaced = /^[\x00-\x7f]+$/.test(name) ? name : [...name].join("\u2009\u2009");
  return keep(`district name ${name} ${step}`, () => {
    const text = label(spaced, 15, "#587196", step[1], 600);
    text.setOffsetX(step[0]);
    return new Style({ text, zIndex: -1 });
  });
}

/**
 * The style function of one layer.
 * @param {any} layer as /api/layers describes it
 * @param {any | null} theme one of its themes; null is plain
 * @param {string} colour plain colour
 * @param {boolean} ground whether other shapes stand on these: drawn pale
 */
export function layerStyle(layer, theme, colour, ground) {
  const colours = new Map((theme?.classes ?? []).map((/** @type {any} */ one) => [String(one.value), one.colour]));
  return (/** @type {any} */ feature, /** @type {number} */ resolution) => {
    const shape = feature.getGeometry().getType();
    const many = feature.get("count");
    if (layer.name === "admin_area") {
      return shape.includes("Point") ? districtName(String(feature.get("name") ?? ""), resolution) : district(feature);
    }
    if (many !== undefined && many !== null) return bubble(Number(many), colour);
    const own = theme ? (classOf(theme, feature, colours) ?? UNKNOWN) : colour;
    const name = layer.label_attribute && state.labels ? feature.get(layer.label_attribute) : "";
    const text = name && resolution < 2.5 ? String(name) : "";
    if (shape.includes("Point")) return text && resolution < 1.3 ? [dot(own), nameBeside(text)] : dot(own);
    if (shape.includes("Polygon")) {
      const drawn = polygon(own, resolution < 5, ground);
      return text && isNamed(feature, ground, resolution) ? [drawn, nameOnly(text, resolution)] : drawn;
    }
    return line(own);
  };
}

/** The colour of a place by a theme; rooms of a building may be told apart one by one. @param {any} theme @param {any} feature @param {Map<string, string>} colours */
const classOf = (theme, feature, colours) =>
  theme.places ? theme.places.get(Number(feature.get("place_id")))?.colour : colours.get(String(feature.get(theme.attribute) ?? ""));

/** Whether a shape carries its name here. @param {any} feature @param {boolean} ground @param {number} resolution */
function isNamed(feature, ground, resolution) {
  if (!feature.get("has_label")) return false;
  // Over an opened floor the building's own name would cover its rooms.
  if (state.floor !== null && Number(feature.get("place_id")) === state.place) return false;
  // So near that its buildings carry their own names, a site's name would lie under them.
  return !(ground && resolution < 0.9);
}

/** @param {string} text @param {number} resolution */
function nameOnly(text, resolution) {
  return keep(`name ${text} ${resolution < 0.6}`, () =>
    new Style({ geometry: inside, text: label(text, resolution < 0.6 ? 13 : 12, "#22303f") }),
  );
}

/** One spot within a shape, in the part where it is widest. @param {any} feature */
function inside(feature) {
  const spots = feature.getType() === "MultiPolygon" ? feature.getFlatInteriorPoints() : feature.getFlatInteriorPoint();
  let widest = 0;
  for (let at = 3; at < spots.length; at += 3) if (spots[at + 2] > spots[widest + 2]) widest = at;
  return new Point(spots.slice(widest, widest + 2));
}

/** @param {string} text */
function nameBeside(text) {
  return keep(`beside ${text}`, () => new Style({ text: label(text, 12, "#22303f", -13) }));
}

/** Edge of what is selected, tinted inside unless rooms show there. @param {boolean} hollow */
export const selectedShape = (hollow) =>
  keep(`selected ${hollow}`, () =>
    new Style({
      fill: hollow ? undefined : new Fill({ color: "rgba(200,16,46,.14)" }),
      stroke: new Stroke({ color: ACCENT, width: 3 }),
      zIndex: 1000,
    }),
  );

const ring = [
  new Style({
    image: new Circle({ radius: 13, stroke: new Stroke({ color: "#fff", width: 5 }) }),
    zIndex: 1001,
  }),
  new Style({
    image: new Circle({ radius: 13, stroke: new Stroke({ color: ACCENT, width: 3 }) }),
    zIndex: 1002,
  }),
];

/** A ring marks the place while its own shape is too small to see. */
export const selectedPoint = (/** @type {any} */ _, /** @type {number} */ resolution) =>
  resolution > 2 ? ring : undefined;

/** The area a question is asked about. */
export const questionShape = new Style({
  fill: new Fill({ color: "rgba(11,58,111,.05)" }),
  stroke: new Stroke({ color: "#0b3a6f", width: 2.2, lineDash: [9, 5] }),
});
