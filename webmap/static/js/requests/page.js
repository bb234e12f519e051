// @ts-check
/** One request: candidates are chosen several at once, files attached. */
import { go } from "../campaigns/forms.js";
import { Problem, send } from "../campaigns/send.js";
import { byId } from "../dom.js";
import { count } from "../i18n.js";
import { followCase } from "./fresh.js";

const { request = "", version = "" } = byId("request").dataset;
followCase(request, version);
const table = /** @type {HTMLTableElement | null} */ (document.getElementById("candidates"));
const all = /** @type {HTMLInputElement | null} */ (document.getElementById("all-candidates"));
const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("answer"));
const rooms = /** @type {HTMLInputElement | null} */ (document.querySelector("#answers [name=rooms]"));

const boxes = () => /** @type {HTMLInputElement[]} */ ([...(table?.tBodies[0].querySelectorAll("input[type=checkbox]") ?? [])]);

/** What is chosen goes into the form as numbers. */
function showChosen() {
  const chosen = boxes().filter((one) => one.checked);
  if (rooms) rooms.value = chosen.map((one) => one.value).join(",");
  if (button) button.disabled = !chosen.length;
  const said = document.getElementById("answer-count");
  if (said) said.textContent = chosen.length ? count(chosen.length) : "";
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === boxes().length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
}

for (const one of boxes()) one.addEventListener("change", showChosen);
all?.addEventListener("change", () => {
  for (const one of boxes()) one.checked = all.checked;
  showChosen();
});
showChosen();

const attach = /** @type {HTMLFormElement | null} */ (document.getElementById("attach"));
attach?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = /** @type {HTMLElement} */ (attach.querySelector(".form-problem"));
  problem.hidden = true;
  try {
    await send(attach.dataset.address ?? "", new FormData(attach));
    go(window.location.href);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem.textContent = error.message;
    problem.hidden = false;
  }
});
document.documentElement.dataset.requestPage = "";
