// @ts-check
/** The place card: everything the register knows about one place. */
import { query } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { count, isYear, percent, plain, t, unitText } from "./i18n.js";
import { state } from "./state.js";

const ARCHIVED = ["site", "building", "structure", "section", "floor", "room"];

/**
 * @param {any} place answer of /api/places/{id}
 * @param {(id: number) => void} open go to another place
 * @param {Array<Node | null>} more what can be done with it, under its name
 * @param {Node | null} photos after what it is
 */
export function showCard(place, open, more = [], photos = null) {
  byId("place").replaceChildren(...[
    head(place, open),
    ...more,
    identity(place),
    photos,
    areas(place),
    holdings(place),
    ...(place.facts ?? []).map((/** @type {any} */ one) => factBox(one, place)),
    children(place, open),
    relations(place, open),
    titles(place),
    identifiers(place),
    history(place),
  ].filter((part) => part !== null));
  byId("place").scrollTop = 0;
}

/** What stands here before anything is chosen, or when it could not be read. @param {string} text */
export function showCardNote(text) {
  byId("place").replaceChildren(h("p.nothing", null, text));
}

/** @param {any} place @param {(id: number) => void} open */
function head(place, open) {
  const trail = (place.ancestors ?? []).flatMap((/** @type {any} */ one) => [
    h("button.crumb", { type: "button", title: one.kind_title, onclick: () => open(one.place_id) }, one.name),
    h("span.crumb-sep", { "aria-hidden": "true" }, "›"),
  ]);
  return h("header.card-head", null,
    trail.length ? h("nav.crumbs", { "aria-label": t("hierarchy") }, ...trail) : null,
    h("h2", { tabindex: "-1", id: "place-title" }, place.name || place.code),
    h("p.card-kind", null, h("span.badge", null, place.kind_title), place.code ? h("code", null, place.code) : null,
      place.valid_to ? h("span.closed-mark", null, t("close.closed", { day: place.valid_to })) : null),
    place.note ? h("p.hint", null, place.note) : null,
    ["site", "building"].includes(place.kind) && place.floors?.length
      ? h("p", null, h("a", { id: "floors-open", href: `/space/buildings/${place.place_id}${query({ as_of: state.asOf })}` }, t("floors_open"))) : null,
    place.may_write && !state.asOf && ((place.kind === "building" && place.floors?.length) || place.kind === "floor")
      ? h("p", null, h("a", { id: "plan-new", href: `/plans/new?place=${place.place_id}` }, t("plan_new"))) : null,
    ["site", "building", "structure"].includes(place.kind) ? h("p.card-requests", null, h("a", { href: `/titles${query({ place: place.place_id, as_of: state.asOf })}` }, t("titles.place"))) : null,
    !place.note && ARCHIVED.includes(place.kind) ? h("p", null, h("a", { id: "archive-open", href: `/archive/${place.place_id}` }, t("archive_open"))) : null,
    place.kind === "building" || place.kind === "room" ? requestLinks(place) : null);
}

/** What may be asked for of a place: a repair of a building, an office, a room back. @param {any} place */
function requestLinks(place) {
  const link = (/** @type {string} */ href, /** @type {string} */ key) => h("a", { href }, t(key));
  return h("p.card-requests", null, ...(place.kind === "building"
    ? [link(`/requests/new?item=repair&place=${place.place_id}`, "requests.ask_repair")]
    : [link(`/requests/new?item=leader_office&place=${place.place_id}`, "requests.ask_office"), " · ", link(`/requests/returns?place=${place.place_id}`, "requests.ask_back")]));
}

/** A titled block; open ones can be folded. @param {string} title */
function block(title, /** @type {any[]} */ ...content) {
  return h("details.block", { open: true }, h("summary", null, h("h3", null, title)), ...content);
}

/** @param {Array<[string, any]>} rows label and value; empty values are left out */
function pairs(rows) {
  const filled = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl.pairs", null, ...filled.flatMap(([label, value]) => [h("dt", null, label), h("dd", null, value)]));
}

/** @param {any} row a value with its unit */
const withUnit = (row) =>
  isYear(row.name) ? String(row.value ?? "") : [plain(row.value, row.unit), unitText(row.unit)].filter(Boolean).join(" ");

/** @param {any} place */
function identity(place) {
  const district = place.admin_area?.name ?? "";
  const stated = place.stated_admin_area?.name ?? place.stated_admin_area;
  const differs = stated && stated !== district && stated !== place.admin_area?.code;
  return block(t("identity"), pairs([
    [t("address"), place.address],
    [t("district"), district],
    [t("stated_district"), differs ? stated : null],
    [t("located_by"), place.located_by_title],
    [t("steward"), place.steward?.name],
    [t("steward_superior"), place.steward?.superior],
    ...(place.attributes ?? []).map((/** @type {any} */ one) => /** @type {[string, any]} */ ([one.title, withUnit(one)])),
  ]));
}

