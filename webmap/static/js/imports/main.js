// @ts-check
/** The import page: which of its views is shown, told by the address's fragment. */
import { byId, h } from "../dom.js";
import { language, t } from "../i18n.js";
import { showFile } from "./file.js";
import { showList } from "./list.js";
import { showLoad } from "./load.js";
import { showMatches } from "./matches.js";

/** Ends what the view before was waiting for. */
let leave = new AbortController();

function route() {
  leave.abort();
  leave = new AbortController();
  const main = byId("main");
  main.setAttribute("aria-busy", "true");
  // What was open is not what was asked for: the first look at a file may take some seconds.
  main.replaceChildren(h("p.nothing", null, t("loading")));
  const [, kind, id] = location.hash.match(/^#(file|load|matches)(?:=(\d+))?$/) ?? [];
  const view = kind === "matches" ? showMatches(id ? Number(id) : null, main, leave.signal)
    : kind === "file" && id ? showFile(Number(id), main, leave.signal)
      : kind === "load" && id ? showLoad(Number(id), main, leave.signal) : showList(main, leave.signal);
  const { signal } = leave;
  view.catch((/** @type {Error} */ error) => {
    if (!signal.aborted) main.replaceChildren(h("p.nothing", { role: "alert" }, error.message), h("p.nothing", null, h("a", { href: "#" }, "←")));
  }).finally(() => main.removeAttribute("aria-busy"));
}

document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
const other = /** @type {HTMLButtonElement} */ (byId("language"));
other.addEventListener("click", async () => {
  await fetch("/language", { method: "POST", body: new URLSearchParams({ language: other.value }) });
  location.reload();
});
addEventListener("hashchange", () => { route(); byId("main").focus(); });
route();
