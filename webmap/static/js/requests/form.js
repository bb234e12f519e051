// @ts-check
/** The form of a request: fields of its item, and the vacant rooms that would do, on a map and as a list. */
import { byId, h } from "../dom.js";
import { count, plain, t } from "../i18n.js";
import { startLive } from "../live.js";
import { choice, roomsOfBody } from "./choices.js";
import { vacantMap } from "./map.js";

const form = /** @type {HTMLFormElement} */ (byId("request-form"));
const body = /** @type {HTMLTableElement} */ (byId("vacant")).tBodies[0];
const WAIT_MS = 300;
const ASKED = { admin_area_code: "district", longitude: "longitude", latitude: "latitude", radius_m: "radius_m", needed_m2: "needed_m2" };
const USUAL_RADIUS_M = "3000";
const left = byId("left-rooms");
const oldRooms = /** @type {HTMLSelectElement} */ (byId("old-rooms"));
const showRooms = roomsOfBody(left);
/** Whose rooms are shown; a request that is changed stays its body's. */
const asker = () => Number(/** @type {HTMLInputElement} */ (form.querySelector("[name=organization_id]"))?.value) || null;
let turn = 0;
let timer = 0;

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** Shows what belongs to the chosen item; what is hidden is not sent. */
function showItem() {
  const item = field("item").value;
  for (const part of document.querySelectorAll("[data-for]")) {
    const isOn = (/** @type {HTMLElement} */ (part).dataset.for ?? "").split(" ").includes(item);
    /** @type {HTMLElement} */ (part).hidden = !isOn;
    for (const one of part.querySelectorAll("input, select, textarea")) /** @type {HTMLInputElement} */ (one).disabled = !isOn;
  }
}

const map = vacantMap(byId("vacant-map"), (lon, lat) => {
  field("longitude").value = lon.toFixed(6);
  field("latitude").value = lat.toFixed(6);
  if (!field("radius_m").value) field("radius_m").value = USUAL_RADIUS_M;
  void read();
});

/** What the form asks of rooms; a point without a distance, or half of one, is left out until it is whole. */
function question() {
  const asked = new URLSearchParams();
  const isWhole = ["longitude", "latitude", "radius_m"].every((name) => field(name).value.trim());
  for (const [name, as] of Object.entries(ASKED)) {
    const said = field(name).value.trim();
    if (said && (isWhole || !["longitude", "latitude", "radius_m"].includes(name))) asked.set(as, said);
  }
  return asked;
}

async function read() {
  if (/** @type {HTMLElement} */ (byId("vacant-map").closest("section")).hidden) return;
  const mine = ++turn;
  const asked = question();
  try {
    const response = await fetch(`/api/requests/vacant?${asked}`, { headers: { Accept: "application/json" } });
    const answer = await response.json().catch(() => ({}));
    if (mine !== turn) return;
    if (!response.ok) throw new Error(answer.detail || answer.title || t("request_failed"));
    show(answer, asked);
  } catch (error) {
    if (mine === turn) byId("vacant-note").textContent = error instanceof TypeError ? t("no_connection") : /** @type {Error} */ (error).message;
  }
}

/** @param {any} answer @param {URLSearchParams} asked */
function show(answer, asked) {
  byId("vacant-count").textContent = count(answer.total);
  const together = answer.items.filter((/** @type {any} */ one) => one.is_suggested);
  const sum = together.reduce((/** @type {number} */ all, /** @type {any} */ one) => all + (one.usable_m2 ?? 0), 0);
  byId("vacant-note").textContent = [
    !answer.total ? t("requests.none_vacant") : t("requests.vacant_sum", { area: plain(answer.usable_m2, "m2"), day: answer.as_of }),
    together.length ? t("requests.suggested", { count: count(together.length), building: together[0].building ?? "", area: plain(sum, "m2") }) : "",
    answer.total > answer.items.length ? t("requests.first_listed", { count: count(answer.items.length) }) : "",
  ].filter(Boolean).join(" ");
  body.replaceChildren(...answer.items.map((/** @type {any} */ one) => h(one.is_suggested ? "tr.is-suggested" : "tr", { "data-room": one.place_id },
    h("td", null, one.building ?? ""), h("td", null, one.floor ?? ""), h("th", { scope: "row" }, h("a", { href: `/#p=${one.place_id}` }, one.name)),
    h("td.num", null, one.usable_m2 === null ? "–" : plain(one.usable_m2, "m2")), h("td.num", null, one.distance_m === null ? "–" : count(one.distance_m)),
    h("td", null, one.vacant_since ?? t("requests.since_unknown")))));
  map.show(answer.items, asked.has("radius_m") ? { lon: Number(asked.get("longitude")), lat: Number(asked.get("latitude")), radius_m: Number(asked.get("radius_m")) } : null);
}

field("item").addEventListener("change", () => { showItem(); void read(); });
for (const name of Object.keys(ASKED)) {
  field(name).addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(() => void read(), WAIT_MS); });
}
for (const slot of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-find]"))) {
  choice(slot, slot.dataset.name === "organization_id" ? () => void showLeft() : undefined);
}
/** The rooms of the body to choose from, where only some are given back. */
async function showLeft() {
  left.hidden = oldRooms.value !== "some";
  if (!left.hidden) await showRooms(asker());
}
oldRooms.addEventListener("change", () => void showLeft());
showItem();
await showLeft();
await read();
startLive(() => void read());
document.documentElement.dataset.requestForm = "";
