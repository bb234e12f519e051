// @ts-check
/** Asking about an area: drawn polygon or rectangle, radius, district, coordinates; each has a way by keyboard. */
import { leaveClicks, takeClicks } from "./clicks.js";
import { readPolygon, writePolygon } from "./coordinates.js";
import { byId, h, icon, toast } from "./dom.js";
import { t } from "./i18n.js";
import { centre, fit, map, showQuestion, viewExtent } from "./map.js";
import ol, { DEGREES_CRS, MAP_CRS } from "./ol.js";
import { filterOf, sentFilter } from "./filters.js";
import { set, state } from "./state.js";
import { questionShape } from "./styles.js";

const MODES = ["polygon", "rectangle", "radius", "district", "layer", "coordinates"];
const MIN_RADIUS = 10;
const MAX_RADIUS = 100000;

/** @type {string | null} */
let mode = null;
/** @type {any} */
let drawing = null;
/** @type {any} beside it: a rectangle is drawn by two clicks or in one go */
let dragging = null;
let written = "";
let radius = 1000;
/** @type {any[]} */
let districts = [];
/** @type {any[]} layers of places, as /api/layers describes them */
let layers = [];
/** What was chosen last of places by another layer: its name, or the selected place. */
const near = { layer: "", metres: 0, touching: false };
const SELECTED = "selected";

/** Whether a click on the map belongs to a drawing. */
export const isDrawing = () => drawing !== null || mode === "radius";

/** @param {any[]} areas items of /api/admin-areas @param {any} described answer of /api/layers */
export function startAsk(areas, described) {
  districts = areas;
  layers = described.groups.flatMap((/** @type {any} */ group) => group.layers).filter((/** @type {any} */ one) => one.is_charted);
  byId("ask").replaceChildren(
    h("div.modes", null, ...MODES.map((name) =>
      h("button.mode", { type: "button", "data-mode": name, "aria-pressed": "false",
        onclick: () => enter(mode === name ? null : name) }, icon(name), h("span", null, t(`mode.${name}`))))),
    h("div.mode-options", { id: "mode-options", "aria-live": "polite" }));
  map.on("singleclick", (/** @type {any} */ event) => {
    if (mode === "radius") askRadius(ol.proj.toLonLat(event.coordinate));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && mode) enter(null);
    if (event.key === "Enter" && drawing && document.activeElement === byId("map")) drawing.finishDrawing();
  });
}

const leave = () => enter(null);

/** @param {string | null} next */
function enter(next) {
  for (const one of [drawing, dragging]) if (one) map.removeInteraction(one);
  drawing = dragging = null;
  mode = next;
  if (mode === "polygon" || mode === "rectangle" || mode === "radius") takeClicks(leave);
  else leaveClicks(leave);
  for (const button of byId("ask").querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-mode") === mode));
  }
  byId("map").classList.toggle("drawing", isDrawing() || mode === "polygon" || mode === "rectangle");
  for (const one of moving()) one.setActive(mode !== "rectangle");
  if (mode === "polygon" || mode === "rectangle") draw(mode);
  byId("mode-options").replaceChildren(...options());
}

/** @returns {Node[]} */
function options() {
  if (mode === "polygon") return [h("p.hint", null, t("hint.polygon"))];
  if (mode === "rectangle") {
    return [h("p.hint", null, t("hint.rectangle")), button("view", t("current_view"), () => askExtent(viewExtent()))];
  }
  if (mode === "radius") {
    const input = h("input.form-control", { type: "number", id: "radius", min: MIN_RADIUS, max: MAX_RADIUS, step: 100, value: radius,
      oninput: (/** @type {any} */ event) => (radius = Number(event.target.value)) });
    return [
      h("div.inline", null, h("label", { for: "radius" }, t("radius")), input, h("span", null, t("metres"))),
      h("p.hint", null, t("hint.radius")),
      button("target", t("map_centre"), () => askRadius(centre())),
    ];
  }
  if (mode === "district") return [districtPicker()];
  if (mode === "layer") return layerFields();
  if (mode === "coordinates") return coordinatesField();
  return [];
}

/** What a pull on the map does otherwise: the map follows it, or zooms. */
const moving = () => map.getInteractions().getArray().filter((/** @type {any} */ one) =>
  one instanceof ol.interaction.DragPan || one instanceof ol.interaction.DragZoom);

/** The polygon as text: the one asked about, or as it was left. */
function coordinatesField() {
  const asked = state.question?.within.geometry;
  const field = /** @type {HTMLTextAreaElement} */ (h("textarea.form-control", { id: "corners", rows: 6, spellcheck: "false", wrap: "off",
    "aria-label": t("coordinates.field"), "aria-describedby": "corners-hint corners-mistake", placeholder: "119.95, 31.78\n119.98, 31.78\n119.98, 31.81" }));
  field.value = asked ? writePolygon(asked) : written;
  const mistake = h("p.mistake", { id: "corners-mistake", role: "alert" });
  const ask = () => {
    written = field.value;
    try {
      askCoordinates(readPolygon(field.value));
    } catch (error) {
      showMistake(field, mistake, /** @type {import("./coordinates.js").Mistake} */ (error));
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
  });
  return [h("p.hint", { id: "corners-hint" }, t("hint.coordinates")), field, mistake, button("check", t("coordinates.ask"), ask)];
}

/** Say it, and select the line it is on. @param {HTMLTextAreaElement} field @param {HTMLElement} box @param {import("./coordinates.js").Mistake} mistake */
function showMistake(field, box, mistake) {
  box.textContent = mistake.message;
  field.setAttribute("aria-invalid", "true");
  field.focus();
  if (!mistake.line) return;
  const lines = field.value.split("\n");
  const start = lines.slice(0, mistake.line - 1).join("\n").length + (mistake.line > 1 ? 1 : 0);
  field.setSelectionRange(start, start + lines[mistake.line - 1].length);
}

