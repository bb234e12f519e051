// @ts-check
/** The layer tree: groups, visibility, counts, colouring and legend. */
import { baseChooser, baseNotices } from "./basemap.js";
import { byId, h, swatch } from "./dom.js";
import { count, t } from "./i18n.js";
import { GLOW, canGlow } from "./heat.js";
import { filterBox } from "./filter_panel.js";
import { colourOf, isGlowing, isOn, restyle, showLayers, themeOf, whatIsDrawn } from "./map.js";
import { whenRoomsTold } from "./rooms.js";
import { on, set, state } from "./state.js";

/** @param {any} described answer of /api/layers */
export function showTree(described) {
  byId("layers").replaceChildren(...[baseChooser(), labelSwitch(described), graticuleSwitch()].filter((part) => part !== null), ...described.groups.map(groupBox));
  showNotice(described);
}

/** Names of places on or off; districts keep theirs. @param {any} described */
function labelSwitch(described) {
  const toggle = h("input.form-check-input", { type: "checkbox", id: "labels", checked: state.labels,
    onchange: (/** @type {any} */ event) => {
      set({ labels: event.target.checked });
      for (const group of described.groups) for (const layer of group.layers) restyle(layer.name);
    } });
  return h("div.layer-row", null, toggle, h("label", { for: "labels" }, t("labels")));
}

function graticuleSwitch() {
  const toggle = h("input.form-check-input", { type: "checkbox", id: "graticule", checked: state.graticule,
    onchange: (/** @type {any} */ event) => set({ graticule: event.target.checked }) });
  return h("div.layer-row", null, toggle, h("label", { for: "graticule" }, t("graticule")));
}

/** @param {any} group */
function groupBox(group) {
  const id = `group-${group.name}`;
  return h("div.group", { role: "group", "aria-labelledby": id },
    h("h3", { id }, group.title),
    ...group.layers.map(layerBox));
}

/** @param {any} layer */
function layerBox(layer) {
  const box = h("div.layer", { "data-layer": layer.name });
  const toggle = h("input.form-check-input", { type: "checkbox", id: `layer-${layer.name}`, checked: isOn(layer),
    onchange: (/** @type {any} */ event) => {
      set({ layers: { ...state.layers, [layer.name]: event.target.checked } });
      showLayers();
      legend.hidden = !event.target.checked;
      if (filters) filters.hidden = !event.target.checked;
    } });
  const legend = h("div.layer-legend", { hidden: !isOn(layer) });
  fillLegend(legend, layer);
  const filters = filterBox(layer);
  if (filters) filters.hidden = !isOn(layer);
  if (layer.floor_aware) {
    on("floor", () => fillLegend(legend, layer));
    whenRoomsTold(() => fillLegend(legend, layer));
  }
  box.append(
    h("div.layer-row", null, toggle,
      h("label", { for: `layer-${layer.name}` }, layer.title),
      layer.count === null || layer.count === undefined ? null : h("span.layer-count", null, count(layer.count))),
    legend, filters ?? "", heatSwitch(layer), opacitySlider(layer));
  return box;
}

/** How much of what lies below shows through. @param {any} layer */
function opacitySlider(layer) {
  const words = (/** @type {number} */ share) => t("opacity.value", { layer: layer.title, percent: Math.round(share * 100) });
  const share = state.opacity[layer.name] ?? 1;
  const slider = h("input", { type: "range", id: `opacity-${layer.name}`, min: 10, max: 100, step: 10, value: share * 100, "aria-label": t("opacity.of", { layer: layer.title }),
    "aria-valuetext": words(share), title: words(share), oninput: (/** @type {any} */ event) => {
      const { [layer.name]: _, ...others } = state.opacity;
      const chosen = Number(event.target.value) / 100;
      set({ opacity: chosen === 1 ? others : { ...others, [layer.name]: chosen } });
      for (const name of ["aria-valuetext", "title"]) slider.setAttribute(name, words(chosen));
      showLayers();
    } });
  return h("label.opacity", null, h("span", null, t("opacity.title")), slider);
}

