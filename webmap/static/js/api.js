// @ts-check
/** Every call to the server; addresses are relative, so nothing can leave it. */
import { sentFilters } from "./filters.js";
import { t } from "./i18n.js";
import { presence } from "./presence.js";
import { state } from "./state.js";

/** A refusal or fault with the sentence the server wrote for the reader. */
export class Problem extends Error {
  /** @param {{detail?: string, title?: string, status?: number}} document */
  constructor(document) {
    super(document.detail || document.title || t("request_failed"));
    this.status = document.status ?? 0;
    this.document = document;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
export async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { Accept: "application/json", ...presence(), ...options.headers } });
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") throw error;
    throw new Problem({ detail: t("no_connection") });
  }
  const body = await response.json().catch(() => ({ status: response.status }));
  if (!response.ok) throw new Problem(body);
  return body;
}

/** @param {Record<string, string | number | null | undefined>} values */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}` : "";
}

/** @param {string} path @param {unknown} body @param {AbortSignal} [signal] */
export const post = (path, body, signal) =>
  call(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
    signal,
  });

export const fetchLayers = () => call(`/api/layers${query({ as_of: state.asOf })}`);
export const fetchAdminAreas = () => call("/api/admin-areas");

/** @param {string} text @param {AbortSignal} signal */
export const searchPlaces = (text, signal) => call(`/api/search${query({ q: text, limit: 12 })}`, { signal });

/** A building floor by floor. @param {number} id @param {string} by what rooms are told apart by */
export const fetchStack = (id, by) => call(`/api/space/buildings/${id}${query({ by, as_of: state.asOf })}`);

/** @param {number} id */
export const fetchPlace = (id) => call(`/api/places/${id}${query({ as_of: state.asOf })}`);

/** @param {number} id */
export const fetchOrganization = (id) => call(`/api/organizations/${id}${query({ as_of: state.asOf })}`);

/** @param {import("./state.js").Question} question @param {AbortSignal} [signal] */
export const areaSummary = (question, signal) => post("/api/area-summary", asked(question), signal);

/** The same question as of another day. @param {import("./state.js").Question} question @param {string | null} day null: today @param {AbortSignal} signal */
export const areaSummaryOn = (question, day, signal) => post("/api/area-summary", { ...question, filters: sentFilters(), ...(day ? { as_of: day } : {}) }, signal);

/** @param {string} layer @param {Record<string, any>} body question, filter and box @param {AbortSignal} signal */
export const breakDown = (layer, body, signal) => post(`/api/layers/${layer}/breakdown`, asked(/** @type {any} */ (body)), signal);

/** How many shapes a sheet would draw one by one. @param {string[]} layers @param {number[]} box west, south, east, north @param {number | null} floor */
export const countShapes = (layers, box, floor) => call(`/api/drawn${query({ layers: layers.join(","), box: box.join(","), floor, as_of: state.asOf })}`);

/** A theme of a day, narrowed by the filters of layers like the figures beside it. @param {import("./state.js").Theme} theme @param {string | null} day @param {AbortSignal} [signal] */
export const fetchTheme = (theme, day, signal) => {
  const filters = sentFilters();
  return call(`/api/theme${query({ ...theme, as_of: day, filters: Object.keys(filters).length ? JSON.stringify(filters) : null })}`, { signal });
};

/** The days on which the register changed, and the first of all. */
export const fetchDates = () => call("/api/dates");

const LIST_PAGE = 5000;

/** @param {import("./state.js").Question} question @param {string} list @param {number} offset @param {Record<string, any>} filters by layer @param {AbortSignal} [signal] */
export const areaList = (question, list, offset, filters, signal) =>
  post("/api/area-list", { ...asked(question), filters, list, limit: LIST_PAGE, offset }, signal);

/** @param {import("./state.js").Question} question */
const asked = (question) => ({ ...question, filters: sentFilters(), ...(state.asOf ? { as_of: state.asOf } : {}) });

/** @param {any} layer @param {number | null} floor @param {string | null} [filter] @param {string | null} [asOf] */
export const tileAddress = (layer, floor, filter = null, asOf = state.asOf) =>
  // The fragment is not sent: it only makes the map ask again, and the server says what is still right.
  `${layer.tiles}${query({ as_of: asOf, floor: layer.floor_aware ? floor : null, filter })}${seen ? `#${seen}` : ""}`;

let seen = 0;
/** Tiles from now on are of a newer register. @param {number} version */
export const seeVersion = (version) => void (seen = version);

/** @param {boolean} isPresent somebody used the map since the last time */
export const fetchVersion = (isPresent) => call(`/api/version${query({ present: isPresent ? 1 : null })}`);

/** @param {number} id */
export const fetchForm = (id) => call(`/api/places/${id}/edit`);

/** @param {number} id @param {Record<string, any>} form */
export const saveForm = (id, form) => post(`/api/places/${id}/edit`, form);

/** @param {number} id @param {Record<string, any>} form */
export const saveShape = (id, form) => post(`/api/places/${id}/shape`, form);

/** @param {number | null} parent */
export const fetchNewForm = (parent) => call(`/api/places/new${query({ parent_id: parent })}`);

/** @param {Record<string, any>} form */
export const makePlace = (form) => post("/api/places", form);

/** @param {number[]} box west, south, east, north */
export const fetchShapes = (box) => call(`/api/shapes${query({ box: box.join(",") })}`);

/** @param {number} id @param {"close" | "reopen"} step @param {Record<string, any>} form */
export const closeOrOpen = (id, step, form) => post(`/api/places/${id}/${step}`, form);

/** @param {number} id */
export const fetchHoldings = (id) => call(`/api/places/${id}/holdings`);

/** @param {number} id @param {number | null} holding null adds one @param {Record<string, any>} form */
export const saveHolding = (id, holding, form) => post(`/api/places/${id}/holdings${holding === null ? "" : `/${holding}`}`, form);

/** Rooms with who has each. @param {{place?: number | null, body?: number | null, rooms?: string, near?: number, q?: string}} asked */
export const fetchRooms = (asked) => call(`/api/space/rooms${query(asked)}`);

/** Posts of a body with the rooms their holders have, and the ranks there are. @param {number} body @param {string} day */
export const fetchPosts = (body, day) => call(`/api/space/posts${query({ body, as_of: day })}`);

/** @param {"assign" | "vacate" | "move" | "swap"} step @param {Record<string, any>} form */
export const arrangeRooms = (step, form) => post(`/api/space/rooms/${step}`, form);

/** @param {number} id */
export const fetchAreas = (id) => call(`/api/places/${id}/areas`);

/** @param {number} id @param {number | null} area null adds one @param {Record<string, any>} form */
export const saveArea = (id, area, form) => post(`/api/places/${id}/areas${area === null ? "" : `/${area}`}`, form);

/** @param {number} id @param {string} words */
export const fetchParents = (id, words) => call(`/api/places/${id}/parents${query({ q: words })}`);

/** @param {number} id @param {Record<string, any>} form */
export const movePlace = (id, form) => post(`/api/places/${id}/move`, form);

/** @param {number} id */
export const fetchDivisible = (id) => call(`/api/places/${id}/divide`);

/** @param {number} id @param {"split" | "merge"} step @param {Record<string, any>} form */
export const divide = (id, step, form) => post(`/api/places/${id}/${step}`, form);

/** @param {number} id @param {number} edit */
export const takeEditBack = (id, edit) => call(`/api/places/${id}/edits/${edit}`, { method: "DELETE" });

/** @param {string} words @param {AbortSignal} signal @param {string | null} [asOf] day they exist; null: today */
export const findBodies = (words, signal, asOf = null) => call(`/api/organizations${query({ q: words, as_of: asOf })}`, { signal });

/** @param {number} photo @param {"image" | "thumbnail"} size */
export const photoAddress = (photo, size) => `/api/photos/${photo}/${size}`;

/** @param {number} id of the place @param {File} file */
export function addPhoto(id, file) {
  const form = new FormData();
  form.append("file", file);
  return call(`/api/places/${id}/photos`, { method: "POST", body: form });
}

/** @param {number} photo @param {{caption: string, taken_on: string}} said */
export const describePhoto = (photo, said) =>
  call(`/api/photos/${photo}`, { method: "PATCH", body: JSON.stringify(said), headers: { "Content-Type": "application/json" } });

/** @param {number} photo */
export const removePhoto = (photo) => call(`/api/photos/${photo}`, { method: "DELETE" });

/** @param {{filled_by?: string, telephone?: string}} filer for the cover */
export const surveyAddress = (filer) => `/api/reports/survey${query({ as_of: state.asOf, ...filer })}`;

/** @param {string} name of a report, as a workbook */
export const reportAddress = (name) => `/api/reports/${name}.xlsx${query({ as_of: state.asOf })}`;

/** The analysis report as a Word file, or of another form. @param {string} [format] */
export const analysisAddress = (format) => `/api/reports/analysis${query({ as_of: state.asOf, format })}`;

/** @param {Record<string, string | number>} asked filters and page */
export const fetchUnlocated = (asked) => call(`/api/unlocated${query(asked)}`);

/** @param {Record<string, string>} asked filters of the queue */
export const fetchExact = (asked) => call(`/api/unlocated/exact${query(asked)}`);

/** @param {Record<string, string>} asked filters of the queue @param {number} count as counted */
export const putExact = (asked, count) => post(`/api/unlocated/exact${query(asked)}`, { count });

/** @param {number} id */
export const takeStepOff = (id) => call(`/api/unlocated/steps/${id}`, { method: "DELETE" });

/** @param {number} id */
export const fetchCandidates = (id) => call(`/api/unlocated/${id}/candidates`);

/** @param {number} id @param {{point: number[], method: string, accuracy_m: number, reason: string}} spot */
export const putPlace = (id, spot) => post(`/api/places/${id}/location`, spot);

/** @param {number} id */
export const takePlaceOff = (id) => call(`/api/places/${id}/location`, { method: "DELETE" });

/** A file of a layer. @param {import("./state.js").Question} question @param {string} layer @param {string} format
 * @returns {Promise<{name: string, content: Blob}>} */
export const exportLayer = (question, layer, format) => fetchFile(`/api/layers/${layer}/export`, `${layer}.${format}`, {
  method: "POST", body: JSON.stringify({ ...asked(question), format }), headers: { "Content-Type": "application/json" },
});

/** The analysis report as PDF, which not every machine can make: it says why. */
export const fetchAnalysisPdf = () => fetchFile(analysisAddress("pdf"), "analysis.pdf");

/** @param {string} path @param {string} usual its name where the server gives none @param {RequestInit} [options] @returns {Promise<{name: string, content: Blob}>} */
async function fetchFile(path, usual, options = {}) {
  const response = await fetch(path, options).catch(() => { throw new Problem({ detail: t("no_connection") }); });
  if (!response.ok) throw new Problem(await response.json().catch(() => ({ status: response.status })));
  const [, name] = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "") ?? [];
  return { name: name ?? usual, content: await response.blob() };
}
