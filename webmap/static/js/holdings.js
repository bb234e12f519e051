// @ts-check
/** Who has a place: the list of its own holdings, and the form that adds, corrects or ends one. */
import { fetchHoldings, saveHolding } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { choice } from "./fields.js";
import { forgetForm, formOpened, groundsBox, readGrounds, saveEntry, showForm } from "./forms.js";
import { percent, plain, t, unitText } from "./i18n.js";
import { partiesBox } from "./parties.js";

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done called with the answer, or null when given up */
export async function openHoldings(place, done) {
  const answer = await fetchHoldings(place.place_id);
  let isOpen = true;
  formOpened(() => { isOpen = false; });
  const leave = (/** @type {any} */ saved) => { forgetForm(); done(saved); };
  const change = (/** @type {any} */ one) => openOne(place, answer, one, { leave, back: () => openHoldings(place, done), isOpen: () => isOpen });
  byId("place").replaceChildren(
    h("header.card-head", null, h("h2", null, t("holding.title", { name: place.name || place.code })),
      h("p.card-kind", null, h("span.badge", null, place.kind_title), place.code ? h("code", null, place.code) : null)),
    answer.items.length ? h("ul.rows.holdings", null, ...answer.items.map((/** @type {any} */ one) => row(one, change)))
      : h("p.hint", null, t("holding.none")),
    h("div.edit-buttons", null,
      h("button.btn.btn-primary", { type: "button", id: "holding-add", onclick: () => change(null) }, icon("plus"), t("holding.add")),
      h("button.btn", { type: "button", id: "edit-cancel", onclick: () => leave(null) }, t("edit.cancel"))));
  byId("place").scrollTop = 0;
  byId("holding-add").focus();
}

/** @param {any} one @param {((one: any) => void) | null} change */
function row(one, change) {
  const period = one.valid_to ? t("from_to", { from: one.valid_from ?? "…", to: one.valid_to }) : one.valid_from ? t("since", { from: one.valid_from }) : "";
  return h("li", null, h("span.row-label", null, one.kind_title),
    h("span.row-main", null, one.parties.map((/** @type {any} */ party) => (party.share === null ? party.name : `${party.name} ${percent(Number(party.share))}`)).join(t("comma")), " ",
      change ? h("button.link", { type: "button", onclick: () => change(one) }, t("holding.change")) : null),
    h("span.row-note", null, [one.area_m2 === null ? "" : `${plain(one.area_m2, "m2")} ${unitText("m2")}`, period, one.decision].filter(Boolean).join(" · ")));
}

/**
 * @param {any} place @param {any} answer of the list @param {any} one the holding, or null for a new one
 * @param {{leave: (saved: any) => void, back: () => void, isOpen: () => boolean}} ways
 */
function openOne(place, answer, one, { leave, back, isOpen }) {
  const entry = one && { ...one };
  const settle = () => byId("edit-problem").replaceChildren();
  const kind = choice("holding-kind", answer.kinds.map((/** @type {any} */ it) => [it.value, it.title]), settle);
  const extent = choice("holding-extent", answer.extents.map((/** @type {any} */ it) => [it.value, it.title]), settle);
  for (const one of [kind, extent]) one.control.querySelector('option[value=""]')?.remove();
  const dates = Object.fromEntries(["valid_from", "valid_to"].map((name) => [name, /** @type {HTMLInputElement} */ (h("input.form-control", {
    id: `holding-${name}`, type: "text", inputmode: "numeric", maxlength: 10, placeholder: t("edit.day_form"), autocomplete: "off", value: one?.[name] ?? "" }))]));
  const area = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "holding-area", type: "text", inputmode: "decimal", autocomplete: "off", value: one?.area_m2 ?? "" }));
  const parties = partiesBox("holding", settle);
  const field = (/** @type {string} */ id, /** @type {string} */ words, /** @type {Node} */ control) => h("div.edit-line", null, h("label", { for: id }, words), control);
  showForm({
    title: t(one ? "holding.change_title" : "holding.new_title"), place, save, cancel: back,
    parts: [h("div.edit-fields", null,
      field("holding-kind", t("holding.kind"), kind.element),
      field("holding-body-0", t("holding.parties"), parties.element),
      field("holding-extent", t("holding.extent"), extent.element),
      field("holding-valid_from", t("holding.from"), dates.valid_from),
      field("holding-valid_to", t("holding.to"), dates.valid_to),
      field("holding-area", t("holding.area"), area)), groundsBox(null)],
  });
  kind.write(one?.kind ?? "occupies");
  extent.write(one?.extent ?? "whole");
  for (const party of one?.parties ?? [null]) parties.add(party);
  kind.control.focus();

  function save() {
    return saveEntry({ entry, leave, isOpen, shown: (now) => row(now, null),
      refetch: async () => (await fetchHoldings(place.place_id)).items.find((/** @type {any} */ it) => it.holding_id === one.holding_id),
      send: () => {
        const { reason, document } = readGrounds();
        return saveHolding(place.place_id, one?.holding_id ?? null, {
          version: entry?.version, kind: kind.read(), extent: extent.read(), valid_from: dates.valid_from.value.trim(), valid_to: dates.valid_to.value.trim(),
          area_m2: area.value.replaceAll(",", "").trim(), reason, document,
          parties: parties.read() });
      } });
  }
}
