// @ts-check
/** Building elements; text is always set as text, so data can never become markup. */

const icons = document.querySelector(".app")?.getAttribute("data-icons") ?? "";

/**
 * @param {string} tag element name, with classes after dots: `div.row`
 * @param {Record<string, any> | null} [props] `on…` are listeners, the rest attributes; null leaves out
 * @param {...(Node | string | null | undefined | false | Array<Node | string | null | undefined | false>)} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "checked" || key === "value") /** @type {any} */ (element)[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/** @param {string} name symbol in icons.svg */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/** A colour chip; its colour comes by script because the content policy allows no style attribute. */
export function swatch(/** @type {string} */ colour, shape = "square") {
  const chip = h(`span.swatch.${shape}`, { "aria-hidden": "true" });
  chip.style.setProperty("--colour", colour);
  return chip;
}

/** Whether movement on screen should be skipped: the reader asked for it, or a test drives. */
export const isStill =
  navigator.webdriver || matchMedia("(prefers-reduced-motion: reduce)").matches;
export const flightMs = isStill ? 0 : 450;

let toastTimer = 0;
/** A short line over the map that goes away by itself. */
export function toast(/** @type {string} */ text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => (box.hidden = true), 5000);
}
