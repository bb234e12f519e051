// @ts-check
/** One load: what it did, what was wrong, where on the map, and taking it back. */
import { h, icon, toast } from "../dom.js";
import { count } from "../i18n.js";
import { ask, fetchIssues, fetchJob, fetchLoad, undo } from "./api.js";
import { alert } from "./file.js";
import { issueMap } from "./issue_map.js";
import { badge, moment, progress, say, tiles } from "./say.js";

const PAGE = 100;
const LOOK_AGAIN_MS = 400;

/** @param {number} id @param {HTMLElement} main @param {AbortSignal} left */
export async function showLoad(id, main, left) {
  const load = await fetchLoad(id);
  if (left.aborted) return;
  const job = load.undo;
  const isUndoing = job && (job.state === "queued" || job.state === "running");
  const again = () => showLoad(id, main, left).catch((error) => toast(error.message));
  const parts = [head(load)];
  if (isUndoing) parts.push(h("section.card-box.waiting-box", { id: "undoing", "aria-live": "polite" }, h("h2", null, say("doing.undo")), progress(job)));
  else if (load.state === "undone") parts.push(alert("warn", say("was_undone"), load.undone_by_load_id ? say("undone_by", { id: load.undone_by_load_id }) : ""));
  else if (job && job.message) parts.push(refusal(job, id, again));
  if (load.state === "committed" && !load.undoes || load.state === "undone") parts.push(h("section.card-box", { "aria-label": say("result") }, tiles(load)));
  parts.push(h("div.actions", null,
    load.downloads.map((/** @type {any} */ one) => one.to_make ? makeButton(one, left) : h("a.btn", { href: one.address, download: "" }, icon("download"), one.title)),
    load.upload_id && load.state !== "committed" ? h("a.btn", { href: `#file=${load.upload_id}` }, icon("file"), say("back_to_file")) : null,
    load.question_count ? h("a.btn.btn-primary", { href: `#matches=${id}`, id: "to-matches" }, icon("list"), say("pair.go", { count: count(load.question_count) })) : null,
    load.is_undoable && !isUndoing ? undoButton(id, again) : null));
  main.replaceChildren(...parts);
  if (load.issue_count) main.append(issues(load, left));
  if (isUndoing) await watch(job, main, left, again);
}

/** @param {any} load */
const head = (load) => h("div.page-head", null,
  h("a.link.back", { href: "#" }, icon("left"), say("back")),
  h("h1", null, load.undoes ? say("undo_of", { id: load.undoes, file: load.file }) : load.file, " ", badge(load.state, load.state_title)),
  h("p.hint", null, [say("load_number", { id: load.load_id }), load.brought_by, moment(load.started_at), load.profile ? say("by_profile", { name: load.profile }) : ""].filter(Boolean).join(" · ")));

/** A second press meanwhile would be refused. @param {HTMLButtonElement} button @param {number} id @param {boolean} andLater @param {() => void} again */
function undoOnce(button, id, andLater, again) {
  button.disabled = true;
  return undo(id, andLater).then(again, (error) => { button.disabled = false; toast(error.message); });
}

/** Asks once more before it begins. @param {number} id @param {() => void} again */
function undoButton(id, again) {
  const begin = (/** @type {any} */ event) => undoOnce(event.currentTarget, id, false, again);
  const askAgain = () => {
    const sure = h("button.btn.btn-danger", { type: "button", id: "undo-sure", onclick: begin }, icon("undo"), say("undo_sure"));
    button.replaceWith(h("span.sure-box", null, h("span", null, say("undo_ask")), sure, h("button.btn", { type: "button", onclick: again }, say("keep"))));
    sure.focus();
  };
  const button = h("button.btn", { type: "button", id: "undo", onclick: askAgain }, icon("undo"), say("undo"));
  return button;
}

/** @param {any} job @param {number} id @param {() => void} again */
function refusal(job, id, again) {
  const box = alert("bad", say(`ended.undo.${job.state}`), job.message);
  if (job.message_key === "load.changed_since") {
    box.append(h("div.answers", null, h("button.btn", { type: "button", id: "undo-later", onclick: (/** @type {any} */ event) => undoOnce(event.currentTarget, id, true, again) }, icon("undo"), say("undo_later"))));
  }
  return box;
}

/** A file that a worker makes first, and the browser fetches then. @param {any} one @param {AbortSignal} left */
function makeButton(one, left) {
  const note = h("span", null, one.title);
  const make = async () => {
    button.setAttribute("disabled", "");
    try {
      let job = await fetchJob((await ask(one.address)).job_id);
      while (job.state === "queued" || job.state === "running") {
        note.textContent = say("doing.mark");
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        if (left.aborted) return;
        job = await fetchJob(job.job_id);
      }
      if (job.state === "done") h("a", { href: one.address, download: "" }).click();
      else toast(job.message);
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    } finally {
      note.textContent = one.title;
      button.removeAttribute("disabled");
    }
  };
  const button = h("button.btn", { type: "button", id: "marked", onclick: make }, icon("download"), note);
  return button;
}

