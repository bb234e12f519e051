// @ts-check
/** How much of the ground a millimetre of the sheet is, and a bar that shows it. */
import { h } from "./dom.js";
import { count, t } from "./i18n.js";
import ol from "./ol.js";

/** A CSS pixel on paper is 1/96 inch. */
export const PIXEL_M = 0.0254 / 96;
/** First eccentricity squared of CGCS2000. */
const E2 = 0.00669438002290;
const LONGEST_PX = 190;

/**
 * Metres on the ground, eastwards, under a pixel in the middle of the view: the map is a Mercator, so its scale goes with the latitude.
 * @param {any} view
 */
export function groundMetres(view) {
  const latitude = (ol.proj.toLonLat(view.getCenter())[1] * Math.PI) / 180;
  return (view.getResolution() * Math.cos(latitude)) / Math.sqrt(1 - E2 * Math.sin(latitude) ** 2);
}

/** The sheet's scale, as the number below the line. @param {any} view */
export const ratioOf = (view) => groundMetres(view) / PIXEL_M;

/** @param {any} view @returns {HTMLElement[]} */
export function scaleBar(view) {
  const metre = groundMetres(view);
  const most = LONGEST_PX * metre;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((one) => one <= most) ?? power;
  const bar = h("div.sheet-bar", { "data-metres": length }, ...[0, 1, 2, 3].map((part) => h(part % 2 ? "span" : "span.dark", null)));
  const wide = (/** @type {HTMLElement} */ part) => { part.style.setProperty("--length", `${length / metre}px`); return part; };
  const end = length >= 1000 ? t("print.km", { length: count(length / 1000) }) : t("print.m", { length: String(length) });
  return [
    h("b.sheet-ratio", null, t("print.scale", { ratio: count(round(ratioOf(view))) })),
    wide(h("div.sheet-ends", null, h("span", null, "0"), h("span", null, end))), wide(bar),
  ];
}

/** Four figures say all that a map's scale holds. @param {number} ratio */
const round = (ratio) => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(ratio)) - 3);
  return Math.round(ratio / step) * step;
};
