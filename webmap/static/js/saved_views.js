// @ts-check
/** Saved views: what the map shows, kept under a name for oneself or for whoever sees a body. */
import { call, post, searchPlaces } from "./api.js";
import { byId, h, icon, toast } from "./dom.js";
import { t } from "./i18n.js";

/** @param {string} method @param {number} id @param {unknown} [body] */
const send = (method, id, body) => call(`/api/views/${id}`, { method, body: JSON.stringify(body ?? {}), headers: { "Content-Type": "application/json" } });

/** What is shown now, as the link says it. */
const shown = () => location.hash.slice(1);

export async function startViews() {
  byId("views").addEventListener("toggle", () => { if (/** @type {any} */ (byId("views")).open) void list(); });
}

async function list() {
  try {
    const { items } = await call("/api/views");
    byId("views-list").replaceChildren(keepForm(), ...(items.length ? [h("ul.views", null, ...items.map(row))] : [h("p.hint", null, t("view.none"))]));
  } catch (error) {
    byId("views-list").replaceChildren(h("p.hint", null, /** @type {Error} */ (error).message));
  }
}

/** @param {Promise<any>} doing @param {string} done */
async function then(doing, done) {
  try {
    await doing;
    toast(done);
    await list();
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}

function keepForm() {
  const name = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "view-name", maxlength: 100, placeholder: t("view.name"), "aria-label": t("view.name"), autocomplete: "off" }));
  const body = bodyField("view-body");
  return h("form.view-form", { onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.focus();
    void body.chosen().then((chosen) => chosen === undefined ? toast(t("view.no_body")) :
      then(post("/api/views", { name: name.value, link: shown(), organization_id: chosen }), t("view.kept", { name: name.value.trim() })));
  } }, name, body.input, body.list, h("button.btn.btn-sm", { type: "submit" }, icon("save"), t("view.keep")));
}

/** A body by its name; blank: nobody else. @param {string} id */
function bodyField(id) {
  const list = h("datalist", { id: `${id}-list` });
  const find = async (/** @type {string} */ text) =>
    (await searchPlaces(text, new AbortController().signal).catch(() => ({ items: [] }))).items.filter((/** @type {any} */ one) => one.type === "organization");
  const input = /** @type {HTMLInputElement} */ (h("input.form-control", { id, list: `${id}-list`, type: "search", placeholder: t("view.share_with"), "aria-label": t("view.share_with"), autocomplete: "off",
    oninput: async () => { if (input.value.trim()) list.replaceChildren(...(await find(input.value.trim())).map((/** @type {any} */ one) => h("option", { value: one.name }))); } }));
  /** @returns {Promise<number | null | undefined>} null: nobody; undefined: there is no such body */
  const chosen = async () => {
    const text = input.value.trim();
    return text ? (await find(text)).find((/** @type {any} */ one) => one.name === text)?.organization_id : null;
  };
  return { input, list, chosen };
}

/** @param {any} view */
function row(view) {
  const note = view.shared_with ? t(view.is_mine ? "view.shared_with" : "view.shared_by", { name: view.shared_with.name, maker: view.maker }) : t("view.own");
  const item = h("li", { "data-view": view.view_id },
    h("button.link.view-open", { type: "button", onclick: () => open(view) }, view.name), h("span.faint", null, note));
  if (view.is_mine) item.append(h("span.view-tools", null,
    tool(t("view.rename"), () => rename(item, view)),
    tool(t("view.renew"), () => then(send("PATCH", view.view_id, { link: shown() }), t("view.kept", { name: view.name }))),
    ...(view.shared_with ? [tool(t("view.unshare"), () => then(send("PATCH", view.view_id, { organization_id: null }), t("view.own")))] : []),
    tool(t("view.delete"), () => then(send("DELETE", view.view_id), t("view.deleted", { name: view.name })))));
  return item;
}

/** @param {string} text @param {() => void} act */
const tool = (text, act) => h("button.link", { type: "button", onclick: act }, text);

/** The page opens anew at the view, as it would at a link. @param {any} view */
function open(view) {
  history.replaceState(null, "", `${location.pathname}${view.link ? `#${view.link}` : ""}`);
  location.reload();
}

/** @param {HTMLElement} item @param {any} view */
function rename(item, view) {
  const name = /** @type {HTMLInputElement} */ (h("input.form-control", { value: view.name, maxlength: 100, "aria-label": t("view.name"),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") void list();
      if (event.key === "Enter" && name.value.trim()) void then(send("PATCH", view.view_id, { name: name.value }), t("view.kept", { name: name.value.trim() }));
    } }));
  item.replaceChildren(name);
  name.focus();
}
