// @ts-check
/** Gauss-Krüger coordinates of CGCS2000 in 3-degree zones, as surveys write them: X north, Y east with 500 km added. */

const A = 6378137;
const F = 1 / 298.257222101;
const N = F / (2 - F);
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const SERIES = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3,
  (61 / 240) * N ** 3,
];

/**
 * @param {number} longitude degrees @param {number} latitude degrees
 * @returns {{meridian: number, x: number, y: number} | null} central meridian in degrees, metres; null outside the country's zones
 */
export function gaussKrueger(longitude, latitude) {
  const meridian = 3 * Math.round(longitude / 3);
  if (meridian < 75 || meridian > 135 || Math.abs(latitude) > 80) return null;
  const { x, y } = planeFrom(meridian, longitude, latitude);
  return { meridian, x, y: 500_000 + y };
}

/**
 * The same projection from any meridian, true to scale beside it: a ten-thousandth too long 90 km away.
 * @param {number} meridian degrees @param {number} longitude degrees @param {number} latitude degrees
 * @returns {{x: number, y: number}} metres north of the equator and east of the meridian
 */
export function planeFrom(meridian, longitude, latitude) {
  const e = (2 * Math.sqrt(N)) / (1 + N);
  const sine = Math.sin((latitude * Math.PI) / 180);
  const aside = ((longitude - meridian) * Math.PI) / 180;
  const t = Math.sinh(Math.atanh(sine) - e * Math.atanh(e * sine));
  const xi = Math.atan2(t, Math.cos(aside));
  const eta = Math.atanh(Math.sin(aside) / Math.sqrt(1 + t * t));
  const sum = (/** @type {(k: number) => number} */ part) => SERIES.reduce((all, factor, at) => all + factor * part(2 * (at + 1)), 0);
  return {
    x: RADIUS * (xi + sum((k) => Math.sin(k * xi) * Math.cosh(k * eta))),
    y: RADIUS * (eta + sum((k) => Math.cos(k * xi) * Math.sinh(k * eta))),
  };
}