/** @param {any} job @param {HTMLElement} main @param {AbortSignal} left @param {() => void} again */
async function watch(job, main, left, again) {
  let now = job;
  while (now.state === "queued" || now.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    if (left.aborted) return;
    now = await fetchJob(job.job_id);
    const shown = main.querySelector("#undoing .job");
    shown?.replaceWith(progress(now));
  }
  if (!left.aborted) again();
}

/** @param {any} load @param {AbortSignal} left */
function issues(load, left) {
  const { facets, located } = load.issues;
  /** @type {Record<string, any>} */
  const filter = { limit: PAGE, offset: 0 };
  const body = h("tbody", null);
  const note = h("span.faint", { role: "status" });
  const pager = h("span.pager", null);
  const map = located ? issueMap((number) => mark(body, number)) : null;
  const draw = async () => {
    const answer = await fetchIssues(load.load_id, filter);
    if (left.aborted) return;
    body.replaceChildren(...answer.items.map((/** @type {any} */ one) => issueRow(one, map)));
    note.textContent = say("issues_shown", { from: answer.total ? count(filter.offset + 1) : 0, to: count(Math.min(filter.offset + PAGE, answer.total)), total: count(answer.total) });
    const turn = (/** @type {number} */ by) => h("button.icon-button", { type: "button", disabled: by < 0 ? !filter.offset : filter.offset + PAGE >= answer.total,
      "aria-label": say(by < 0 ? "page_before" : "page_after"), onclick: () => { filter.offset += by; draw(); } }, icon(by < 0 ? "left" : "right"));
    pager.replaceChildren(turn(-PAGE), turn(PAGE));
    map?.show(answer.items);
  };
  const choice = (/** @type {string} */ name, /** @type {Map<string, string>} */ options) => h("label.filter", null, say(`column.${name}`),
    h("select.form-select", { id: `filter-${name}`, onchange: (/** @type {any} */ event) => { filter[name] = event.target.value; filter.offset = 0; draw(); } },
      h("option", { value: "" }, say("all")), [...options].map(([value, title]) => h("option", { value }, title))));
  const values = (/** @type {string} */ name, /** @type {(one: any) => string} */ title) => new Map(facets.filter((/** @type {any} */ one) => one[name]).map((/** @type {any} */ one) => [one[name], title(one)]));
  const table = h("div.scroll.issue-scroll", { tabindex: "0", role: "region", "aria-label": say("issues") }, h("table.plain-table.issues", null,
    h("thead", null, h("tr", null, ["sheet", "row", "column", "severity", "rule", "original", "suggestion"].map((name) => h("th", { scope: "col" }, say(`column.${name}`))))), body));
  draw().catch((error) => toast(error.message));
  return h("section.card-box", { "aria-labelledby": "issues-title" },
    h("h2", { id: "issues-title" }, say("issues")),
    h("div.filters", null, choice("severity", values("severity", (one) => say(`severity.${one.severity}`))), choice("rule", values("rule", (one) => one.rule_title.replace(/\s*\{\w+\}\s*/g, "…"))), choice("column", values("column", (one) => one.column)),
      located ? h("label.filter.filter-check", null, h("input.form-check-input", { type: "checkbox", onchange: (/** @type {any} */ event) => { filter.located = event.target.checked ? "true" : ""; filter.offset = 0; draw(); } }), say("located_only", { count: count(located) })) : null,
      note, pager),
    h(`div.issue-panes${map ? ".with-map" : ""}`, null, table, map?.element));
}

/** @param {any} issue @param {any} map */
function issueRow(issue, map) {
  const isLocated = map && issue.lon !== null;
  const look = () => { map.look(issue); mark(/** @type {HTMLElement} */ (row.parentElement), issue.number); };
  const row = h("tr", { "data-number": issue.number },
    h("td", null, issue.sheet ?? ""), h("td.num", null, issue.row ? String(issue.row) : ""), h("td", null, issue.column ?? ""),
    h("td", null, badge(issue.severity, issue.severity_title)),
    h("td", null, issue.message, isLocated ? h("button.link.on-map", { type: "button", onclick: look, "aria-label": say("show_on_map") }, icon("target")) : null),
    h("td.cell-text", null, issue.original ?? ""), h("td.cell-text", null, issue.suggestion ?? ""));
  return row;
}

/** @param {HTMLElement} body @param {number} number */
function mark(body, number) {
  for (const row of body.children) row.classList.toggle("marked", row.getAttribute("data-number") === String(number));
  body.querySelector("tr.marked")?.scrollIntoView({ block: "nearest" });
}
