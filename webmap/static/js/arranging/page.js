// @ts-check
/** The page of rooms: choose several, and give them out, move, swap or vacate them as one step. */
import { fetchRooms, takeEditBack } from "../api.js";
import { byId, h, icon, toast } from "../dom.js";
import { isEditing } from "../forms.js";
import { count, plain, t } from "../i18n.js";
import { lookNow, startLive } from "../live.js";
import { openStep, whoHas } from "../arranging.js";

const asked = JSON.parse(byId("rooms-asked").textContent ?? "{}");
const table = /** @type {HTMLTableElement} */ (byId("rooms"));
const all = /** @type {HTMLInputElement} */ (byId("rooms-all"));
const filter = /** @type {HTMLInputElement} */ (byId("rooms-filter"));
const which = /** @type {HTMLSelectElement} */ (byId("rooms-show"));
const STEPS = /** @type {const} */ (["assign", "move", "swap", "vacate"]);
/** @type {any} */
let listed = { items: [], total: 0, as_of: "", most_rooms: 0 };
/** @type {Set<number>} */
const chosen = new Set();
let turn = 0;

/** Reads the list anew; what is chosen stays chosen. */
async function read() {
  const mine = ++turn;
  try {
    const answer = await fetchRooms(asked);
    if (mine !== turn) return;
    listed = answer;
    for (const one of [...chosen]) if (!listed.items.some((/** @type {any} */ it) => it.place_id === one)) chosen.delete(one);
    showRows();
  } catch (error) {
    if (mine === turn) byId("rooms-note").textContent = /** @type {Error} */ (error).message;
  }
}

/** @param {any} room */
const isShown = (room) => {
  const words = filter.value.trim().toLowerCase();
  if (which.value !== "all" && (which.value === "vacant") !== !room.holdings.length) return false;
  return !words || [room.building, room.floor, room.name, room.code, room.class_title, whoHas(room)].join(" ").toLowerCase().includes(words);
};

/** Whether a step may be taken over a room: what is held with a whole floor is arranged there. @param {any} room */
const mayChoose = (room) => room.may_write && room.holdings.every((/** @type {any} */ one) => one.kind === "occupies" && !one.over);

const shownRooms = () => listed.items.filter(isShown);
const chosenRooms = () => listed.items.filter((/** @type {any} */ one) => chosen.has(one.place_id));

function showRows() {
  const focused = document.activeElement?.id;
  const rows = shownRooms();
  byId("rooms-day").textContent = t("rooms.as_of", { day: listed.as_of });
  byId("rooms-count").textContent = count(listed.total);
  byId("rooms-note").textContent = !listed.total ? t("rooms.none") : !rows.length ? t("rooms.none_shown")
    : listed.total > listed.items.length ? t("rooms.first_listed", { count: count(listed.items.length) }) : "";
  table.tBodies[0].replaceChildren(...rows.map(row));
  if (focused?.startsWith("room-")) document.getElementById(focused)?.focus();
  showChosen();
}

/** @param {any} room */
function row(room) {
  const may = mayChoose(room);
  const box = h("input.form-check-input", { type: "checkbox", id: `room-${room.place_id}`, checked: chosen.has(room.place_id), disabled: !may,
    "aria-label": t("rooms.choose_one", { room: [room.building, room.floor, room.name].filter(Boolean).join(" ") }),
    onchange: (/** @type {any} */ event) => { if (event.target.checked) chosen.add(room.place_id); else chosen.delete(room.place_id); showChosen(); } });
  return h("tr", { "data-room": room.place_id }, h("td", null, box), h("td", null, room.building ?? ""), h("td", null, room.floor ?? ""),
    h("th", { scope: "row" }, h("a", { href: `/#p=${room.place_id}` }, room.name)), h("td", null, room.class_title ?? ""),
    h("td.num", null, room.area_m2 === null ? "–" : plain(room.area_m2, "m2")), h("td", null, whoHas(room) || h("span.faint", null, t("rooms.vacant"))),
    h("td", null, room.holdings.map((/** @type {any} */ one) => one.valid_from).filter(Boolean).join(t("comma"))));
}

/** What is chosen, and which steps may be taken over it. */
function showChosen() {
  const rooms = chosenRooms();
  const used = rooms.filter((one) => one.holdings.length);
  const isFew = rooms.length > 0 && rooms.length <= listed.most_rooms;
  const may = { assign: isFew, vacate: isFew && used.length > 0, move: isFew && used.length === rooms.length, swap: used.length === rooms.length && (rooms.length === 1 || rooms.length === 2) };
  for (const step of STEPS) /** @type {HTMLButtonElement} */ (byId(`rooms-${step}`)).disabled = !may[step];
  byId("rooms-chosen").textContent = rooms.length > listed.most_rooms ? t("rooms.too_many", { most: count(listed.most_rooms) }) : rooms.length ? t("rooms.chosen", { count: count(rooms.length) }) : "";
  for (const line of table.tBodies[0].rows) line.setAttribute("aria-selected", String(chosen.has(Number(line.dataset.room))));
  const open = shownRooms().filter(mayChoose);
  all.disabled = !open.length;
  all.checked = open.length > 0 && open.every((/** @type {any} */ one) => chosen.has(one.place_id));
  all.indeterminate = !all.checked && open.some((/** @type {any} */ one) => chosen.has(one.place_id));
  if (!isEditing() && !byId("place").querySelector(".done")) byId("place").replaceChildren(h("p.nothing", null, t("rooms.how")));
}

/** @param {typeof STEPS[number]} step */
async function start(step) {
  try {
    await openStep(step, chosenRooms(), { today: listed.as_of, done: (answer) => void finished(step, answer) });
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}

/** @param {typeof STEPS[number]} step @param {any} answer null when it was given up */
async function finished(step, answer) {
  byId("place").replaceChildren();
  if (answer) {
    chosen.clear();
    showDone(answer);
    showRows();
  }
  await read();
  if (answer) await lookNow();
  else byId(`rooms-${step}`).focus();
}

/** What was done, and the way back: the whole step at once. @param {any} answer */
function showDone({ changed, edit }) {
  const button = h("button.btn", { type: "button", id: "rooms-undo", onclick: async () => {
    /** @type {HTMLButtonElement} */ (button).disabled = true;
    try {
      await takeEditBack(edit.place_id, edit.edit_id);
      byId("place").replaceChildren(h("p.placed.done", { role: "status" }, t("rooms.undone")));
    } catch (error) {
      byId("place").replaceChildren(h("div.done", null, h("p.not-located", { role: "alert" }, /** @type {Error} */ (error).message)));
    }
    await read();
    await lookNow();
  } }, icon("undo"), t("rooms.undo"));
  byId("place").replaceChildren(h("div.done", null, h("p.placed", { role: "status" }, t("rooms.done", { count: count(changed.length) })), button));
  button.focus();
}

for (const step of STEPS) byId(`rooms-${step}`).addEventListener("click", () => void start(step));
for (const [control, event] of /** @type {const} */ ([[filter, "input"], [which, "change"]])) control.addEventListener(event, showRows);
all.addEventListener("change", () => {
  for (const one of shownRooms().filter(mayChoose)) if (all.checked) chosen.add(one.place_id); else chosen.delete(one.place_id);
  showRows();
});
await read();
startLive(() => void read());
document.documentElement.dataset.rooms = "";
