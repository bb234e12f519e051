// @ts-check
/** Every call of the import page to the server. */
import { Problem, call, post, query } from "../api.js";
import { t } from "../i18n.js";

/** Lines of the register that come at once. */
export const PAGE = 100;
export const fetchImports = (/** @type {number | null} */ before = null) => call(`/api/imports${query({ before, limit: PAGE })}`);
export const fetchImport = (/** @type {number} */ id) => call(`/api/imports/${id}`);
export const fetchLoad = (/** @type {number} */ id) => call(`/api/loads/${id}`);
export const fetchJob = (/** @type {number} */ id) => call(`/api/jobs/${id}`);
export const fetchContracts = () => call("/api/contracts");
export const fetchProfiles = () => call("/api/profiles");
export const check = (/** @type {number} */ id, /** @type {any} */ options) => post(`/api/imports/${id}/check`, options);
export const load = (/** @type {number} */ id, /** @type {any} */ options) => post(`/api/imports/${id}/load`, options);
export const cancelJob = (/** @type {number} */ id) => post(`/api/jobs/${id}/cancel`, {});
export const ask = (/** @type {string} */ address) => post(address, {});
export const undo = (/** @type {number} */ id, /** @type {boolean} */ andLater) => post(`/api/loads/${id}/undo`, { and_later: andLater });
export const saveProfile = (/** @type {string} */ name, /** @type {any[]} */ sheets) => post("/api/profiles", { name, sheets });

export const fetchMatches = (/** @type {Record<string, any>} */ asked) => call(`/api/matches${query(asked)}`);
export const fetchMatch = (/** @type {number} */ load, /** @type {number} */ row, /** @type {string} */ sheet) => call(`/api/loads/${load}/matches/${row}${query({ sheet })}`);
export const decide = (/** @type {number} */ load, /** @type {number} */ row, /** @type {any} */ said) => post(`/api/loads/${load}/matches/${row}`, said);
export const decideAlike = (/** @type {number} */ load, /** @type {number} */ least) => post(`/api/loads/${load}/matches`, { least });
export const withdraw = (/** @type {number} */ decision) => call(`/api/matches/${decision}`, { method: "DELETE" });
export const loadDecided = (/** @type {number} */ load) => post(`/api/loads/${load}/decided`, {});

export const removeProfile = (/** @type {string} */ name) => call(`/api/profiles/${encodeURIComponent(name)}`, { method: "DELETE" });

/** @param {number} id @param {Record<string, any>} filter */
export const fetchIssues = (id, filter) => call(`/api/loads/${id}/issues${query(filter)}`);

/**
 * Send a file, telling how much of it has gone.
 * @param {File} file @param {(percent: number) => void} tell @returns {Promise<any>}
 */
export function upload(file, tell) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads");
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => tell(Math.round((100 * event.loaded) / (event.total || 1))));
    request.addEventListener("error", () => reject(new Problem({ detail: t("no_connection") })));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(request.response);
      else reject(new Problem(request.response ?? { status: request.status }));
    });
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}
