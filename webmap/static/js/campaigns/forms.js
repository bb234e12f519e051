// @ts-check
/** Forms that are sent in the background, so that a refusal leaves everything written in place. */
import { t } from "../i18n.js";
import { Problem, send } from "./send.js";

const LEAVING_MS = 5000;

/** @param {HTMLFormElement} form @param {string} kind @param {string} text */
function show(form, kind, text) {
  const box = form.querySelector(`.form-${kind}`);
  if (!(box instanceof HTMLElement)) return;
  box.textContent = text;
  box.hidden = !text;
}

/** Fields of a form; a list where several may be chosen. @param {HTMLFormElement} form */
function fields(form) {
  /** @type {Record<string, unknown>} */
  const values = Object.fromEntries(new FormData(form).entries());
  for (const list of form.querySelectorAll("select[multiple]")) {
    const chosen = /** @type {HTMLSelectElement} */ (list);
    values[chosen.name] = [...chosen.selectedOptions].map((one) => one.value);
  }
  return values;
}

/** Templates give these forms the method `dialog`, so that a press before this script has come sends nothing. @param {HTMLFormElement} form */
async function submit(form) {
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return;
  show(form, "problem", "");
  if ("needsSaved" in form.dataset && document.querySelector("#filing.dirty")) {
    show(form, "problem", t("save_first"));
    return;
  }
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll("button"));
  buttons.forEach((one) => (one.disabled = true));
  try {
    const { post, upload } = form.dataset;
    const answer = await (upload ? send(upload, new FormData(form)) : send(post ?? "", fields(form)));
    if (answer.said) show(form, "said", answer.said);
    const next = answer.location ?? form.dataset.next;
    if (next) {
      go(next);
      // Until the other page is there a second press would send it all again; whoever stays may press once more.
      await new Promise((resolve) => window.setTimeout(resolve, LEAVING_MS));
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(form, "problem", error.message);
  } finally {
    buttons.forEach((one) => (one.disabled = false));
  }
}

/** Open a page anew, also when it is the one that is open. @param {string} location */
export function go(location) {
  if (new URL(location, window.location.href).pathname === window.location.pathname) window.location.reload();
  else window.location.assign(location);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form instanceof HTMLFormElement && (form.dataset.post || form.dataset.upload)) {
    event.preventDefault();
    submit(form);
  }
});

document.getElementById("language")?.addEventListener("click", async (event) => {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  await fetch("/language", { method: "POST", body: new URLSearchParams({ language: button.value }) });
  window.location.reload();
});

/** Sorting by a column of a table, numbers as numbers; a second press turns it round. */
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = /** @type {HTMLTableSectionElement} */ (table.querySelector("tbody"));
  const heads = [...table.querySelectorAll("th")];
  heads.forEach((head, at) =>
    head.querySelector("button")?.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const isNumber = head.classList.contains("num");
      const value = (/** @type {HTMLTableRowElement} */ row) => row.cells[at]?.textContent?.trim() ?? "";
      const compare = new Intl.Collator(document.documentElement.lang).compare;
      const number = (/** @type {string} */ text) => Number(text.replace(/,/g, "")) || 0;
      const rows = [...body.rows].sort((a, b) => {
        const order = isNumber ? number(value(a)) - number(value(b)) : compare(value(a), value(b));
        return down ? -order : order;
      });
      body.append(...rows);
    }),
  );
}
document.documentElement.dataset.ready = "";
