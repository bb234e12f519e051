// @ts-check
/** A polygon as text: WKT, or a point a line; what is wrong is told with its line. */
import { t } from "./i18n.js";

/**
 * @typedef {[number, number]} Position longitude, latitude
 * @typedef {{text: string, line: number}} Piece a word of the text and the line it stands on
 * @typedef {{position: Position, line: number}} Corner
 */

/** What is wrong with a text, and on which of its lines; 0 where no single one is to blame. */
export class Mistake extends Error {
  /** @param {string} key @param {number} line @param {Record<string, unknown>} [params] */
  constructor(key, line, params = {}) {
    super(t(`coordinates.${key}`, { line, ...params }));
    this.line = line;
  }
}

const WKT = /^\s*(SRID=\d+;)?\s*[a-z]+\s*(z|m|zm)?\s*\(/i;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
const MOST_COMPARED = 1500; // edges, each with each; the server looks at longer rings
/** Degrees between which China lies: a latitude first, and a longitude second, were swapped. */
const CHINA = { south: 3, north: 54, west: 73, east: 136 };

/**
 * The polygon of a text.
 * @param {string} text
 * @returns {{type: "MultiPolygon" | "Polygon", coordinates: any}} GeoJSON in degrees, rings closed
 * @throws {Mistake}
 */
export function readPolygon(text) {
  const polygons = WKT.test(text) ? readWkt(text) : [[readLines(text)]];
  const closed = polygons.map((rings) => rings.map(closedRing));
  return closed.length === 1
    ? { type: "Polygon", coordinates: closed[0] }
    : { type: "MultiPolygon", coordinates: closed };
}

/** A polygon as a text that reads back: a point a line where it has one ring. @param {any} geometry */
export function writePolygon(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  if (polygons.length === 1 && polygons[0].length === 1) {
    return polygons[0][0].slice(0, -1).map((/** @type {number[]} */ one) => `${one[0]}, ${one[1]}`).join("\n");
  }
  const ring = (/** @type {number[][]} */ one) => `(${one.map(([x, y]) => `${x} ${y}`).join(", ")})`;
  const bodies = polygons.map((/** @type {number[][][]} */ one) => `(${one.map(ring).join(", ")})`);
  return polygons.length === 1 ? `POLYGON ${bodies[0]}` : `MULTIPOLYGON (${bodies.join(",\n")})`;
}

/** @param {string} text @returns {Corner[]} */
function readLines(text) {
  const corners = [];
  for (const [at, written] of text.split(/\r\n|\r|\n/).entries()) {
    const words = written.split(/[\s,，、;；]+/).filter(Boolean);
    if (words.length) corners.push(corner(words, at + 1, written.trim()));
  }
  return corners;
}

/** @param {string[]} words @param {number} line @param {string} written @returns {Corner} */
function corner(words, line, written) {
  if (words.length !== 2 || !words.every((one) => NUMBER.test(one))) throw new Mistake("not_a_point", line, { text: shortened(written) });
  const [lon, lat] = words.map(Number);
  if (lon >= CHINA.south && lon <= CHINA.north && lat >= CHINA.west && lat <= CHINA.east) throw new Mistake("swapped", line, { lon, lat });
  if (Math.abs(lon) > 180) throw new Mistake("longitude", line, { value: words[0] });
  if (Math.abs(lat) > 90) throw new Mistake("latitude", line, { value: words[1] });
  return { position: [lon, lat], line };
}

/** @param {string} written */
const shortened = (written) => (written.length > 40 ? `${written.slice(0, 40)}…` : written);

/** @param {string} text @returns {Corner[][][]} polygons of rings of corners */
function readWkt(text) {
  const pieces = cut(text.replace(/^\s*SRID=\d+;/i, ""));
  const kind = pieces.shift();
  const name = kind?.text.toUpperCase();
  if (/^(Z|M|ZM)$/i.test(pieces[0]?.text ?? "")) throw new Mistake("flat_only", pieces[0].line);
  if (name !== "POLYGON" && name !== "MULTIPOLYGON") throw new Mistake("no_polygon", kind?.line ?? 1, { text: shortened(kind?.text ?? "") });
  const polygon = () => group(pieces, () => group(pieces, () => wktCorner(pieces)));
  const found = name === "POLYGON" ? [polygon()] : group(pieces, polygon);
  if (pieces.length) throw new Mistake("unexpected", pieces[0].line, { text: shortened(pieces[0].text) });
  return found;
}

/** Words, brackets and commas, each with its line. @param {string} text @returns {Piece[]} */
function cut(text) {
  return text.split(/\r\n|\r|\n/).flatMap((written, at) =>
    [...written.matchAll(/[(),]|[^\s(),]+/g)].map((found) => ({ text: found[0], line: at + 1 })));
}

/** `( one, one, … )`. @template T @param {Piece[]} pieces @param {() => T} one @returns {T[]} */
function group(pieces, one) {
  take(pieces, "(");
  const found = [one()];
  while (pieces[0]?.text === ",") {
    pieces.shift();
    found.push(one());
  }
  take(pieces, ")");
  return found;
}

/** @param {Piece[]} pieces @param {string} text */
function take(pieces, text) {
  const next = pieces.shift();
  if (!next) throw new Mistake("ends_early", 0, { text });
  if (next.text !== text) throw new Mistake("unexpected", next.line, { text: shortened(next.text) });
}

/** @param {Piece[]} pieces @returns {Corner} */
function wktCorner(pieces) {
  const words = [];
  let line = pieces[0]?.line ?? 0;
  while (pieces.length && !"(),".includes(pieces[0].text)) {
    line = pieces[0].line;
    words.push(/** @type {Piece} */ (pieces.shift()).text);
  }
  if (!words.length && !pieces.length) throw new Mistake("ends_early", 0, { text: ")" });
  return corner(words, line, words.join(" "));
}

/** @param {Corner[]} corners @returns {Position[]} with its first corner again at its end */
function closedRing(corners) {
  const ring = corners.filter((one, at) => at === 0 || !isSame(one.position, corners[at - 1].position));
  if (ring.length > 1 && isSame(ring[0].position, ring[ring.length - 1].position)) ring.pop();
  if (ring.length < 3) throw new Mistake("too_few", 0, { count: ring.length });
  refuseCrossing(ring);
  return [...ring, ring[0]].map((one) => one.position);
}

/** @param {Position} a @param {Position} b */
const isSame = (a, b) => a[0] === b[0] && a[1] === b[1];

/** @param {Corner[]} ring open */
function refuseCrossing(ring) {
  const count = ring.length;
  if (count > MOST_COMPARED) return;
  const edge = (/** @type {number} */ at) => [ring[at], ring[(at + 1) % count]];
  for (let one = 0; one < count; one++) {
    for (let other = one + 2; other < count; other++) {
      if (one === 0 && other === count - 1) continue;
      const [a, b, c, d] = [...edge(one), ...edge(other)];
      if (isCrossing(a.position, b.position, c.position, d.position)) {
        throw new Mistake("crossing", c.line, { from: one + 1, to: one + 2, other_from: other + 1, other_to: ((other + 1) % count) + 1 });
      }
    }
  }
}

/** Whether two edges cross or touch inside; what merely shares a corner is left to the server. @param {Position} a @param {Position} b @param {Position} c @param {Position} d */
function isCrossing(a, b, c, d) {
  const side = (/** @type {Position} */ p, /** @type {Position} */ q, /** @type {Position} */ r) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}
