// @ts-check
/** The places of the shown answer as a file: which layer, in which format. */
import { exportLayer } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { t } from "./i18n.js";
import { state } from "./state.js";

const FORMATS = ["xlsx", "html", "gpkg", "shp", "geojson", "parquet", "csv"];

/** @type {any[]} */
let layers = [];
/** What was chosen last, as long as the page is open. */
const chosen = { layer: "property", format: "xlsx", isOpen: false };

/** @param {any} described answer of /api/layers */
export function startTakeaway(described) {
  layers = described.groups.flatMap((/** @type {any} */ group) => group.layers);
}

/** The part of the answer's head that offers it. */
export function takeaway() {
  const act = h("button.btn.btn-sm", { type: "button", onclick: () => take(act) }, icon("download"), t("takeaway.act"));
  const box = h("details.takeaway", { open: chosen.isOpen, ontoggle: (/** @type {any} */ event) => (chosen.isOpen = event.target.open) },
    h("summary", null, t("takeaway")),
    h("p.hint", null, t("takeaway.hint")),
    field("layer", layers.map((one) => [one.name, one.title])),
    field("format", FORMATS.map((name) => [name, t(`takeaway.${name}`)])),
    act);
  return box;
}

/** @param {"layer" | "format"} name @param {string[][]} options value and title of each */
function field(name, options) {
  const id = `takeaway-${name}`;
  const choose = h("select.form-select", { id, onchange: (/** @type {any} */ event) => (chosen[name] = event.target.value) },
    ...options.map(([value, title]) => h("option", { value }, title)));
  /** @type {any} */ (choose).value = chosen[name];
  return h("label.survey-field", { for: id }, h("span", null, t(`takeaway.${name}`)), choose);
}

/** @param {HTMLElement} button */
const take = (button) => deliver(button, () => exportLayer(state.question ?? { within: {} }, chosen.layer, chosen.format));

/** Fetch a file and hand it to the reader, or say why there is none. @param {HTMLElement} button rests meanwhile @param {() => Promise<{name: string, content: Blob}>} fetchIt */
export async function deliver(button, fetchIt) {
  button.setAttribute("disabled", "");
  toast(t("takeaway.working"));
  try {
    const { name, content } = await fetchIt();
    const address = URL.createObjectURL(content);
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    toast(name);
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  } finally {
    button.removeAttribute("disabled");
  }
}
