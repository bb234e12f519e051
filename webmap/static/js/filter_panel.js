// @ts-check
/** The filter of a layer in the layer tree: values to tick, ranges, a body; and how many places pass. */
import { call, query } from "./api.js";
import { body } from "./fields.js";
import { filterOf, written } from "./filters.js";
import { h, icon } from "./dom.js";
import { count, isYear, t, unitText } from "./i18n.js";
import { reloadTiles, restyle } from "./map.js";
import { on, set, state } from "./state.js";

/** @param {any} layer as /api/layers describes it */
const choices = (layer) => [
  ...(layer.kinds?.length ? [{ name: "kind", title: t("filter.kind"), values: Object.fromEntries(layer.kinds.map((/** @type {any} */ one) => [one.value, one.title])), isWhole: true }] : []),
  ...layer.attributes.filter((/** @type {any} */ one) => one.values && Object.keys(one.values).length),
];
/** @param {any} layer */
const ranges = (layer) => layer.attributes.filter((/** @type {any} */ one) => (one.type === "number" || one.type === "integer") && one.name !== "level");

/** @param {any} layer @returns {HTMLElement | null} null where there is nothing to filter by */
export function filterBox(layer) {
  if (!choices(layer).length && !ranges(layer).length && !layer.is_held) return null;
  const note = h("p.filter-note", { "aria-live": "polite" });
  const form = h("div.filter-form");
  const box = h("details.filter", { open: filterOf(layer.name) !== null, "data-filter": layer.name },
    h("summary", null, icon("filter"), t("filter.title")), form, note);
  const show = () => {
    form.replaceChildren(...fields(layer));
    box.classList.toggle("is-on", filterOf(layer.name) !== null);
    tell(layer, note);
  };
  show();
  on("filters", show);
  on("asOf", () => tell(layer, note));
  return box;
}

/** @param {any} layer @param {HTMLElement} note */
async function tell(layer, note) {
  if (!filterOf(layer.name)) return note.replaceChildren();
  const asked = written(layer.name);
  const clear = h("button.link", { type: "button", onclick: () => changeFilter(layer, null) }, t("filter.clear"));
  try {
    const found = await call(`/api/layers/${layer.name}/count${query({ filter: asked, as_of: state.asOf })}`);
    if (asked !== written(layer.name)) return;
    note.replaceChildren(t("filter.matching", { count: count(found.count), total: count(found.total) }), clear);
  } catch (error) {
    if (asked === written(layer.name)) note.replaceChildren(/** @type {Error} */ (error).message, clear);
  }
}

/** @param {any} layer @param {Record<string, any> | null} filter without what says nothing */
export function changeFilter(layer, filter) {
  const { [layer.name]: _, ...others } = state.filters;
  const kept = Object.fromEntries(Object.entries(filter ?? {}).filter(([, value]) => value !== null));
  set({ filters: Object.keys(kept).length ? { ...others, [layer.name]: kept } : others });
  restyle(layer.name);
  reloadTiles();
}

/** @param {any} layer */
function fields(layer) {
  const filter = filterOf(layer.name) ?? {};
  const put = (/** @type {string} */ name, /** @type {any} */ value) => changeFilter(layer, { ...filterOf(layer.name), [name]: value });
  return [
    ...choices(layer).map((/** @type {any} */ one) => choiceField(layer, one, filter[one.name] ?? [], put)),
    ...ranges(layer).map((/** @type {any} */ one) => rangeField(layer, one, filter[one.name] ?? [null, null], put)),
    ...(layer.is_held ? [holderField(layer, filter)] : []),
  ];
}

/** @param {any} layer @param {any} one attribute @param {string[]} chosen @param {(name: string, value: any) => void} put */
function choiceField(layer, one, chosen, put) {
  const values = [...Object.entries(one.values), ...(one.isWhole ? [] : [["", t("unknown")]])];
  return h("fieldset.filter-field", null, h("legend", null, one.title), ...values.map(([value, title]) =>
    h("label", null, h("input.form-check-input", { type: "checkbox", name: `${layer.name}.${one.name}`, value, checked: chosen.includes(value),
      onchange: (/** @type {any} */ event) => {
        const kept = chosen.filter((other) => other !== value);
        const next = event.target.checked ? [...kept, value] : kept;
        put(one.name, next.length ? next : null);
      } }), h("span", null, String(title)))));
}

/** @param {any} layer @param {any} one attribute @param {Array<number | null>} ends @param {(name: string, value: any) => void} put */
function rangeField(layer, one, ends, put) {
  const unit = one.unit ? t("in_unit", { unit: unitText(one.unit) }) : "";
  const end = (/** @type {0 | 1} */ at) => h("input.form-control", { type: "number", "aria-label": `${one.title} ${t(at ? "filter.most" : "filter.least")}`,
    placeholder: t(at ? "filter.most" : "filter.least"), value: ends[at] ?? "", step: isYear(one.name) ? 1 : "any", name: `${layer.name}.${one.name}.${at}`,
    onchange: (/** @type {any} */ event) => {
      const next = [...ends];
      next[at] = event.target.value === "" ? null : Number(event.target.value);
      put(one.name, next[0] === null && next[1] === null ? null : next);
    } });
  return h("fieldset.filter-field.filter-range", null, h("legend", null, one.title + unit), end(0), h("span", null, "–"), end(1));
}

/** @param {any} layer @param {any} filter */
function holderField(layer, filter) {
  const id = `holder-${layer.name}`;
  const settle = () => {
    const chosen = who.read();
    if (chosen === (filterOf(layer.name)?.holder ?? null)) return;
    const isHere = document.activeElement === who.control;
    changeFilter(layer, { ...filterOf(layer.name), holder: chosen, holder_name: chosen === null ? null : /** @type {HTMLInputElement} */ (who.control).value });
    // The fields are made anew; who types goes on where he was.
    if (isHere) document.getElementById(id)?.focus();
  };
  const who = body(id, settle, { label: t("filter.holder"), hint: t("filter.holder_hint"), asOf: () => state.asOf });
  who.control.setAttribute("name", `${layer.name}.holder`);
  // A link may name a body by its number alone.
  if (filter.holder) who.write(filter.holder, filter.holder_name ?? String(filter.holder));
  return h("fieldset.filter-field", null, h("legend", null, t("filter.holder")), who.element);
}
