// @ts-check
/** The filter of a layer in the layer tree: values to tick, ranges, a body; and how many places pass. */
import { call, query, searchPlaces } from "./api.js";
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
  const clear = h("button.link", { type: "button", onclick: () => change(layer, null) }, t("filter.clear"));
  try {
    const found = await call(`/api/layers/${layer.name}/count${query({ filter: asked, as_of: state.asOf })}`);
    if (asked !== written(layer.name)) return;
    note.replaceChildren(t("filter.matching", { count: count(found.count), total: count(found.total) }), clear);
  } catch (error) {
    note.replaceChildren(/** @type {Error} */ (error).message, clear);
  }
}

/** @param {any} layer @param {Record<string, any> | null} filter without what says nothing */
function change(layer, filter) {
  const { [layer.name]: _, ...others } = state.filters;
  const kept = Object.fromEntries(Object.entries(filter ?? {}).filter(([, value]) => value !== null));
  set({ filters: Object.keys(kept).length ? { ...others, [layer.name]: kept } : others });
  restyle(layer.name);
  reloadTiles();
}

/** @param {any} layer */
function fields(layer) {
  const filter = filterOf(layer.name) ?? {};
  const put = (/** @type {string} */ name, /** @type {any} */ value) => change(layer, { ...filterOf(layer.name), [name]: value });
  return [
    ...choices(layer).map((one) => choiceField(layer, one, filter[one.name] ?? [], put)),
    ...ranges(layer).map((one) => rangeField(layer, one, filter[one.name] ?? [null, null], put)),
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

/** The body is looked for as in the search box. @param {any} layer @param {any} filter */
function holderField(layer, filter) {
  const list = h("datalist", { id: `holders-${layer.name}` });
  /** @type {any[]} */
  let found = [];
  const put = (/** @type {any} */ body) => change(layer, { ...filterOf(layer.name), holder: body?.organization_id ?? null, holder_name: body?.name ?? null });
  const input = h("input.form-control", { type: "search", name: `${layer.name}.holder`, list: `holders-${layer.name}`, value: filter.holder_name ?? "",
    "aria-label": t("filter.holder"), placeholder: t("filter.holder_hint"), autocomplete: "off",
    oninput: async (/** @type {any} */ event) => {
      const text = event.target.value.trim();
      const chosen = found.find((one) => one.name === text);
      if (chosen) return put(chosen);
      if (!text) return filter.holder ? put(null) : undefined;
      const answer = await searchPlaces(text, new AbortController().signal).catch(() => ({ items: [] }));
      found = answer.items.filter((/** @type {any} */ one) => one.type === "organization");
      list.replaceChildren(...found.map((one) => h("option", { value: one.name })));
      const whole = found.find((one) => one.name === text);
      if (whole && event.target.value.trim() === text) put(whole);
    } });
  return h("fieldset.filter-field", null, h("legend", null, t("filter.holder")), input, list);
}