/** @param {any} geometry GeoJSON, as it was written to the last digit */
function askCoordinates(geometry) {
  set({ question: { within: { geometry } }, list: null });
  fit(new ol.format.GeoJSON().readGeometry(geometry).getExtent());
  enter(null);
  /** @type {HTMLElement} */ (byId("ask").querySelector("[data-mode=coordinates]")).focus();
}

/** @param {string} name @param {string} text @param {() => void} act */
const button = (name, text, act) => h("button.btn.btn-sm", { type: "button", onclick: act }, icon(name), text);

/** Places in, touching or near those of another layer, as it is filtered, or the selected one. */
function layerFields() {
  const pick = /** @type {HTMLSelectElement} */ (h("select.form-select", { id: "near-layer", "aria-label": t("mode.layer") },
    ...(state.place === null ? [] : [h("option", { value: SELECTED }, t("near.selected"))]),
    ...layers.map((one) => h("option", { value: one.name }, one.title))));
  pick.value = [...pick.options].some((one) => one.value === near.layer) ? near.layer : pick.options[0]?.value ?? "";
  const metres = /** @type {HTMLInputElement} */ (h("input.form-control", { type: "number", id: "near-metres", min: 0, max: 50000, step: 50, value: near.metres }));
  const touching = /** @type {HTMLInputElement} */ (h("input.form-check-input", { type: "checkbox", id: "near-touching", checked: near.touching }));
  const ask = () => {
    near.layer = pick.value;
    near.metres = Math.min(50000, Math.max(0, Number(metres.value) || 0));
    near.touching = touching.checked;
    const within = near.layer === SELECTED ? { place_id: state.place } : { layer: near.layer, ...(filterOf(near.layer) ? { filter: sentFilter(near.layer) } : {}) };
    set({ question: { within, ...(near.metres ? { buffer_m: near.metres } : {}), ...(near.touching ? { touching: true } : {}) }, list: null });
  };
  return [pick, h("div.inline", null, h("label", { for: "near-metres" }, t("near.metres")), metres, h("span", null, t("metres"))),
    h("label.refine-invert", null, touching, t("near.touching")), h("p.hint", null, t("hint.layer")), button("check", t("near.ask"), ask)];
}

function districtPicker() {
  const choose = h("select.form-select", { id: "district", "aria-label": t("mode.district"),
    onchange: (/** @type {any} */ event) => {
      const area = districts.find((one) => one.code === event.target.value);
      if (area) askDistrict(area);
    } },
    h("option", { value: "" }, t("choose_district")),
    ...districts.map((one) => h("option", { value: one.code }, one.name)));
  /** @type {any} */ (choose).value = state.question?.within.admin_area ?? "";
  return choose;
}

/** @param {any} area */
function askDistrict(area) {
  set({ question: { within: { admin_area: area.code } }, list: null });
  fit(area.extent);
}

/** @param {string} kind */
function draw(kind) {
  const box = kind === "rectangle";
  drawing = new ol.interaction.Draw({
    type: box ? "Circle" : "Polygon",
    geometryFunction: box ? ol.interaction.Draw.createBox() : undefined,
    freehandCondition: box ? ol.events.condition.never : undefined,
    dragVertexDelay: box ? 1e8 : undefined,
    style: [questionShape, new ol.style.Style({
      image: new ol.style.Circle({ radius: 5, fill: new ol.style.Fill({ color: "#0b3a6f" }) }) })],
  });
  drawing.on("drawend", (/** @type {any} */ event) => {
    const geometry = event.feature.getGeometry().transform(MAP_CRS, DEGREES_CRS);
    window.setTimeout(() => enter(null), 0);
    askGeometry(geometry);
  });
  map.addInteraction(drawing);
  if (box) drag();
}

/** The rectangle pulled open with the button held; a mere click is left to the drawing. */
function drag() {
  dragging = new ol.interaction.DragBox({ className: "drag-box", condition: ol.events.condition.primaryAction, minArea: 64 });
  dragging.stopDown = () => false;
  dragging.on("boxend", () => {
    const geometry = dragging.getGeometry().clone().transform(MAP_CRS, DEGREES_CRS);
    window.setTimeout(() => enter(null), 0);
    askGeometry(geometry);
  });
  map.addInteraction(dragging);
}

/** @param {any} geometry OpenLayers geometry in degrees */
function askGeometry(geometry) {
  const shape = JSON.parse(new ol.format.GeoJSON().writeGeometry(geometry, { decimals: 6 }));
  set({ question: { within: { geometry: shape } }, list: null });
}

/** @param {number[]} extent */
function askExtent([west, south, east, north]) {
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  askGeometry(new ol.geom.Polygon([ring]));
  enter(null);
}

/** @param {number[]} point */
function askRadius(point) {
  if (!(radius >= MIN_RADIUS && radius <= MAX_RADIUS)) {
    return toast(t("bad_radius", { min: MIN_RADIUS, max: MAX_RADIUS }));
  }
  const [lon, lat] = point.map((one) => Number(one.toFixed(6)));
  set({ question: { within: { point: [lon, lat], radius_m: radius } }, list: null });
  enter(null);
}

/** Outline what is asked about, from the permalink too. @param {any} [outline] what the server says it covers, where only that knows */
export function outlineQuestion(outline) {
  const within = state.question?.within;
  if (outline) return showQuestion(outline);
  if (within?.geometry) return showQuestion(within.geometry);
  if (within?.point) {
    const ring = ol.geom.Polygon.circular(within.point, within.radius_m, 72);
    return showQuestion(JSON.parse(new ol.format.GeoJSON().writeGeometry(ring)));
  }
  showQuestion(null);
}
