// @ts-check
/** Where district names stand: beside the counted circles, not under them. */

/** Steps right and down from a name's own spot, pixels, nearest first. */
const STEPS = [[0, 0], ...[12, 24, 36, 48, 60, 72, 84, 96].flatMap((far) =>
  [[0, -1], [0, 1], [-1, 0], [1, 0], [-0.8, -0.6], [0.8, 0.6], [-0.8, 0.6], [0.8, -0.6]].map(([right, down]) => [Math.round(far * right * 1.4), Math.round(far * down)]))];
const HALF_HEIGHT = 9;
const HALF_CHARACTER = 10;

/**
 * @typedef {{x: number, y: number, radius: number}} Circle pixels
 * @param {Array<{name: string, x: number, y: number}>} names pixels of their own spots
 * @param {Circle[]} circles what they must not cover
 * @param {(name: string, x: number, y: number) => boolean} isHome whether a pixel lies in the district of that name
 * @returns {Map<string, number[] | null>} pixels right and down from each name's own spot; null: no room for it
 */
export function freeSpots(names, circles, isHome) {
  /** @type {Map<string, number[] | null>} */
  const taken = new Map();
  /** @type {Array<{x: number, y: number, half: number}>} */
  const boxes = [];
  for (const { name, x, y } of names) {
    const half = HALF_CHARACTER * name.length;
    const isFree = (/** @type {number[]} */ [right, down]) =>
      circles.every((one) => Math.abs(one.x - x - right) > half + one.radius || Math.abs(one.y - y - down) > HALF_HEIGHT + one.radius) &&
      boxes.every((one) => Math.abs(one.x - x - right) > half + one.half || Math.abs(one.y - y - down) > 2 * HALF_HEIGHT);
    const step = STEPS.find((one) => isFree(one) && (one === STEPS[0] || [-half, half].every((side) => isHome(name, x + one[0] + side, y + one[1]))));
    taken.set(name, step ?? null);
    if (step === undefined) continue;
    boxes.push({ x: x + step[0], y: y + step[1], half });
  }
  return taken;
}
