// @ts-check
/** A page follows what others do: it is read anew, or says so where somebody is writing in it. */
import { call } from "../api.js";
import { byId } from "../dom.js";
import { pageNow } from "../parts.js";

const CASE_MS = 2000;
const LIST_MS = 10000;
/** How long somebody who followed a link, or sent a form, is on the way; after a download the page is still there. */
const LEAVING_MS = 10000;
const WRITTEN = "input:not([type=hidden]):not([type=checkbox]), textarea";

let left = -LEAVING_MS;
window.addEventListener("beforeunload", () => { left = performance.now(); });

/** Whether something is written or chosen that reading anew would lose. */
function isBusy() {
  const main = byId("content");
  const fields = /** @type {HTMLInputElement[]} */ ([...main.querySelectorAll(WRITTEN)]);
  const boxes = /** @type {HTMLInputElement[]} */ ([...main.querySelectorAll("input[type=checkbox]")]);
  return fields.some((one) => one.value !== one.defaultValue) || boxes.some((one) => one.checked !== one.defaultChecked)
    || Boolean(document.activeElement?.closest("#content form"));
}

/** @param {() => Promise<string>} ask what stands now @param {string} known what is shown @param {number} every */
function follow(ask, known, every) {
  const again = () => window.setTimeout(async () => {
    if (document.hidden) return again();
    // A server that does not answer is asked again; what is shown stays.
    const now = await ask().catch(() => known);
    if (now === known) return again();
    // Reading anew would bring back who is leaving.
    if (performance.now() - left < LEAVING_MS) return again();
    if (!isBusy()) return window.location.reload();
    byId("changed-meanwhile").hidden = false;
    again();
  }, every);
  again();
}

/** One case, which stands on the page in this version. @param {string} id @param {string} version @param {string} [workflow] */
export function followCase(id, version, workflow = "requests") {
  follow(async () => String((await call(`/api/cases/${workflow}/${id}`)).version), version, CASE_MS);
}

/** A list of the page, by what stands in it. @param {string} id */
export function followList(id) {
  follow(async () => {
    const page = await pageNow();
    if (!page) throw new Error("no page");
    return page.getElementById(id)?.innerHTML ?? "";
  }, byId(id).innerHTML, LIST_MS);
}
