// @ts-check
/** Waiting places whose address only one spot on the map has: counted, put there together, taken back. */
import { fetchExact, putExact, takeStepOff } from "./api.js";
import { h, icon } from "./dom.js";
import { count, t } from "./i18n.js";

/** @type {any} answer of /api/unlocated/exact; null while it is being counted */
let counted = null;
let isAsking = false;
let isBusy = false;
/** A count that was asked for other filters than those that hold now is nobody's. */
let turn = 0;

/** Count anew. @param {Record<string, string>} filters @param {() => void} draw */
export async function countExact(filters, draw) {
  const mine = ++turn;
  counted = null;
  isAsking = false;
  const answer = await fetchExact(filters).catch(() => null);
  if (mine !== turn) return;
  counted = answer;
  draw();
}

/**
 * The offer, its confirmation, or what was put last.
 * @param {{filters: Record<string, string>, lastStep: any, draw: () => void,
 *   done: (said: string) => Promise<void>, failed: (error: unknown) => void}} of
 * @returns {Array<Node | null>}
 */
export function exactBox(of) {
  return [of.lastStep ? takenBack(of) : null, !counted?.count ? null : isAsking ? asked(of) : offer(of)];
}

/** @param {any} of */
const offer = ({ draw }) =>
  h("p.queue-offer", null, t("unlocated.exact", { count: count(counted.count) }), " ",
    h("button.link", { type: "button", id: "unlocated-exact", onclick: () => { isAsking = true; draw(); document.getElementById("unlocated-exact-yes")?.focus(); } },
      t("unlocated.exact_look")));

/** @param {any} of */
function asked(of) {
  const { filters, draw, done, failed } = of;
  const put = () => work(of, async () => {
    const answer = await putExact(filters, counted.count);
    await done(answer.refused ? t("unlocated.exact_refused", { count: count(answer.refused) }) : "");
  }, failed);
  return h("div.queue-confirm", { role: "group", "aria-label": t("unlocated.exact_look") },
    h("p", null, t("unlocated.exact_ask", { count: count(counted.count) })),
    h("ul.queue-examples", null, counted.examples.map((/** @type {any} */ one) =>
      h("li", null, t("unlocated.exact_example", one)))),
    h("div.queue-tools", null,
      h("button.btn.btn-sm.btn-primary", { type: "button", id: "unlocated-exact-yes", disabled: isBusy, onclick: put }, icon("check"),
        t("unlocated.exact_yes", { count: count(counted.count) })),
      h("button.btn.btn-sm", { type: "button", disabled: isBusy, onclick: () => { isAsking = false; draw(); document.getElementById("unlocated-exact")?.focus(); } }, t("unlocated.cancel"))));
}

/** @param {any} of */
function takenBack(of) {
  const { lastStep, done, failed } = of;
  const take = () => work(of, async () => {
    const answer = await takeStepOff(lastStep.step_id);
    await done(t("unlocated.step_taken", { count: count(answer.count) }));
  }, failed);
  return h("p.placed", null, t("unlocated.step", { count: count(lastStep.count) }), " ",
    h("button.link", { type: "button", id: "unlocated-step-undo", disabled: isBusy, onclick: take }, t("unlocated.step_undo")));
}

/** One at a time: a second press must not ask again. @param {any} of @param {() => Promise<void>} what @param {(error: unknown) => void} failed */
async function work({ draw }, what, failed) {
  isBusy = true;
  draw();
  try {
    await what();
  } catch (error) {
    failed(error);
  }
  isBusy = false;
  isAsking = false;
  draw();
}
