// @ts-check
/** The search box: suggestions while typing, arrows to walk, Enter to fly there. */
import { searchPlaces } from "./api.js";
import { byId, h } from "./dom.js";
import { t } from "./i18n.js";

const WAIT_MS = 120;

/** @param {(item: any) => void} choose what to do with the place or body found */
export function startSearch(choose) {
  const input = /** @type {HTMLInputElement} */ (byId("search"));
  const list = byId("search-results");
  /** @type {any[]} */
  let items = [];
  let active = -1;
  let timer = 0;
  let running = new AbortController();
  /** What the shown results were found for. */
  let answered = "";
  /** @type {any} what was chosen last */
  let chosen = null;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };

  /** @param {number} at */
  const mark = (at) => {
    active = at;
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (at >= 0) input.setAttribute("aria-activedescendant", `found-${at}`);
  };

  /** @param {number} at */
  const take = (at) => {
    if (!items[at]) return;
    chosen = items[at];
    input.value = chosen.name;
    close();
    choose(chosen);
  };

  /** @param {string} note */
  const open = (note) => {
    list.replaceChildren(...items.map((item, at) => row(item, at, take)));
    if (!items.length) list.append(h("li.search-note", { role: "presentation" }, note));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(items.length ? 0 : -1);
  };

  const ask = async () => {
    const text = input.value.trim();
    running.abort();
    if (!text) return close();
    running = new AbortController();
    try {
      items = (await searchPlaces(text, running.signal)).items;
      answered = text;
      open(t("search_none", { text }));
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") return;
      items = [];
      answered = "";
      open(/** @type {Error} */ (error).message);
    }
  };

  /** Who is quicker than the answer means what he wrote, not what was found for less of it. */
  const enter = async () => {
    const text = input.value.trim();
    if (chosen && text === chosen.name) {
      close();
      return choose(chosen);
    }
    if (text && text !== answered) {
      clearTimeout(timer);
      await ask();
      if (answered !== text) return;
    }
    take(Math.max(0, active));
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("focus", () => input.value.trim() && items.length && open(""));
  input.addEventListener("blur", () => window.setTimeout(close, 120));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((active + step + items.length) % Math.max(1, items.length));
    } else if (event.key === "Enter") {
      void enter();
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      close();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement?.tagName ?? "")) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  // What was written while the page was still starting.
  if (document.activeElement === input && input.value.trim()) void ask();
}

/** @param {any} item @param {number} at @param {(at: number) => void} take */
function row(item, at, take) {
  const matched = item.matched === "title" || item.matched === "identifier" ? t(`matched.${item.matched}`) : null;
  const former = item.matched === "former_name" ? t("matched.former_name", { name: item.written }) : null;
  const where = [item.code, item.superior_name, item.admin_area_name, item.address, matched, former].filter(Boolean).join(" · ");
  return h("li", { role: "option", id: `found-${at}`, "aria-selected": "false",
    onmousedown: (/** @type {Event} */ event) => { event.preventDefault(); take(at); } },
    h("span.found-name", null, item.name, item.kind_title ? h("span.found-kind", null, item.kind_title) : null),
    h("span.found-where", null, where));
}
