// @ts-check
/** Questions of a planner: fields of the chosen one, and what of its answer can be drawn. */
import { byId } from "../dom.js";
import { choice } from "../requests/choices.js";
import { vacantMap } from "../requests/map.js";

const form = /** @type {HTMLFormElement} */ (byId("questions"));
const USUAL_RADIUS_M = "3000";

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** Shows what belongs to the chosen question; what is hidden is not sent. */
function showQuestion() {
  const chosen = field("question").value;
  for (const part of form.querySelectorAll("[data-for]")) {
    const isOn = (/** @type {HTMLElement} */ (part).dataset.for ?? "").split(" ").includes(chosen);
    /** @type {HTMLElement} */ (part).hidden = !isOn;
    for (const one of part.querySelectorAll("input, select")) /** @type {HTMLInputElement} */ (one).disabled = !isOn;
  }
}

for (const one of form.querySelectorAll("[data-find]")) choice(/** @type {HTMLElement} */ (one));
field("question").addEventListener("change", showQuestion);
showQuestion();

const drawn = document.getElementById("answer-map");
if (drawn) {
  const map = vacantMap(drawn, (lon, lat) => {
    if (field("question").value !== "vacant") return;
    field("longitude").value = lon.toFixed(6);
    field("latitude").value = lat.toFixed(6);
    if (!field("radius_m").value) field("radius_m").value = USUAL_RADIUS_M;
    form.requestSubmit();
  });
  const [lon, lat, radius_m] = ["longitude", "latitude", "radius_m"].map((name) => Number(field(name).value || NaN));
  map.show(JSON.parse(drawn.dataset.spots ?? "[]"), Number.isFinite(lon + lat + radius_m) ? { lon, lat, radius_m } : null);
}
document.documentElement.dataset.questions = "";
