// @ts-check
/** Whether somebody is there: what an open page asks by itself keeps no session alive. */

const ATTENDED_MS = 60_000;
let touchedAt = Date.now();

for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) {
  document.addEventListener(kind, () => (touchedAt = Date.now()), { passive: true, capture: true });
}

/** What a question of a page that nobody touches says of itself. @returns {Record<string, string>} */
export const presence = () => (Date.now() - touchedAt < ATTENDED_MS ? {} : { "Onemap-Unattended": "1" });
