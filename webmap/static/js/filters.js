// @ts-check
/** Which features of each layer are looked at; the map asks here feature by feature. */
import { state } from "./state.js";

/**
 * @typedef {Record<string, any>} Filter attribute to its values or its smallest and largest; `holder` to a body
 */

/** @param {string} layer @returns {Filter | null} */
export const filterOf = (layer) => state.filters[layer] ?? null;

/** Whether a feature of a tile passes; counted places have passed on the server. @param {string} layer @param {any} feature */
export function passes(layer, feature) {
  const filter = filterOf(layer);
  if (!filter || (feature.get("count") ?? null) !== null) return true;
  return Object.entries(filter).every(([name, wanted]) => !Array.isArray(wanted) || fits(feature.get(name), wanted));
}

/** @param {any} value @param {any[]} wanted */
function fits(value, wanted) {
  if (wanted.every((one) => typeof one === "string")) return wanted.includes(String(value ?? ""));
  const number = Number(value);
  if (value === null || value === undefined || Number.isNaN(number)) return false;
  return number >= (wanted[0] ?? -Infinity) && number <= (wanted[1] ?? Infinity);
}

/**
 * What a tile's address says of the filter: at a zoom with each place by itself, tiles that are here already will do, unless
 * who has a place decides, which no tile tells.
 * @param {any} layer @param {number} zoom of the tile
 */
export function askedFilter(layer, zoom) {
  const filter = filterOf(layer.name);
  if (!filter) return null;
  const isCounted = layer.detailzoom === null || zoom < layer.detailzoom;
  return isCounted || filter.holder ? written(layer.name) : null;
}

/** As the server reads it. @param {string} layer */
export function sentFilter(layer) {
  const { holder_name: _, ...sent } = filterOf(layer) ?? {};
  return sent;
}

/** The same as text. @param {string} layer */
export const written = (layer) => JSON.stringify(sentFilter(layer));

/** What figures, table and files are narrowed by: the filters of all layers, unless they are left aside. @returns {Record<string, any>} */
export const sentFilters = () => state.isWhole ? {} : Object.fromEntries(Object.keys(state.filters).map((layer) => [layer, sentFilter(layer)]));
