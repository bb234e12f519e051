// @ts-check
/** Those who share something: bodies, each with a percentage or none with any. */
import { h, icon } from "./dom.js";
import { body } from "./fields.js";
import { t } from "./i18n.js";

/**
 * @param {string} name what the controls are called by: `NAME-body-0`, `NAME-share-0`, `NAME-more` @param {() => void} settle something was changed
 * @returns {{element: HTMLElement, add: (party: any) => HTMLElement, read: () => Array<{organization_id: any, share: any}>}}
 */
export function partiesBox(name, settle) {
  /** @type {Array<{who: import("./fields.js").Field, share: HTMLInputElement}>} */
  let parties = [];
  let made = 0;
  const list = h("div.parties", null);
  const add = (/** @type {any} */ party) => {
    const number = made++;
    const who = body(`${name}-body-${number}`, settle);
    who.control.setAttribute("aria-label", t("holding.party"));
    if (party) who.write(party.organization_id, party.name);
    const share = /** @type {HTMLInputElement} */ (h("input.form-control.share", { type: "text", inputmode: "decimal", "aria-label": t("holding.share"), placeholder: "%", oninput: settle,
      id: `${name}-share-${number}`, value: party?.share === null || party?.share === undefined ? "" : String(Number((party.share * 100).toFixed(4))) }));
    const entry = { who, share };
    parties.push(entry);
    const line = h("div.party", null, who.element, share, h("button.icon-button", { type: "button", "aria-label": t("holding.remove"), title: t("holding.remove"),
      onclick: () => { parties = parties.filter((it) => it !== entry); line.remove(); settle(); } }, icon("close")));
    list.append(line);
    return who.control;
  };
  return { add,
    element: h("div", null, list, h("button.link", { type: "button", id: `${name}-more`, onclick: () => add(null).focus() }, icon("plus"), t("holding.more"))),
    read: () => parties.map(({ who, share }) => ({ organization_id: who.read(), share: asShare(share.value) })) };
}

/** A percentage as a part of one; what is no number goes as it is, for the server to say. @param {string} written */
export function asShare(written) {
  const text = written.replace("%", "").trim();
  if (!text) return null;
  const number = Number(text);
  return Number.isFinite(number) ? Number((number / 100).toFixed(6)) : text;
}
