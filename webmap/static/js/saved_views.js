// @ts-check
/** Saved views: what the map shows, kept under a name for oneself or for whoever sees a body. */
import { call, post } from "./api.js";
import { byId, h, icon, toast } from "./dom.js";
import { body } from "./fields.js";
import { t } from "./i18n.js";

/** @param {string} method @param {number} id @param {unknown} [changes] */
const send = (method, id, changes) => call(`/api/views/${id}`, { method, body: JSON.stringify(changes ?? {}), headers: { "Content-Type": "application/json" } });

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

let isSending = false;
/** One at a time: a second press must not send it again. @param {() => Promise<any>} what @param {string} done */
async function then(what, done) {
  if (isSending) return;
  isSending = true;
  try {
    await what();
    toast(done);
    await list();
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
  isSending = false;
}

function keepForm() {
  const name = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "view-name", maxlength: 100, placeholder: t("view.name"), "aria-label": t("view.name"), autocomplete: "off" }));
  const sharing = body("view-body", () => {}, { label: t("view.share_with"), hint: t("view.share_with") });
  return h("form.view-form", { onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.focus();
    if (!sharing.isSettled()) return toast(t("view.no_body"));
    void then(() => post("/api/views", { name: name.value, link: shown(), organization_id: sharing.read() }), t("view.kept", { name: name.value.trim() }));
  } }, name, sharing.element, h("button.btn.btn-sm", { type: "submit" }, icon("save"), t("view.keep")));
}

/** @param {any} view */
function row(view) {
  const note = view.shared_with ? t(view.is_mine ? "view.shared_with" : "view.shared_by", { name: view.shared_with.name, maker: view.maker }) : t("view.own");
  const item = h("li", { "data-view": view.view_id },
    h("button.link.view-open", { type: "button", onclick: () => open(view) }, view.name), h("span.faint", null, note));
  if (view.is_mine) item.append(h("span.view-tools", null,
    tool(t("view.rename"), () => rename(item, view)),
    tool(t("view.renew"), () => then(() => send("PATCH", view.view_id, { link: shown() }), t("view.kept", { name: view.name }))),
    ...(view.shared_with ? [tool(t("view.unshare"), () => then(() => send("PATCH", view.view_id, { organization_id: null }), t("view.own")))] : []),
    tool(t("view.delete"), () => then(() => send("DELETE", view.view_id), t("view.deleted", { name: view.name })))));
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
      if (event.key === "Enter" && name.value.trim()) void then(() => send("PATCH", view.view_id, { name: name.value }), t("view.kept", { name: name.value.trim() }));
    } }));
  item.replaceChildren(name);
  name.focus();
}
