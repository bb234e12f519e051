// @ts-check
/** Pages show what others do, part by part: where somebody writes, what is written stays. */
import { byId } from "./dom.js";
import { startLive } from "./live.js";
import { pageNow, putAnew } from "./parts.js";

/** Answers and files tell nobody that they came, as the map has none of them: pages that show some ask for them. */
const QUIET_MS = 5000;
const FIELDS = "input:not([type=hidden]), textarea, select";

const parts = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#content [data-live]")]);
/** What the server last said of each part; what the reader wrote into it since is not in it. @type {Map<string, string>} */
const said = new Map(parts().map((one) => [one.id, one.innerHTML]));
let asked = 0;

/** @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field */
function isWritten(field) {
  if (field instanceof HTMLSelectElement) {
    const options = [...field.options];
    const first = options.find((one) => one.defaultSelected) ?? options[0];
    return field.selectedOptions[0] !== first;
  }
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** Whether something is being written, sent or refused there, or was opened to be. @param {HTMLElement} part */
function isBusy(part) {
  const fields = /** @type {HTMLInputElement[]} */ ([...part.querySelectorAll(FIELDS)]);
  return fields.some(isWritten) || Boolean(document.activeElement?.closest("form") && part.contains(document.activeElement))
    || Boolean(part.querySelector("details[open] form, form button:disabled, form[data-sending], .form-problem:not([hidden])"));
}

/** The version that an answer is of; not a number where a part is none. @param {Element} part */
const versionIn = (part) => Number(/** @type {HTMLInputElement | null} */ (part.querySelector("form[data-save] [name=version]"))?.value ?? NaN);

async function renew() {
  const mine = ++asked;
  const page = await pageNow();
  if (!page || mine !== asked) return;
  let waits = false;
  for (const part of parts()) {
    const now = page.getElementById(part.id);
    if (!now || now.innerHTML === said.get(part.id)) continue;
    // One's own answer comes back as it was given, or, on its way while a later one was kept, as it was before.
    const isOwn = versionIn(now) <= versionIn(part);
    if (!isOwn && isBusy(part)) {
      waits = true;
      continue;
    }
    said.set(part.id, now.innerHTML);
    if (!isOwn) putAnew(part, now);
  }
  byId("changed-meanwhile").hidden = !waits;
}

startLive(() => void renew());
const again = () => window.setTimeout(async () => {
  if (!document.hidden) await renew();
  again();
}, QUIET_MS);
if (document.querySelector("#content [data-quiet]")) again();
document.documentElement.dataset.follows = "";
