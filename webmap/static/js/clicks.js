// @ts-check
/** Who has the clicks on the map: questions, shapes, places to be put, measures; one at a time. */

/** @type {(() => void) | null} */
let giveUp = null;

/** Take them; whoever had them ends. @param {() => void} end called when another takes them */
export function takeClicks(end) {
  const before = giveUp;
  giveUp = end;
  if (before && before !== end) before();
}

/** Leave them to nobody. @param {() => void} end as it was given */
export function leaveClicks(end) {
  if (giveUp === end) giveUp = null;
}
