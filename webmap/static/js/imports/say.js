// @ts-check
/** What the import page says, and the little things it shows again and again. */
import { h } from "../dom.js";
import { count, language, t } from "../i18n.js";

/** @param {string} key @param {Record<string, unknown>} [params] */
export const say = (key, params) => t(`import_page.${key}`, params);

const locale = language === "zh" ? "zh-CN" : "en-GB";
const moments = new Intl.DateTimeFormat(locale, {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false,
});

/** @param {string | null} iso */
export const moment = (iso) => (iso ? moments.format(new Date(iso)) : "");

/** @param {number} bytes */
export function size(bytes) {
  const [by, unit] = bytes >= 1 << 20 ? [1 << 20, "MB"] : [1024, "KB"];
  return `${(bytes / by).toFixed(bytes / by < 10 ? 1 : 0)} ${unit}`;
}

/** @param {string} state of a job or load @param {string} title */
export const badge = (state, title) => h(`span.state.state-${state}`, null, title);

export const OUTCOMES = ["inserted", "updated", "unchanged", "rejected", "waiting"];

/** The counts of a load as tiles. @param {any} counts */
export const tiles = (counts) =>
  h("dl.tiles", null, ["rows", ...OUTCOMES].map((name) =>
    h(`div.tile.tile-${name}`, null, h("dt", null, say(`count.${name}`)), h("dd", null, count(counts[name])))));

/** @param {any} job */
export function progress(job) {
  const bar = h("div.job-bar-fill", null);
  bar.style.width = `${job.percent}%`;
  const note = job.state === "queued" ? say("queued") : job.is_stopping ? say("stopping") : job.step ?? say("starting");
  const of = job.step_count ? say("step_of", { number: job.step_number, count: job.step_count }) : "";
  return h("div.job", null,
    h("div.job-line", null, h("span.job-step", null, note), h("span.faint", null, of), h("b.job-percent", null, `${job.percent}%`)),
    h("div.job-bar", { role: "progressbar", "aria-valuenow": job.percent, "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": note }, bar));
}
