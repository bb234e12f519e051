// @ts-check
/**
 * What is on screen, in one place, and its permalink in the address's fragment.
 *
 * @typedef {{within: Record<string, any>, buffer_m?: number, invert?: boolean, touching?: boolean}} Question
 * @typedef {object} State
 * @property {[number, number, number] | null} view longitude, latitude, zoom
 * @property {Record<string, boolean>} layers visibility where it differs from the server's
 * @property {Record<string, number>} opacity of layers that are not drawn in full, 0.1 to 0.9
 * @property {Record<string, string>} themes colouring by layer; "" is plain
 * @property {number | null} place selected place
 * @property {number | null} floor level shown in the selected building
 * @property {Question | null} question null is the whole city
 * @property {string | null} list which list the table shows; null is the first
 * @property {string | null} asOf ISO date; null is today
 * @property {Record<string, Record<string, any>>} filters by layer: which of its features are looked at
 * @property {string | null} heat layer whose counts are drawn as a heat map
 * @property {boolean} labels whether places carry their names
 * @property {boolean} graticule whether lines of longitude and latitude are drawn
 * @property {Theme | null} theme by what areas or properties are coloured
 * @property {boolean} isWhole whether figures, table and files leave the filters of layers aside
 * @property {string | null} base name of the base map; null: none
 * @property {string | null} compare ISO date of the second map; null: there is none
 * @property {number[]} classes of the theme that are shown, -1: without a figure; empty is all
 *
 * @typedef {{indicator: string, by: string, method: string, classes: number, ramp: string}} Theme
 */

/** @type {State} */
export const state = {
  view: null,
  layers: {},
  opacity: {},
  themes: {},
  place: null,
  floor: null,
  question: null,
  list: null,
  asOf: null,
  filters: {},
  heat: null,
  labels: true,
  graticule: true,
  theme: null,
  classes: [],
  compare: null,
  base: null,
  isWhole: false,
};

/** @type {Map<string, Array<(value: any) => void>>} */
const listeners = new Map();

/** Call `listener` after each change of one key. */
export function on(/** @type {keyof State} */ key, /** @type {(value: any) => void} */ listener) {
  listeners.set(key, [...(listeners.get(key) ?? []), listener]);
}

/** Change keys, tell who listens, and write the permalink. @param {Partial<State>} changes */
export function set(changes) {
  /** @type {Array<keyof State>} */
  const changed = [];
  for (const key of /** @type {Array<keyof State>} */ (Object.keys(changes))) {
    if (JSON.stringify(state[key]) === JSON.stringify(changes[key])) continue;
    /** @type {any} */ (state)[key] = changes[key];
    changed.push(key);
  }
  for (const key of changed) for (const tell of listeners.get(key) ?? []) tell(state[key]);
  if (changed.length) writeLink();
}

const NAMES = /** @type {const} */ ({
  v: "view",
  l: "layers",
  o: "opacity",
  t: "themes",
  p: "place",
  f: "floor",
  q: "question",
  r: "list",
  d: "asOf",
  w: "filters",
  n: "labels",
  g: "graticule",
  h: "heat",
  c: "theme",
  k: "classes",
  m: "compare",
  b: "base",
  a: "isWhole",
});

function writeLink() {
  const parts = new URLSearchParams();
  for (const [short, key] of Object.entries(NAMES)) {
    const value = state[key];
    if (value === null || ((key === "labels" || key === "graticule") && value) || (key === "isWhole" && !value) || (typeof value === "object" && !Object.keys(value).length)) continue;
    parts.set(short, typeof value === "string" ? value : JSON.stringify(value));
  }
  const text = parts.toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname);
}

/** Whether a text is a day of the calendar, as 2026-01-31. @param {string} text */
export function isDate(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** What stands in the link as it is, not as JSON. */
const PLAIN = new Set(["list", "asOf", "heat", "compare", "base"]);

const WELL_FORMED = {
  view: (/** @type {any} */ v) => Array.isArray(v) && v.length === 3 && v.every(Number.isFinite),
  layers: isRecord,
  opacity: (/** @type {any} */ v) => isRecord(v) && Object.values(v).every((one) => Number.isFinite(one) && one >= 0.1 && one <= 1),
  themes: isRecord,
  place: Number.isInteger,
  floor: Number.isInteger,
  question: (/** @type {any} */ v) => isRecord(v) && isRecord(v.within),
  list: (/** @type {any} */ v) => typeof v === "string",
  asOf: isDate,
  filters: (/** @type {any} */ v) => isRecord(v) && Object.values(v).every(isRecord),
  heat: (/** @type {any} */ v) => typeof v === "string",
  labels: (/** @type {any} */ v) => typeof v === "boolean",
  graticule: (/** @type {any} */ v) => typeof v === "boolean",
  theme: (/** @type {any} */ v) => isRecord(v) && typeof v.indicator === "string",
  compare: isDate,
  base: (/** @type {any} */ v) => typeof v === "string",
  isWhole: (/** @type {any} */ v) => typeof v === "boolean",
  classes: (/** @type {any} */ v) => Array.isArray(v) && v.every(Number.isInteger),
};

/** @param {any} value */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Take over what the address says; parts that do not read, or that only another version knows, are left out.
 * @returns {string[]} what was left out, by its name in the state, `other` for what is unknown
 */
export function readLink() {
  const parts = new URLSearchParams(location.hash.slice(1));
  /** @type {Set<string>} */
  const lost = new Set([...parts.keys()].filter((short) => !(short in NAMES)).map(() => "other"));
  for (const [short, key] of Object.entries(NAMES)) {
    const text = parts.get(short);
    if (text === null) continue;
    let value;
    try {
      value = PLAIN.has(key) ? text : JSON.parse(text);
    } catch {
      lost.add(key);
      continue;
    }
    if (WELL_FORMED[key](value)) /** @type {any} */ (state)[key] = value;
    else lost.add(key);
  }
  return [...lost];
}
