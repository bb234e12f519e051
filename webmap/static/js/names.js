// @ts-check
/** Where district names stand: beside the counted circles, not under them. */

/** Steps right and down from a name's own spot, pixels; farther off it would stand in the next district. */
const STEPS = [[0, 0], [0, -24], [0, 24], [-52, 0], [52, 0], [-40, -20], [40, 20]];
const HALF_HEIGHT = 11;
const HALF_CHARACTER = 11;

/**
 * @typedef {{x: number, y: number, radius: number}} Circle pixels
 * @param {Array<{name: string, x: number, y: number}>} names pixels of their own spots
 * @param {Circle[]} circles what they must not cover
 * @returns {Map<string, number[] | null>} pixels right and down from each name's own spot; null: no room for it
 */
export function freeSpots(names, circles) {
  /** @type {Map<string, number[] | null>} */
  const taken = new Map();
  /** @type {Array<{x: number, y: number, half: number}>} */
  const boxes = [];
  for (const { name, x, y } of names) {
    const half = HALF_CHARACTER * name.length;
    const isFree = (/** @type {number[]} */ [right, down]) =>
      circles.every((one) => Math.abs(one.x - x - right) > half + one.radius || Math.abs(one.y - y - down) > HALF_HEIGHT + one.radius) &&
      boxes.every((one) => Math.abs(one.x - x - right) > half + one.half || Math.abs(one.y - y - down) > 2 * HALF_HEIGHT);
    const step = STEPS.find(isFree);
    taken.set(name, step ?? null);
    if (step === undefined) continue;
    boxes.push({ x: x + step[0], y: y + step[1], half });
  }
  return taken;
}
