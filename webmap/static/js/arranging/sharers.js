// @ts-check
/** Who sits in a room: lines of a body with a post, or so many people of a rank; shared by heads, by rank or by shares. */
import { fetchPosts } from "../api.js";
import { h, icon } from "../dom.js";
import { body } from "../fields.js";
import { complain } from "../forms.js";
import { t } from "../i18n.js";
import { asShare } from "../parties.js";

/** @typedef {"head" | "rank" | "share"} By */
/** @typedef {{organization_id: any, name: string, post_id?: number | null, rank?: string | null, heads?: number, share?: number | null, approval_document?: string | null}} Line */

const WAYS = /** @type {const} */ (["head", "rank", "share"]);

/** @param {HTMLInputElement} field what is no whole number goes as it is, for the server to say */
const whole = (field) => (/^\d{1,6}$/.test(field.value.trim()) ? Number(field.value) : field.value.trim());

/**
 * @param {string} day whose posts are offered @param {() => void} settle something was changed
 * @returns {{element: HTMLElement, add: (line: Line | null) => HTMLElement, show: (way: By) => void, read: () => {by: By, sharers: any[]}}}
 */
export function sharersBox(day, settle) {
  /** @type {Array<{read: () => any, show: () => void}>} */
  let lines = [];
  let made = 0;
  /** @type {By} */
  let by = "head";
  const list = h("div.sharers", null);
  const ways = h("div.sharer-ways", { role: "radiogroup", "aria-label": t("rooms.by") }, ...WAYS.map((way) => h("label", null,
    h("input.form-check-input", { type: "radio", name: "sharer-by", id: `sharer-by-${way}`, value: way, onchange: () => { show(way); settle(); } }), t(`rooms.by_${way}`))));
  function show(/** @type {By} */ way) {
    by = way;
    /** @type {HTMLInputElement} */ (ways.querySelector(`input[value="${way}"]`)).checked = true;
    for (const one of lines) one.show();
  }
  function add(/** @type {Line | null} */ line) {
    const at = made++;
    const label = (/** @type {string} */ key) => ({ "aria-label": t(`rooms.${key}`), title: t(`rooms.${key}`) });
    const post = /** @type {HTMLSelectElement} */ (h("select.form-select", { id: `sharer-post-${at}`, ...label("post"), onchange: () => { shown(); settle(); } }, h("option", { value: "" }, t("rooms.no_post"))));
    const rank = /** @type {HTMLSelectElement} */ (h("select.form-select", { id: `sharer-rank-${at}`, ...label("rank"), onchange: settle }, h("option", { value: "" }, t("rooms.no_rank"))));
    const heads = /** @type {HTMLInputElement} */ (h("input.form-control", { id: `sharer-heads-${at}`, type: "text", inputmode: "numeric", value: String(line?.heads ?? 1), oninput: settle, ...label("heads") }));
    const share = /** @type {HTMLInputElement} */ (h("input.form-control", { id: `sharer-share-${at}`, type: "text", inputmode: "decimal", placeholder: "%", oninput: settle, ...label("share"),
      value: line?.share === null || line?.share === undefined ? "" : String(Number((line.share * 100).toFixed(4))) }));
    const approval = /** @type {HTMLInputElement} */ (h("input.form-control", { id: `sharer-approval-${at}`, maxlength: 200, value: line?.approval_document ?? "", placeholder: t("rooms.approval"), oninput: settle, ...label("approval") }));
    const note = h("p.hint", { role: "status" });
    /** @type {any[]} */
    let posts = [];
    let turn = 0;
    const offer = async () => {
      const mine = ++turn;
      const of = who.read();
      const answer = of ? await fetchPosts(of, day) : { items: [], ranks: [] };
      if (mine !== turn) return;
      posts = answer.items;
      const [chosenPost, chosenRank] = [post.value || String(line?.post_id ?? ""), rank.value || (line?.rank ?? "")];
      post.replaceChildren(h("option", { value: "" }, t("rooms.no_post")), ...posts.map((one) => h("option", { value: String(one.post_id) }, [one.title, one.rank_title].filter(Boolean).join(" · "))));
      rank.replaceChildren(h("option", { value: "" }, t("rooms.no_rank")), ...answer.ranks.map((/** @type {any} */ one) => h("option", { value: one.value }, one.title)));
      if (posts.some((one) => String(one.post_id) === chosenPost)) post.value = chosenPost;
      rank.value = chosenRank;
      shown();
    };
    const who = body(`sharer-body-${at}`, () => { settle(); void offer().catch((error) => complain([error.message])); });
    who.control.setAttribute("aria-label", t("holding.party"));
    if (line) who.write(line.organization_id, line.name);
    /** A post is one person of its rank; an approval is asked for where it has a room already. */
    function shown() {
      const chosen = posts.find((one) => String(one.post_id) === post.value);
      rank.hidden = heads.hidden = Boolean(chosen);
      share.hidden = by !== "share";
      approval.hidden = !chosen || (!chosen.rooms.length && !approval.value);
      note.textContent = chosen?.rooms.length ? t("rooms.has_already", { rooms: chosen.rooms.join(t("comma")) }) : "";
    }
    const entry = { show: shown, read: () => {
      const chosen = post.value ? Number(post.value) : null;
      return { organization_id: who.read(), post_id: chosen, rank: chosen ? null : rank.value || null, heads: chosen ? 1 : whole(heads),
        share: by === "share" ? asShare(share.value) : null, approval_document: approval.hidden ? null : approval.value.trim() || null };
    } };
    function remove() { lines = lines.filter((one) => one !== entry); row.remove(); settle(); }
    const row = h("div.sharer", { role: "group", "aria-label": t("rooms.line", { number: at + 1 }) },
      h("div.sharer-who", null, who.element, h("button.icon-button", { type: "button", "aria-label": t("holding.remove"), title: t("holding.remove"), onclick: remove }, icon("close"))),
      h("div.sharer-what", null, post, rank, heads, share), approval, note);
    lines.push(entry);
    list.append(row);
    shown();
    void offer().catch((error) => complain([error.message]));
    return who.control;
  }
  const element = h("div", null, ways, list, h("button.link", { type: "button", id: "sharer-more", onclick: () => add(null).focus() }, icon("plus"), t("rooms.more_people")));
  show(by);
  return { element, add, show, read: () => ({ by, sharers: lines.map((one) => one.read()) }) };
}
