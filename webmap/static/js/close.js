// @ts-check
/** Closing a place from a day on, with what stands in it; opening it again. */
import { closeOrOpen, fetchForm } from "./api.js";
import { byId, h } from "./dom.js";
import { complain, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm } from "./forms.js";
import { count, t } from "./i18n.js";

/** @param {any} place answer of /api/places/{id} @param {(saved: any) => void} done */
export const openClose = (place, done) => open(place, done, "close");

/** @param {any} place @param {(saved: any) => void} done */
export const openReopen = (place, done) => open(place, done, "reopen");

/** @param {any} place @param {(saved: any) => void} done @param {"close" | "reopen"} step */
async function open(place, done, step) {
  let { version } = await fetchForm(place.place_id);
  let withAll = false;
  let isOpen = true;
  const isClose = step === "close";
  const words = t(isClose ? "close.button" : "close.reopen");
  const settle = () => { withAll = false; byId("close-standing").replaceChildren(); byId("edit-problem").replaceChildren(); saveButton(words); };
  formOpened(() => { isOpen = false; });
  const leave = (/** @type {any} */ answer) => { forgetForm(); done(answer); };
  const name = place.name || place.code;
  showForm({
    title: t(isClose ? "close.title" : "close.reopen_title", { name }), place, save, cancel: () => leave(null), button: words,
    parts: [
      isClose ? null : h("p.hint", null, t("close.reopen_hint", { day: place.valid_to })),
      h("div", { id: "close-standing" }),
      groundsBox(isClose ? t("close.day_hint") : null, isClose ? settle : () => {}, t("close.day")),
    ],
  });
  byId(isClose ? "edit-effective_on" : "edit-reason").focus();

  async function save() {
    saveButton(null);
    try {
      const answer = await closeOrOpen(place.place_id, step, { version, with_all: withAll, ...readGrounds() });
      if (isOpen) leave(answer);
    } catch (error) {
      if (!isOpen) return;
      const said = /** @type {any} */ (error).document ?? {};
      complain([/** @type {Error} */ (error).message]);
      saveButton(words);
      if (said.current) version = said.current.version;
      if (said.standing) showStanding(said.standing);
    }
  }

  /** @param {any} standing */
  function showStanding(standing) {
    withAll = true;
    byId("close-standing").replaceChildren(...[
      list(t("close.parts", { count: count(standing.part_count) }), standing.parts.map((/** @type {any} */ one) => [one.kind_title, one.name, one.code]), standing.part_count),
      list(t("close.holdings", { count: count(standing.holding_count) }), standing.holdings.map((/** @type {any} */ one) => [one.kind_title, one.holders, one.place]), standing.holding_count),
    ].filter((part) => part !== null));
    saveButton(t("close.with_all"));
    byId("edit-save").focus();
  }
}

/** @param {string} title @param {string[][]} rows label, main, note @param {number} total */
function list(title, rows, total) {
  if (!rows.length) return null;
  return h("section.block", null, h("h3", null, title), h("ul.rows", null, ...rows.map(([label, main, note]) =>
    h("li", null, h("span.row-label", null, label), h("span.row-main", null, main), h("span.row-note", null, note)))),
    total > rows.length ? h("p.hint", null, t("and_more", { count: count(total - rows.length) })) : null);
}
