// @ts-check
/** Messages and number formats in the reader's language. */

const messages = JSON.parse(document.getElementById("page-messages")?.textContent ?? "{}");
export const language = document.querySelector(".app")?.getAttribute("data-language") ?? "zh";
const locale = language === "zh" ? "zh-CN" : "en-GB";

/**
 * The message of a key with its parameters filled in.
 * @param {string} key
 * @param {Record<string, unknown>} [params]
 * @returns {string} the key itself where there is no message, so that a gap shows
 */
export function t(key, params = {}) {
  const text = messages[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) =>
    String(params[name] ?? ""),
  );
}

/** @param {number} digits */
const format = (digits, least = digits) =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: least });
const whole = format(0);
const exact = format(2);
const short = format(2, 0);

const AREA_UNITS = new Set(["m2", "㎡", "m²"]);
const SCALES =
  language === "zh"
    ? [
        { from: 1e8, by: 1e8, word: "亿" },
        { from: 1e4, by: 1e4, word: "万" },
      ]
    : [{ from: 1e6, by: 1e6, word: "million " }];

/** @param {string | null | undefined} unit a unit's code or its written form */
export function unitText(unit) {
  if (!unit) return "";
  return messages[`unit.${unit}`] ?? unit;
}

/** @param {string | null | undefined} unit */
export const isArea = (unit) => AREA_UNITS.has(unit ?? "");

/**
 * A figure for reading: large areas in 万 or million, the rest as it is.
 * @param {number | string | null} value
 * @param {string | null} [unit]
 * @returns {{number: string, unit: string}}
 */
export function figure(value, unit = null) {
  if (value === null || value === undefined || value === "") return { number: "–", unit: "" };
  const number = Number(value);
  if (Number.isNaN(number)) return { number: String(value), unit: unitText(unit) };
  if (unit === "share") return { number: short.format(number * 100), unit: "%" };
  if (isArea(unit)) {
    const scale = SCALES.find((step) => Math.abs(number) >= step.from);
    if (scale) {
      return { number: exact.format(number / scale.by), unit: scale.word + unitText(unit) };
    }
  }
  return { number: short.format(number), unit: unitText(unit) };
}

/** @param {number | string | null} value @param {string | null} [unit] */
export function figureText(value, unit = null) {
  const shown = figure(value, unit);
  return shown.unit ? `${shown.number} ${shown.unit}` : shown.number;
}

/** A number as it stands in the register: grouped, areas with two decimals. */
export function plain(/** @type {unknown} */ value, /** @type {string | null} */ unit = null) {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value !== "number") return String(value);
  if (unit === "share") return percent(value);
  if (isArea(unit)) return exact.format(value);
  return Number.isInteger(value) ? whole.format(value) : short.format(value);
}

/** Years are written without grouping. @param {string | undefined} name of a column or attribute */
export const isYear = (name) => /(^|_)year(_|$)/.test(name ?? "");

/** @param {number} value */
export const count = (value) => whole.format(value);

/** @param {number | null | undefined} share between 0 and 1 */
export const percent = (share) =>
  share === null || share === undefined
    ? ""
    : new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(share);
