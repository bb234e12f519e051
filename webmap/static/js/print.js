// @ts-check
/** The map on a sheet of paper: title, legend, scale, north, dates, review number; printed by the browser or taken along as a PNG. */
import { countShapes } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { count, language, t } from "./i18n.js";
import { countDrawn, drawnOneByOne, map, viewExtent } from "./map.js";
import { paintSheet } from "./print_image.js";
import { ratioOf, scaleBar } from "./print_scale.js";
import { state } from "./state.js";
import { legendOf } from "./themes.js";
import { layerLegends, noticesOf } from "./tree.js";

const PAPERS = ["a4", "a3"];
const TURNS = ["landscape", "portrait"];
const RATIOS = [500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000];
/** Dots to a CSS pixel: some 190 to the inch. */
const SHARPNESS = 2;
/** What a sheet can show legibly, and a browser without a GPU can draw in seconds. */
const MOST_DRAWN = 50_000;
/** Drawing that takes longer is said to be slow; the buttons wait all the same. */
const SLOW_MS = 15_000;

/** What was chosen last, as long as the page is open. */
const chosen = { paper: "a4", turn: "landscape", ratio: 0, title: "", maker: "", legend: true };
/** @type {any} answer of /api/layers */
let described;
/** @type {HTMLDialogElement} */
let dialog;
/** @type {{centre: number[], resolution: number, pixelRatio: number, target: HTMLElement} | null} how the map stood before; null: not printing */
let before = null;
let slow = 0;
let asked = 0;
/** Whether it is known that a sheet can hold what is in view: nothing is drawn on it before. */
let isAllowed = false;
/** Told when the map goes to the sheet, and when it is back. @type {(isGone: boolean) => void} */
let tell = () => {};
/** The printer's paper: the size of a page stands in no element's style. */
const page = new CSSStyleSheet();

/** Whether the map stands on the sheet. */
export const isPrinting = () => before !== null;

/** @param {any} answer of /api/layers @param {(isGone: boolean) => void} moved */
export function startPrint(answer, moved) {
  described = answer;
  tell = moved;
  dialog = /** @type {HTMLDialogElement} */ (h("dialog.print-dialog", { id: "print", "aria-labelledby": "print-heading" }));
  document.body.append(dialog);
  // The page's own keys rest.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", putBack);
  window.addEventListener("resize", shrink);
  map.on("rendercomplete", ready);
  map.on("moveend", () => { if (before) void allow(); });
  map.getView().on("change:resolution", showScale);
  map.getView().on("change:center", showScale);
}

export function openPrint() {
  const view = map.getView();
  before = { centre: view.getCenter(), resolution: view.getResolution(), pixelRatio: map.getPixelRatio(), target: byId("map") };
  const extent = view.calculateExtent(map.getSize());
  dialog.replaceChildren(form(), h("div.sheet-room", { id: "sheet-room" }, sheet()));
  document.body.classList.add("printing");
  document.adoptedStyleSheets.push(page);
  dialog.showModal();
  tell(true);
  map.setPixelRatio(SHARPNESS);
  map.setTarget(byId("sheet-map"));
  layOut();
  if (!chosen.ratio) view.fit(extent);
  byId("print-title").focus();
}

/** The map goes back to where it was taken from. */
function putBack() {
  if (!before) return;
  const view = map.getView();
  map.setTarget(before.target);
  map.setPixelRatio(before.pixelRatio);
  view.setCenter(before.centre);
  view.setResolution(before.resolution);
  before = null;
  asked += 1;
  map.getLayerGroup().setVisible(true);
  clearTimeout(slow);
  document.body.classList.remove("printing");
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== page);
  dialog.replaceChildren();
  tell(false);
}

/** What the map is called until somebody says better. */
function usualTitle() {
  const scope = document.getElementById("figures-title")?.textContent || t("whole_city");
  const theme = legendOf();
  return theme ? t("print.theme_title", { indicator: theme.title }) : t("print.usual_title", { scope });
}

