// @ts-check
/** The card of a body: what the directory says of it, and the places it has. */
import { fetchOrganization } from "./api.js";
import { roomsLink } from "./arranging.js";
import { showCardNote } from "./card.js";
import { byId, h } from "./dom.js";
import { count, t, unitText } from "./i18n.js";
import { fit } from "./map.js";

let reading = 0;

/**
 * Show a body and fly to where its places lie.
 * @param {number} id @param {(id: number) => void} openPlace @param {(id: number) => void} openBody
 * @param {() => boolean} isWanted whether the card still stands where it would be shown
 */
export async function showOrganization(id, openPlace, openBody, isWanted) {
  const turn = ++reading;
  try {
    const body = await fetchOrganization(id);
    if (turn !== reading || !isWanted()) return;
    byId("place").replaceChildren(...[head(body, openBody), h("div.edit-tools", null, roomsLink("body", body.organization_id)), identity(body), places(body, openPlace), below(body, openBody)]
      .filter((part) => part !== null));
    byId("place").scrollTop = 0;
    fit(body.extent, undefined, 17);
  } catch (error) {
    if (turn === reading && isWanted()) showCardNote(/** @type {Error} */ (error).message);
  }
}

/** @param {any} body @param {(id: number) => void} open */
function head(body, open) {
  return h("header.card-head", null,
    body.superior ? h("nav.crumbs", { "aria-label": t("hierarchy") },
      h("button.crumb", { type: "button", onclick: () => open(body.superior.organization_id) }, body.superior.name),
      h("span.crumb-sep", { "aria-hidden": "true" }, "›")) : null,
    h("h2", { tabindex: "-1", id: "place-title" }, body.name),
    h("p.card-kind", null, h("span.badge", null, t("body")), h("code", null, body.code)));
}

/** @param {any} body */
function identity(body) {
  /** @type {Array<[string, any]>} */
  const rows = [
    [t("body.credit_code"), body.credit_code],
    [t("body.category"), body.category_title],
    [t("body.level"), body.level_title],
    [t("district"), body.admin_area_name],
    [t("body.ended"), body.valid_to],
    ...body.other_names.map((/** @type {any} */ one) => [one.kind_title, [one.name, one.valid_to ? t("body.until", { date: one.valid_to }) : ""].filter(Boolean).join(" ")]),
    ...body.headcounts.map((/** @type {any} */ one) => [one.title, `${count(one.people)} ${unitText("people")}`]),
  ];
  const filled = rows.filter(([, value]) => value);
  return h("dl.pairs", null, ...filled.flatMap(([label, value]) => [h("dt", null, label), h("dd", null, value)]));
}

/** @param {any} body @param {(id: number) => void} open */
function places(body, open) {
  if (!body.places.length) return h("p.hint", null, t("body.no_places"));
  return h("details.block", { open: true }, h("summary", null, h("h3", null, t("body.places", { count: count(body.place_count) }))),
    h("ul.rows", null, ...body.places.map((/** @type {any} */ one) => h("li", null,
      h("span.row-label", null, one.holdings.join(t("comma"))),
      h("span.row-main", null, h("button.link", { type: "button", onclick: () => open(one.place_id) }, one.name)),
      h("span.row-note", null, `${one.kind_title} · ${one.code}`)))),
    body.place_count > body.places.length ? h("p.hint", null, t("and_more", { count: count(body.place_count - body.places.length) })) : null);
}

/** @param {any} body @param {(id: number) => void} open */
function below(body, open) {
  if (!body.below.length) return null;
  return h("details.block", { open: body.below.length <= 12 }, h("summary", null, h("h3", null, t("body.below"))),
    h("ul.children", null, ...body.below.map((/** @type {any} */ one) =>
      h("li", null, h("button.link", { type: "button", onclick: () => open(one.organization_id) }, one.name)))));
}
