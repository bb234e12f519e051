// @ts-check
/** Where files are handed in, what is being done, and the register of loads. */
import { h, icon } from "../dom.js";
import { count, t } from "../i18n.js";
import { PAGE, fetchImports, upload } from "./api.js";
import { OUTCOMES, badge, moment, progress, say, size } from "./say.js";

const LOOK_AGAIN_MS = 1500;

/** @param {HTMLElement} main @param {AbortSignal} left */
export async function showList(main, left) {
  const open = h("div", null);
  const past = h("div", null);
  let before = "";
  /** @type {Map<number, any>} every line seen so far, so that a look for news loses none */
  const seen = new Map();
  let hasMore = false;
  const keep = (/** @type {any[]} */ items) => items.forEach((one) => seen.set(one.load_id, one));
  const draw = () => past.replaceChildren(register([...seen.values()].sort((a, b) => b.load_id - a.load_id), hasMore ? earlier : null));
  const earlier = async () => {
    const { items } = await fetchImports(Math.min(...seen.keys()));
    if (left.aborted) return;
    keep(items);
    hasMore = items.length >= PAGE;
    draw();
  };
  const look = async () => {
    const answer = await fetchImports();
    if (left.aborted) return;
    if (!seen.size) hasMore = answer.items.length >= PAGE;
    keep(answer.items);
    const now = JSON.stringify([answer.jobs, answer.uploads, answer.items]);
    if (now !== before) {
      open.replaceChildren(...openWork(answer));
      draw();
      before = now;
    }
    if (answer.jobs.length) setTimeout(() => look().catch(() => {}), LOOK_AGAIN_MS);
    return answer;
  };
  const first = await look();
  if (left.aborted || !first) return;
  main.replaceChildren(...[
    h("div.page-head", null, h("h1", null, say("title")), h("p.hint", null, say("intro"), " ", h("a", { id: "to-rules", href: "/imports/rules" }, say("to_rules")), " ", h("a", { id: "to-plans", href: "/plans/new" }, t("plan_page.from_imports")))),
    handIn(first.upload_mb, left), open,
    first.matches_waiting ? h("p.notice-box.notice-warn", null, icon("alert"), h("a", { href: "#matches" }, say("pair.go", { count: count(first.matches_waiting) }))) : null, past,
  ].filter((part) => part !== null));
}

/** @param {number} most @param {AbortSignal} left */
function handIn(most, left) {
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "file", id: "file-input", class: "file-input",
    accept: ".xlsx,.xlsm,.xls,.ods,.csv,.txt,.gpkg,.geojson,.json,.zip,.kml,.kmz,.dxf" }));
  const note = h("p.hand-in-note", { role: "status" }, say("hand_in_hint", { most }));
  const box = h("section.hand-in", { "aria-label": say("hand_in") }, icon("upload"),
    h("div", null, h("label.btn.btn-primary", { for: "file-input" }, say("choose_file")), h("span.hand-in-or", null, say("or_drop"))), input, note);
  const send = async (/** @type {File | undefined} */ file) => {
    if (!file) return;
    if (/\.(dxf|dwg)$/i.test(file.name)) { location.assign("/plans/new"); return; }
    box.classList.add("busy");
    try {
      const sent = await upload(file, (percent) => (note.textContent = say("sending", { file: file.name, percent })));
      if (!left.aborted) location.hash = `#file=${sent.upload_id}`;
    } catch (error) {
      note.replaceChildren(h("span.refused", { role: "alert" }, /** @type {Error} */ (error).message));
    }
    box.classList.remove("busy");
    input.value = "";
  };
  input.addEventListener("change", () => send(input.files?.[0]));
  box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("over");
    send(event.dataTransfer?.files[0]);
  });
  return box;
}

/** @param {any} answer */
function openWork({ jobs, uploads }) {
  const busy = new Set(jobs.map((/** @type {any} */ job) => job.upload_id));
  const waiting = uploads.filter((/** @type {any} */ one) => !busy.has(one.upload_id));
  if (!jobs.length && !waiting.length) return [];
  return [h("section.card-box", { "aria-labelledby": "open-title" },
    h("h2", { id: "open-title" }, say("open")),
    h("ul.open-list", null,
      jobs.map((/** @type {any} */ job) => h("li", null,
        h("a.open-name", { href: job.kind.startsWith("plan") ? `/plans/${job.upload_id}` : job.upload_id ? `#file=${job.upload_id}` : `#load=${job.target_load_id}` },
          say(`job.${job.kind}`, { what: job.file ?? job.target_load_id })),
        h("span.faint", null, `${job.asked_by} · ${moment(job.asked_at)}`), progress(job))),
      waiting.map((/** @type {any} */ one) => h("li", null,
        h("a.open-name", { href: one.is_plan ? `/plans/${one.upload_id}` : `#file=${one.upload_id}` }, one.file),
        h("span.faint", null, `${one.uploaded_by} · ${moment(one.uploaded_at)} · ${size(one.size_bytes)}`),
        h("a.link", { href: one.is_plan ? `/plans/${one.upload_id}` : `#file=${one.upload_id}` }, say("go_on"), icon("right")))),
    ))];
}

/** @param {any[]} loads @param {(() => Promise<void>) | null} earlier fetches lines before these */
function register(loads, earlier) {
  const number = (/** @type {any} */ load, /** @type {string} */ name) =>
    h(`td.num${load[name] && (name === "rejected" || name === "waiting") ? ".held" : ""}`, null, load.undoes ? "" : count(load[name]));
  return h("section.card-box", { "aria-labelledby": "register-title" },
    h("h2", { id: "register-title" }, say("register")),
    loads.length ? h("div.scroll", null, h("table.plain-table.register", null,
      h("thead", null, h("tr", null, ["load_id", "file", "state", "brought_by", "started_at"].map((name) => h("th", { scope: "col" }, say(`column.${name}`))),
        ["rows", ...OUTCOMES, "issues"].map((name) => h("th.num", { scope: "col" }, say(`count.${name}`))))),
      h("tbody", null, loads.map((load) => h("tr", null,
        h("td", null, h("a", { href: `#load=${load.load_id}`, "aria-label": say("open_load", { id: load.load_id }) }, String(load.load_id))),
        h("td.file-cell", null, h("a", { href: `#load=${load.load_id}` }, load.undoes ? say("undo_of", { id: load.undoes, file: load.file }) : load.file)),
        h("td", null, badge(load.state, load.state_title)),
        h("td", null, load.brought_by ?? ""), h("td.when", null, moment(load.started_at)),
        ["rows", ...OUTCOMES].map((name) => number(load, name)),
        h("td.num", null, load.undoes ? "" : count(load.issue_count)))))))
      : h("p.nothing", null, say("none_yet")),
    earlier ? h("p.hint", null, h("button.btn", { type: "button", id: "earlier", onclick: earlier }, say("earlier"))) : null);
}