/** @param {any} place */
function areas(place) {
  if (!place.areas?.length) return null;
  return block(t("areas"), h("table.small-table.areas", null,
    h("thead", null, h("tr", null, h("th", null, t("area_kind")), h("th.num", null, t("area_m2")), h("th", null, t("source")))),
    h("tbody", null, ...place.areas.map((/** @type {any} */ one) =>
      h(`tr${one.counts ? ".counts" : ""}`, null,
        h("td", null, one.area_kind_title),
        h("td.num", null, plain(one.area_m2, "m2")),
        h("td", null, one.source_title, one.measured_on ? h("span.faint", null, ` ${one.measured_on}`) : null,
          one.counts ? h("span.counts-mark", null, icon("check"), t("counts")) : null))))));
}

/** @param {any} one a dated thing */
const period = (one) =>
  one.valid_to ? t("from_to", { from: one.valid_from ?? "…", to: one.valid_to })
    : one.valid_from ? t("since", { from: one.valid_from }) : "";

/** @param {any} place */
function holdings(place) {
  if (!place.holdings?.length) return null;
  return block(t("holdings"), h("ul.rows", null, ...place.holdings.map((/** @type {any} */ one) =>
    h("li", null,
      h("span.row-label", null, one.kind_title),
      h("span.row-main", null, one.holders.map((/** @type {any} */ holder) =>
        holder.share === null || holder.share === undefined || holder.share === 1
          ? holder.name : `${holder.name} ${percent(holder.share)}`).join(t("comma"))),
      h("span.row-note", null, [one.area_m2 ? `${plain(one.area_m2, "m2")} ${unitText("m2")}` : "", period(one), one.decision].filter(Boolean).join(" · "))))));
}

/** What a domain says of a place. @param {any} fact @param {any} place */
function factBox(fact, place) {
  if (!fact.rows.length) return null;
  const page = { certificates: "certificates", inspection: "inspections" }[/** @type {string} */ (fact.domain)];
  const more = page ? h("p", null, h("a", { href: `/${page}?place=${place.place_id}` }, t(`${page}_open`))) : null;
  return block(fact.title, pairs(fact.rows.map((/** @type {any} */ row) => [row.title, withUnit(row)])), more);
}

/** @param {any} place @param {(id: number) => void} open */
function children(place, open) {
  if (!place.children?.length) return null;
  return block(t("children"), ...place.children.map((/** @type {any} */ group) =>
    h("details.child-group", { open: group.items.length <= 12 },
      h("summary", null, group.kind_title, h("span.layer-count", null, count(group.count))),
      h("ul.children", null, ...group.items.map((/** @type {any} */ one) =>
        h("li", null, h("button.link", { type: "button", onclick: () => open(one.place_id) }, one.name || one.code)))),
      group.count > group.items.length
        ? h("p.hint", null, t("and_more", { count: count(group.count - group.items.length) })) : null)));
}

/** Zones over it, what it came from and became. @param {any} place @param {(id: number) => void} open */
function relations(place, open) {
  if (!place.relations?.length) return null;
  return block(t("relations"), h("ul.rows", null, ...place.relations.map((/** @type {any} */ one) =>
    h("li", null, h("span.row-label", null, one.relation_title),
      h("span.row-main", null, h("button.link", { type: "button", onclick: () => open(one.place_id) }, one.name)),
      h("span.row-note", null, [one.happened_on, one.share ? percent(one.share) : "",
        one.area_m2 ? `${plain(one.area_m2, "m2")} ${unitText("m2")}` : ""].filter(Boolean).join(" · "))))));
}

/** @param {any} place */
function titles(place) {
  if (!place.titles?.length) return null;
  return block(t("titles"), h("ul.rows", null, ...place.titles.map((/** @type {any} */ one) =>
    h("li", null,
      h("span.row-label", null, one.kind_title ?? one.state_title ?? t("title_row")),
      h("span.row-main", null, one.number ?? one.value ?? "–"),
      h("span.row-note", null, [one.state_title, period(one)].filter(Boolean).join(" · "))))));
}

/** @param {any} place */
function identifiers(place) {
  if (!place.identifiers?.length) return null;
  return block(t("identifiers"), h("ul.rows", null, ...place.identifiers.map((/** @type {any} */ one) =>
    h("li", null, h("span.row-label", null, one.scheme_title), h("span.row-main", null, h("code", null, one.value)),
      h("span.row-note", null, period(one))))));
}

/** @param {any} place */
function history(place) {
  if (!place.history?.length) return null;
  return block(t("history"), h("ol.history", null, ...place.history.map((/** @type {any} */ one) =>
    h("li", null,
      h("p", null, h("time", null, String(one.at).replace("T", " ").slice(0, 16)), " ", one.operation_title,
        h("span.faint", null, [one.who, one.load_id ? t("load", { id: one.load_id }) : null].filter(Boolean).map((x) => ` · ${x}`).join(""))),
      one.edit ? h("p.why", null, h("span.badge", null, one.edit.kind_title), ` ${one.edit.reason}`,
        [one.edit.document, one.edit.effective_on ? t("since", { from: one.edit.effective_on }) : null].filter(Boolean).map((x) => ` · ${x}`).join("")) : null,
      ...(one.changes ?? []).map((/** @type {any} */ change) =>
        h("p.change", null, `${change.title}${t("colon")}`, h("del", null, plain(change.old) || "–"), " → ", h("ins", null, plain(change.new) || "–")))))));
}