function form() {
  const text = (/** @type {"title" | "maker"} */ name, /** @type {string} */ shown) =>
    h("label.print-field", null, h("span", null, t(`print.${name}`)),
      h("input.form-control", { type: "text", id: `print-${name}`, maxlength: 60, value: shown, autocomplete: "off",
        oninput: (/** @type {any} */ event) => { chosen[name] = event.target.value.trim(); words(); } }));
  const pick = (/** @type {"paper" | "turn" | "ratio"} */ name, /** @type {string[][]} */ options) => {
    const field = h("select.form-select", { id: `print-${name}`, onchange: (/** @type {any} */ event) => {
      /** @type {any} */ (chosen)[name] = name === "ratio" ? Number(event.target.value) : event.target.value;
      layOut();
    } }, ...options.map(([value, title]) => h("option", { value }, title)));
    /** @type {any} */ (field).value = String(chosen[name]);
    return h("label.print-field", null, h("span", null, t(`print.${name}`)), field);
  };
  return h("form.print-form", { method: "dialog" },
    h("h2", { id: "print-heading" }, t("print.heading")),
    text("title", chosen.title || usualTitle()), text("maker", chosen.maker),
    pick("paper", PAPERS.map((one) => [one, one.toUpperCase()])),
    pick("turn", TURNS.map((one) => [one, t(`print.${one}`)])),
    pick("ratio", [["0", t("print.as_in_view")], ...RATIOS.map((one) => [String(one), `1:${count(one)}`])]),
    h("label.print-check", null, h("input.form-check-input", { type: "checkbox", id: "print-legend", checked: chosen.legend,
      onchange: (/** @type {any} */ event) => { chosen.legend = event.target.checked; legend(); } }), t("print.legend")),
    h("p.hint", null, t("print.hint")),
    h("p.print-note", { id: "print-note", role: "status" }),
    h("div.print-buttons", null,
      h("button.btn.btn-primary", { type: "button", id: "print-now", disabled: true, onclick: print }, icon("print"), t("print.now")),
      h("button.btn", { type: "button", id: "print-png", disabled: true, onclick: download }, icon("download"), t("print.png")),
      h("button.btn", { type: "submit", id: "print-close" }, t("print.close"))));
}

function sheet() {
  return h("article.sheet", { id: "sheet", "aria-label": t("print.sheet") },
    h("h1", { id: "sheet-title" }),
    h("p.sheet-under", { id: "sheet-under" }),
    h("div.sheet-map", { id: "sheet-map", tabindex: "0", role: "application", "aria-label": t("map_label") }),
    north(),
    h("section.sheet-legend", { id: "sheet-legend", "aria-label": t("print.legend") }),
    h("footer.sheet-foot", null, h("div", { id: "sheet-scale" }), h("div.sheet-words", { id: "sheet-words" })));
}

/** The view is never turned, so north is up; drawn rather than written, so that it looks the same in every font. */
function north() {
  const [width, height] = [34, 46];
  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas.sheet-north", { width: width * 4, height: height * 4, role: "img", "aria-label": t("print.north") }));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(4, 4);
  pen.fillStyle = "#1f2d3d";
  pen.font = "600 12px sans-serif";
  pen.textAlign = "center";
  pen.fillText(language === "zh" ? "北" : "N", width / 2, 11);
  const half = (/** @type {number} */ side, /** @type {boolean} */ filled) => {
    pen.beginPath();
    pen.moveTo(width / 2, 15);
    pen.lineTo(width / 2 + side * 9, 44);
    pen.lineTo(width / 2, 37);
    pen.closePath();
    if (filled) pen.fill();
    pen.stroke();
  };
  half(-1, true);
  half(1, false);
  return canvas;
}

/** Paper and scale as chosen. */
function layOut() {
  wait();
  const paper = byId("sheet");
  page.replaceSync(`@page { size: ${chosen.paper.toUpperCase()} ${chosen.turn}; margin: 0; }`);
  paper.className = `sheet ${chosen.paper}-${chosen.turn}`;
  words();
  legend();
  shrink();
  map.updateSize();
  if (chosen.ratio) map.getView().setResolution(map.getView().getResolution() * chosen.ratio / ratioOf(map.getView()));
  showScale();
  isAllowed = false;
  void allow();
}

/** Count before anything is drawn: drawing too much takes half a minute. */
async function allow() {
  const turn = ++asked;
  if (!isAllowed) map.getLayerGroup().setVisible(false);
  // Where it cannot be counted, what was drawn is counted after.
  const { count: shapes } = await countShapes(drawnOneByOne(), viewExtent(), state.floor).catch(() => ({ count: 0 }));
  if (turn !== asked || !before) return;
  isAllowed = shapes <= MOST_DRAWN;
  map.getLayerGroup().setVisible(isAllowed);
  if (isAllowed) return map.render();
  clearTimeout(slow);
  tooMuch(shapes);
}

