// @ts-check
/** Other people's changes show on an open map: it asks for the register's version every second. */
import { fetchVersion, seeVersion } from "./api.js";

const EVERY_MS = 1000;
/** How often at most the server hears that somebody is there. */
const PRESENT_MS = 60000;
/** @type {number | null} */
let known = null;
let wasPresent = false;
let saidPresent = 0;
/** @type {() => void} */
let tell = () => {};

/** @param {() => void} changed called when the register has changed */
export function startLive(changed) {
  tell = changed;
  for (const kind of ["pointerdown", "keydown", "wheel"]) {
    document.addEventListener(kind, () => (wasPresent = true), { passive: true, capture: true });
  }
  const again = () => window.setTimeout(async () => {
    if (!document.hidden) await lookNow();
    again();
  }, EVERY_MS);
  lookNow().then(again);
}

/** Whether to say that somebody used the map since this was last said: a session nobody uses ends. */
function isPresent() {
  if (!wasPresent || Date.now() - saidPresent < PRESENT_MS) return false;
  wasPresent = false;
  saidPresent = Date.now();
  return true;
}

/** Look at once, as after a change of one's own. */
export async function lookNow() {
  try {
    const { data } = await fetchVersion(isPresent());
    const isNew = known !== null && data !== known;
    known = data;
    seeVersion(data);
    if (isNew) tell();
  } catch {
    // The next look tells; a map that lost its server says so itself.
  }
}
