// @ts-check
/** A slider over the days on which the register changed: map, figures and theme follow. */
import { call } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { on, set, state } from "./state.js";

const STEP_MS = 1800;
/** Dragging passes many days; only where it rests is asked. */
const REST_MS = 250;
/** @type {string[]} days, oldest first; the last is today */
let days = [];
let playing = 0;
let resting = 0;

export function startTimeline() {
  byId("timeline-toggle").addEventListener("click", () => (byId("timeline").hidden ? open() : close()));
  on("asOf", show);
}

async function open() {
  const box = byId("timeline");
  box.hidden = false;
  byId("timeline-toggle").setAttribute("aria-expanded", "true");
  try {
    days = (await call("/api/dates")).items;
  } catch (error) {
    return box.replaceChildren(h("p.hint", null, /** @type {Error} */ (error).message));
  }
  const slider = h("input", { type: "range", id: "timeline-slider", min: 0, max: days.length - 1, step: 1, "aria-label": t("timeline.title"),
    oninput: (/** @type {any} */ event) => { say(days[Number(event.target.value)]); rest(Number(event.target.value)); } });
  box.replaceChildren(
    h("button.icon-button", { type: "button", id: "timeline-play", "aria-label": t("timeline.play"), title: t("timeline.play"), onclick: play }, icon("play")),
    slider, h("output", { id: "timeline-day" }),
    h("button.icon-button", { type: "button", "aria-label": t("timeline.close"), title: t("timeline.close"), onclick: close }, icon("close")));
  show();
  slider.focus();
}

function close() {
  stop();
  byId("timeline").hidden = true;
  byId("timeline-toggle").setAttribute("aria-expanded", "false");
}

/** @param {number} at */
function rest(at) {
  clearTimeout(resting);
  resting = window.setTimeout(() => choose(at), REST_MS);
}

/** The last day is today: then nothing stands in the link. @param {number} at */
const choose = (at) => set({ asOf: at === days.length - 1 ? null : days[at] });

/** @param {string} day */
const say = (day) => (byId("timeline-day").textContent = day);

/** Keep the slider where the date is, at the last change before it. */
function show() {
  const slider = /** @type {HTMLInputElement | null} */ (document.getElementById("timeline-slider"));
  if (!slider || byId("timeline").hidden) return;
  const asOf = state.asOf;
  const at = asOf === null ? days.length - 1 : Math.max(0, days.findLastIndex((day) => day <= asOf));
  slider.value = String(at);
  slider.setAttribute("aria-valuetext", asOf ?? days[at]);
  say(asOf ?? days[at]);
}

function play() {
  if (playing) return stop();
  byId("timeline-play").setAttribute("aria-pressed", "true");
  const slider = /** @type {HTMLInputElement} */ (byId("timeline-slider"));
  const step = () => {
    const next = (Number(slider.value) + 1) % days.length;
    choose(next);
    if (next === days.length - 1) stop();
  };
  playing = window.setInterval(step, STEP_MS);
  step();
}

function stop() {
  clearInterval(playing);
  playing = 0;
  document.getElementById("timeline-play")?.removeAttribute("aria-pressed");
}
