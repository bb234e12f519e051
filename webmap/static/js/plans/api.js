// @ts-check
/** Every call of a plan's page to the server. */
import { Problem, call, post } from "../api.js";
import { t } from "../i18n.js";

/** @param {string} key @param {Record<string, unknown>} [params] */
export const say = (key, params) => t(`plan_page.${key}`, params);

export const fetchPlan = (/** @type {number} */ id) => call(`/api/plans/${id}`);
export const fetchJob = (/** @type {number} */ id) => call(`/api/jobs/${id}`);
export const cancelJob = (/** @type {number} */ id) => post(`/api/jobs/${id}/cancel`, {});
/** @param {number} id @param {"check" | "load" | "refuse"} what @param {any} stated */
export const ask = (id, what, stated) => post(`/api/plans/${id}/${what}`, stated);

/** @param {FormData} form @param {(percent: number) => void} tell @returns {Promise<any>} */
export function send(form, tell) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/plans");
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => tell(Math.round((100 * event.loaded) / (event.total || 1))));
    request.addEventListener("error", () => reject(new Problem({ detail: t("no_connection") })));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(request.response);
      else reject(new Problem(request.response ?? { status: request.status }));
    });
    request.send(form);
  });
}