/** @param {any} layer */
function heatSwitch(layer) {
  if (!canGlow(layer)) return "";
  const toggle = h("input.form-check-input", { type: "checkbox", name: "heat", value: layer.name, checked: state.heat === layer.name,
    onchange: (/** @type {any} */ event) => {
      const before = state.heat;
      set({ heat: event.target.checked ? layer.name : null });
      for (const name of [before, layer.name]) if (name) restyle(name);
    } });
  on("heat", () => { /** @type {any} */ (toggle).checked = state.heat === layer.name; });
  return h("label.heat-switch", { title: t("heat.hint") }, toggle, h("span", null, t("heat.title")));
}

/** @param {HTMLElement} legend @param {any} layer */
function fillLegend(legend, layer) {
  const isHeld = legend.contains(document.activeElement);
  legend.replaceChildren();
  if (layer.floor_aware && state.floor === null) return legend.append(h("p.hint", null, t("floor_hint")));
  if (!layer.themes.length) return;
  const theme = themeOf(layer);
  const choose = h("select.form-select", { "aria-label": t("colour_by", { layer: layer.title }),
    onchange: (/** @type {any} */ event) => {
      set({ themes: { ...state.themes, [layer.name]: event.target.value } });
      restyle(layer.name);
      fillLegend(legend, layer);
    } },
    ...layer.themes.map((/** @type {any} */ one) => h("option", { value: one.name }, one.title)),
    h("option", { value: "" }, t("one_colour")));
  /** @type {any} */ (choose).value = theme?.name ?? "";
  legend.append(choose);
  const classes = theme?.classes ?? [{ title: layer.title, colour: colourOf(layer.name) }];
  legend.append(h("ul.classes", null, ...classes.map((/** @type {any} */ one) =>
    h("li", null, swatch(one.colour, layer.geometry), one.title))));
  if (theme?.places && !classes.length) legend.append(h("p.hint", null, t("rooms.choose_building")));
  if (isHeld) choose.focus();
}

/** The mark that boundaries are only indicative stays on as long as they are drawn. @param {any} described */
export function showNotice(described) {
  const said = noticesOf(described);
  const notice = byId("notice");
  notice.textContent = said.join(" · ");
  notice.hidden = !said.length;
}

/** What has to be said beside the layers that are shown. @param {any} described @returns {string[]} */
export const noticesOf = (described) => [...new Set([...baseNotices(), ...described.groups.flatMap((/** @type {any} */ group) => group.layers)
  .filter((/** @type {any} */ layer) => layer.notice && isOn(layer)).map((/** @type {any} */ layer) => layer.notice)])];

/**
 * What the colours of the drawn layers mean, layer by layer; counted places are circles, or glow.
 * @param {any} described @param {string | null} covered layer that a theme colours anew
 * @returns {Array<{title: string, shape: string, rows: Array<{title: string, colour: string}>}>}
 */
export const layerLegends = (described, covered) => described.groups.flatMap((/** @type {any} */ group) => group.layers)
  .filter((/** @type {any} */ layer) => layer.themes.length)
  .map((/** @type {any} */ layer) => {
    const drawn = whatIsDrawn(layer.name);
    if (!drawn.places && !drawn.circles) return null;
    if (isGlowing(layer)) return { title: layer.title, shape: "point", rows: [{ title: t("heat.title"), colour: GLOW }] };
    const theme = drawn.places ? themeOf(layer) : null;
    const plain = drawn.places && !theme ? [{ title: layer.title, colour: colourOf(layer.name) }] : [];
    return { title: theme && layer.name !== covered ? `${layer.title}${t("colon")}${theme.title}` : layer.title, shape: drawn.circles ? "point" : layer.geometry,
      rows: [...(drawn.circles ? [{ title: t("print.counted"), colour: colourOf(layer.name) }] : []), ...(layer.name === covered ? [] : [...(theme?.classes ?? []), ...plain])] };
  }).filter((/** @type {any} */ part) => part?.rows.length);
