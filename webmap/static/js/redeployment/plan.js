// @ts-check
/** Plans: bodies and rooms are found by name, rooms are chosen several at once. */
import { count } from "../i18n.js";
import { choice } from "../requests/choices.js";
import { followCase } from "../requests/fresh.js";

for (const one of document.querySelectorAll("[data-find]")) choice(/** @type {HTMLElement} */ (one));

/** What is chosen goes into the form as numbers. @param {HTMLFormElement} form */
function chooseRooms(form) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("tbody input[type=checkbox]")]);
  const all = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-all]"));
  const show = () => {
    const chosen = boxes.filter((one) => one.checked);
    /** @type {HTMLInputElement} */ (form.elements.namedItem("rooms")).value = chosen.map((one) => one.value).join(",");
    for (const button of form.querySelectorAll("button.btn")) if (button.querySelector("[data-count]")) /** @type {HTMLButtonElement} */ (button).disabled = !chosen.length;
    for (const said of form.querySelectorAll("[data-count]")) said.textContent = chosen.length ? count(chosen.length) : "";
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  for (const one of boxes) one.addEventListener("change", show);
  all?.addEventListener("change", () => {
    for (const one of boxes) one.checked = all.checked;
    show();
  });
  show();
}

/** Shows what belongs to the chosen kind of step; what is hidden is not sent. @param {HTMLFormElement} form */
function showKind(form) {
  const kind = /** @type {HTMLSelectElement} */ (form.elements.namedItem("kind"));
  const show = () => {
    for (const part of form.querySelectorAll("[data-for]")) {
      const isOn = /** @type {HTMLElement} */ (part).dataset.for === kind.value;
      /** @type {HTMLElement} */ (part).hidden = !isOn;
      for (const one of part.querySelectorAll("input, select")) /** @type {HTMLInputElement} */ (one).disabled = !isOn;
    }
  };
  kind.addEventListener("change", show);
  show();
}

for (const one of document.querySelectorAll("form[data-choose]")) chooseRooms(/** @type {HTMLFormElement} */ (one));
const add = document.getElementById("add");
if (add) showKind(/** @type {HTMLFormElement} */ (add));
const { plan, version } = document.getElementById("plan")?.dataset ?? {};
if (plan && version) followCase(plan, version, "redeployment");
document.documentElement.dataset.redeploymentPlan = "";