/** @param {number} drawn */
function tooMuch(drawn) {
  for (const name of ["print-now", "print-png"]) byId(name).setAttribute("disabled", "");
  say(t("print.too_much", { count: count(drawn), most: count(MOST_DRAWN) }));
}

/** The whole sheet is seen at once, however small the screen. */
function shrink() {
  if (!before) return;
  const [room, paper] = [byId("sheet-room"), byId("sheet")];
  const by = Math.min(1, (room.clientWidth - 24) / paper.offsetWidth, (room.clientHeight - 24) / paper.offsetHeight);
  paper.style.setProperty("--shrink", String(by));
}

function words() {
  const theme = legendOf();
  byId("sheet-title").textContent = chosen.title || usualTitle();
  byId("sheet-under").textContent = [document.getElementById("figures-title")?.textContent, theme?.under ?? t("as_of_date", { date: state.asOf ?? described.today })]
    .filter(Boolean).join(" · ");
  byId("sheet-words").replaceChildren(...[
    h("span", null, described.review_number ? t("print.review_number", { number: described.review_number }) : t("print.no_review_number")),
    ...[...new Set([...noticesOf(described), ...(theme?.notes ?? [])])].map((text) => h("span", null, text)),
    h("span", null, t("print.coordinates")),
    chosen.maker ? h("span", null, t("print.made_by", { maker: chosen.maker })) : null,
    h("span", null, t("print.made_on", { date: described.today })),
  ].filter((part) => part !== null));
}

/** The theme's classes and those of the layers, as the page itself shows them. */
function legend() {
  const theme = legendOf();
  const parts = [...(theme ? [theme] : []), ...layerLegends(described, theme?.layer ?? null)];
  const box = byId("sheet-legend");
  box.hidden = !chosen.legend || !parts.length;
  box.replaceChildren(...parts.map((part) => h("div.sheet-part", null, h("b", null, part.title),
    ...part.rows.map((row) => h("div.sheet-class", null, chip(row.colour, part.shape), h("span", null, row.title))))));
}

/** @param {string} colour @param {string} shape */
function chip(colour, shape) {
  const box = h(`span.sheet-chip.${shape}`, { "aria-hidden": "true" });
  box.style.setProperty("--colour", colour);
  return box;
}

function showScale() {
  if (!before || !document.getElementById("sheet-scale")) return;
  byId("sheet-scale").replaceChildren(...scaleBar(map.getView()));
}

/** The buttons rest until everything is on the sheet. */
function wait() {
  for (const name of ["print-now", "print-png"]) byId(name).setAttribute("disabled", "");
  byId("sheet").removeAttribute("data-ready");
  say(t("print.drawing"));
  clearTimeout(slow);
  slow = window.setTimeout(() => say(t("print.slow")), SLOW_MS);
}

/** Everything in view is drawn. */
function ready() {
  if (!before || !isAllowed) return;
  clearTimeout(slow);
  const drawn = countDrawn();
  legend();
  if (drawn > MOST_DRAWN) tooMuch(drawn);
  else {
    for (const name of ["print-now", "print-png"]) byId(name).removeAttribute("disabled");
    say("");
  }
  showScale();
  byId("sheet").setAttribute("data-ready", "");
}

/** @param {string} text */
const say = (text) => void (byId("print-note").textContent = text);

/** The browser prints the sheet alone; its title becomes the file's name. */
function print() {
  const name = document.title;
  document.title = fileName();
  window.print();
  document.title = name;
}

const fileName = () => `${byId("sheet-title").textContent}-${state.asOf ?? described.today}`.replace(/[\\/:*?"<>|\s]+/g, "_");

async function download() {
  try {
    const image = await paintSheet(byId("sheet"), SHARPNESS);
    const address = URL.createObjectURL(image);
    h("a", { href: address, download: `${fileName()}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    say(t("print.saved", { name: `${fileName()}.png` }));
  } catch (error) {
    say(t("print.failed", { reason: /** @type {Error} */ (error).message }));
  }
}
