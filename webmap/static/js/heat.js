// @ts-check
/** A heat map of a layer's counted places: glows that add up, then coloured by how much they add up to; no GPU is needed. */
import { isOn, layerTiles, map } from "./map.js";
import ol from "./ol.js";
import { on, state } from "./state.js";

const { Style, Icon } = ol.style;
const CLASS = "heat-layer";
const RADIUS = 34;
/** From little to much: alpha and colour; one hue darkening, so that no pair is red against green. */
const STOPS = [[0, [255, 245, 235, 0]], [0.12, [253, 208, 162, 150]], [0.35, [253, 141, 60, 190]], [0.65, [217, 72, 1, 215]], [1, [127, 39, 4, 230]]];

/** The glow in a legend. */
export const GLOW = "#fd8d3c";

/** The layers on the map and, while two days are compared, on the second. @type {Array<{on: any, layer: any}>} */
let drawn = [];
/** @type {any} the second map; null: there is none */
let second = null;
/** @type {any[]} layers as /api/layers describes them */
let described = [];

/** @param {any} answer of /api/layers */
export function startHeat(answer) {
  described = answer.groups.flatMap((/** @type {any} */ group) => group.layers);
  on("heat", draw);
  on("layers", draw);
  draw();
}

/** Whether a layer counts places at some zoom. @param {any} one */
export const canGlow = (one) => one.name !== "admin_area" && (one.detailzoom === null || one.detailzoom > one.minzoom);

/** The heat of the second map's own day. @param {any} target the second map; null: it goes */
export function heatBeside(target) {
  second = target;
  draw();
}

function draw() {
  for (const { on: target, layer } of drawn) target.removeLayer(layer);
  drawn = [];
  const one = described.find((each) => each.name === state.heat);
  if (!one || !canGlow(one) || !isOn(one)) return;
  for (const target of [map, second]) if (target) add(target, one);
}

/** @param {any} target the map it goes on @param {any} one layer as /api/layers describes it */
function add(target, one) {
  const layer = new ol.layer.VectorTile({
    className: CLASS,
    source: layerTiles(one.name, target !== map),
    zIndex: 60,
    renderBuffer: 2 * RADIUS,
    maxZoom: one.detailzoom === null ? undefined : one.detailzoom + 1,
    style: glow,
  });
  layer.on("postrender", (/** @type {any} */ event) => paint(event.context));
  target.addLayer(layer);
  drawn.push({ on: target, layer });
}

/** @param {any} feature */
function glow(feature) {
  if (!feature.getGeometry().getType().includes("Point")) return undefined;
  const many = Math.min(4, Math.max(0, Math.round(Math.log10(Number(feature.get("count") ?? 1)) * 2)));
  return glows[many];
}

/** A soft spot for each half order of magnitude. */
const glows = [0, 1, 2, 3, 4].map((step) => new Style({ image: new Icon({ img: spot(0.16 + 0.14 * step), size: [2 * RADIUS, 2 * RADIUS], declutterMode: "none" }) }));

/** @param {number} strength of its middle */
function spot(strength) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 2 * RADIUS;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const fade = pen.createRadialGradient(RADIUS, RADIUS, 0, RADIUS, RADIUS, RADIUS);
  fade.addColorStop(0, `rgba(0,0,0,${strength})`);
  fade.addColorStop(1, "rgba(0,0,0,0)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 2 * RADIUS, 2 * RADIUS);
  return canvas;
}

/** Colours by opacity, 256 of them. */
const palette = Uint8ClampedArray.from({ length: 256 * 4 }, (_, at) => {
  const share = Math.floor(at / 4) / 255;
  const next = Math.max(1, STOPS.findIndex(([from]) => /** @type {number} */ (from) >= share));
  const [[from, low], [to, high]] = /** @type {any} */ ([STOPS[next - 1], STOPS[next]]);
  const part = (share - from) / (to - from);
  return Math.round(low[at % 4] + (high[at % 4] - low[at % 4]) * part);
});

/** @param {CanvasRenderingContext2D} pen */
function paint(pen) {
  const { width, height } = pen.canvas;
  if (!width || !height) return;
  const image = pen.getImageData(0, 0, width, height);
  const { data } = image;
  for (let at = 3; at < data.length; at += 4) {
    if (!data[at]) continue;
    const from = data[at] * 4;
    data[at - 3] = palette[from];
    data[at - 2] = palette[from + 1];
    data[at - 1] = palette[from + 2];
    data[at] = palette[from + 3];
  }
  pen.putImageData(image, 0, 0);
}
