// @ts-check
/** Where district names stand: beside the counted circles, not under them. */

/** Steps up and down from a name's own spot, pixels; farther off it would stand in the next district. */
const STEPS = [0, -24, 24];
const HALF_HEIGHT = 11;
const HALF_CHARACTER = 11;

/**
 * @typedef {{x: number, y: number, radius: number}} Circle pixels
 * @param {Array<{name: string, x: number, y: number}>} names pixels of their own spots
 * @param {Circle[]} circles what they must not cover
 * @returns {Map<string, number | null>} pixels down from each name's own spot; null: no room for it
 */
export function freeSpots(names, circles) {
  /** @type {Map<string, number | null>} */
  const taken = new Map();
  /** @type {Array<{x: number, y: number, half: number}>} */
  const boxes = [];
  for (const { name, x, y } of names) {
    const half = HALF_CHARACTER * name.length;
    const isFree = (/** @type {number} */ step) =>
      circles.every((one) => Math.abs(one.x - x) > half + one.radius || Math.abs(one.y - y - step) > HALF_HEIGHT + one.radius) &&
      boxes.every((one) => Math.abs(one.x - x) > half + one.half || Math.abs(one.y - y - step) > 2 * HALF_HEIGHT);
    const step = STEPS.find(isFree);
    taken.set(name, step ?? null);
    if (step === undefined) continue;
    boxes.push({ x, y: y + step, half });
  }
  return taken;
}
