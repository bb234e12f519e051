// @ts-check
/** Rooms of the open building or site coloured by what no tile says: who has them, whether anybody does, the verdict. */
import { fetchStack } from "./api.js";
import { toast } from "./dom.js";
import { t } from "./i18n.js";
import { restyle } from "./map.js";
import { on, state } from "./state.js";

const WAYS = ["occupant", "use", "verdict"];
const LAYER = "room";

/** @type {number | null} the building or site whose floors are offered */
let open = null;
let asking = 0;
/** What the colours that are there were asked for. */
let told = "";
/** @type {Array<() => void>} */
const listeners = [];

/** @type {any[]} themes as the layers describe theirs; `places` holds colour and title by room */
const themes = WAYS.map((name) => ({ name, title: "", attribute: null, classes: [], places: new Map() }));

/** Offer them beside the layer's own themes. @param {any} described answer of /api/layers, before the map is made */
export function startRooms(described) {
  const layer = described.groups.flatMap((/** @type {any} */ group) => group.layers).find((/** @type {any} */ one) => one.name === LAYER);
  if (!layer) return;
  for (const theme of themes) theme.title = t(`rooms.${theme.name}`);
  layer.themes.push(...themes);
  on("themes", () => void tell());
}

/** Whose rooms are meant from now on; asked for again, for somebody may have moved. @param {any | null} place answer of /api/places/{id} */
export function showRooms(place) {
  const inside = [...(place?.ancestors ?? [])].reverse().find((one) => one.kind === "building");
  open = !place?.floors?.length ? null : ["site", "building"].includes(place.kind) ? place.place_id : inside?.place_id ?? null;
  return tell();
}

/** @param {() => void} act after the colours of rooms have changed */
export const whenRoomsTold = (act) => listeners.push(act);

async function tell() {
  const turn = ++asking;
  const theme = themes.find((one) => one.name === state.themes[LAYER]);
  if (!theme) return;
  const wanted = `${open} ${theme.name} ${state.asOf}`;
  // Of another building or day they would be wrong until the answer is here.
  if (told !== wanted) show(theme, null);
  const answer = open === null ? null : await fetchStack(open, theme.name).catch((error) => void toast(error.message));
  if (turn !== asking) return;
  told = wanted;
  show(theme, answer ?? null);
}

/** @param {any} theme @param {any | null} answer */
function show(theme, answer) {
  const classes = answer?.legend ?? [];
  const titles = new Map(classes.map((/** @type {any} */ one) => [one.key, one.title]));
  theme.classes = classes.map((/** @type {any} */ one) => ({ value: one.key, title: one.title, colour: one.colour }));
  theme.places = new Map((answer?.rooms ?? []).map((/** @type {any} */ one) => [one.place_id, {
    colour: one.colour, title: one.occupants.length && theme.name === "occupant" ? one.occupants.map((/** @type {any} */ body) => body.name).join(t("comma")) : titles.get(one.key) }]));
  restyle(LAYER);
  for (const act of listeners) act();
}
