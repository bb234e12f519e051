// @ts-check
/** Other people's changes show on an open map: it asks for the register's version every other second. */
import { fetchVersion, seeVersion } from "./api.js";

const EVERY_MS = 1500;
/** @type {number | null} */
let known = null;
/** @type {() => void} */
let tell = () => {};

/** @param {() => void} changed called when the register has changed */
export function startLive(changed) {
  tell = changed;
  const again = () => window.setTimeout(async () => {
    if (!document.hidden) await lookNow();
    again();
  }, EVERY_MS);
  lookNow().then(again);
}

/** Look at once, as after a change of one's own. */
export async function lookNow() {
  try {
    const { data } = await fetchVersion();
    const isNew = known !== null && data !== known;
    known = data;
    seeVersion(data);
    if (isNew) tell();
  } catch {
    // The next look tells; a map that lost its server says so itself.
  }
}
