// @ts-check
/** Who sits in which room: giving rooms out, moving, swapping, vacating; one or several, each time as one step. */
import { arrangeRooms, fetchRooms } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { complain, forgetForm, formOpened, groundsBox, readGrounds, saveButton, showForm } from "./forms.js";
import { count, percent, plain, t, unitText } from "./i18n.js";
import { sharersBox } from "./arranging/sharers.js";
import { partiesBox } from "./parties.js";

/** @typedef {"assign" | "vacate" | "move" | "swap"} Step */
/** @typedef {{today: string, done: (saved: any) => void}} Ways how a form ends: with the answer, or null when given up */

const WAIT_MS = 250;

/** Where several rooms are arranged. @param {"place" | "body"} what @param {number} id */
export const roomsLink = (what, id) => h("a.btn.btn-sm", { id: "rooms-open", href: `/space/rooms?${what}=${id}` }, icon("grid"), t("rooms.open"));

/** A form for the room of a card. @param {Step} step @param {any} place @param {(saved: any) => void} done */
export async function openOfRoom(step, place, done) {
  const { items, as_of: today } = await fetchRooms({ rooms: String(place.place_id) });
  await openStep(step, items, { today, done });
}

/** @param {Step} step @param {any[]} rooms as the list of rooms tells them @param {Ways} ways */
export async function openStep(step, rooms, ways) {
  if (step === "assign") return openAssign(rooms, ways);
  if (step === "vacate") return show(step, rooms, ways, { parts: [], read: () => ({ rooms: rooms.map(id) }) });
  return step === "move" ? openMove(rooms, ways) : openSwap(rooms, ways);
}

/** @param {any} room */
const id = (room) => room.place_id;

/** One line of people, in words. @param {any} one */
const person = (one) => (one.post_id === null ? t("rooms.people", { rank: one.rank_title ?? "", heads: count(one.heads) }).trim() : one.title ?? t("rooms.hidden_post"));

/** Who has a room, in words. @param {any} room */
export function whoHas(room) {
  return room.holdings.map((/** @type {any} */ one) => {
    const holders = one.holders.map((/** @type {any} */ it) => {
      const name = it.share === null || it.share === 1 ? it.name : `${it.name} ${percent(it.share)}`;
      return it.people?.length ? t("rooms.holders_how", { holders: name, how: it.people.map(person).join(t("comma")) }) : name;
    }).join(t("comma"));
    const how = [one.kind === "occupies" ? "" : one.kind_title, one.extent === "part" ? t("rooms.in_part") : "", one.over ? t("rooms.with_all", { name: one.over }) : ""].filter(Boolean);
    return how.length ? t("rooms.holders_how", { holders, how: how.join(t("comma")) }) : holders;
  }).join(t("comma"));
}

/** @param {any} room */
const where = (room) => [room.building, room.floor, room.name].filter(Boolean).join(" ");
/** @param {any} room */
const areaOf = (room) => (room.area_m2 === null ? "" : `${plain(room.area_m2, "m2")} ${unitText("m2")}`);

/** @param {any[]} rooms */
const roomRows = (rooms) => h("ul.rows.standing", null, ...rooms.map((one) => h("li", null, h("span.row-label", null, one.code),
  h("span.row-main", null, where(one)), h("span.row-note", null, [whoHas(one) || t("rooms.vacant"), areaOf(one)].filter(Boolean).join(" · ")))));

/** Bodies alone, or who of them sits there. @param {any[]} rooms @param {Ways} ways */
function openAssign(rooms, ways) {
  const settle = () => form.settle();
  const parties = partiesBox("room", settle);
  const people = sharersBox(ways.today, settle);
  let hasPeople = false;
  const bodies = h("div.edit-line", null, h("label", { for: "room-body-0" }, t("holding.parties")), parties.element);
  const seats = h("div.sharer-box", { hidden: true }, people.element, h("p.hint", null, t("rooms.sharers_hint")));
  const hint = h("p.hint", null, t("rooms.assign_hint"));
  const box = /** @type {HTMLInputElement} */ (h("input.form-check-input", { type: "checkbox", id: "room-people", onchange: () => { reveal(box.checked); settle(); } }));
  const reveal = (/** @type {boolean} */ on) => { hasPeople = box.checked = on; seats.hidden = !on; bodies.hidden = hint.hidden = on; };
  const form = show("assign", rooms, ways, {
    parts: [h("div.edit-fields", null, h("label.sharer-switch", { for: "room-people" }, box, t("rooms.with_people")), bodies, seats), hint],
    read: () => ({ rooms: rooms.map(id), ...(hasPeople ? people.read() : { parties: parties.read() }) }) });
  const known = rooms.length === 1 ? standing(rooms[0]) : [];
  for (const one of known) people.add(one);
  if (known.length) people.show("share");
  else people.add(null);
  const first = parties.add(null);
  reveal(known.length > 0);
  (known.length ? box : first).focus();
}

/** Who sits in a room now, line by line. @param {any} room */
const standing = (room) => room.holdings.filter((/** @type {any} */ one) => one.kind === "occupies" && one.extent === "whole" && !one.over)
  .flatMap((/** @type {any} */ one) => (one.holders.some((/** @type {any} */ who) => who.people?.length) ? one.holders : []))
  .flatMap((/** @type {any} */ who) => (who.people.length ? who.people : [{ share: who.share, heads: 1 }]).map((/** @type {any} */ one) => ({ ...one, organization_id: who.organization_id, name: who.name })));

/** @param {any[]} rooms @param {Ways} ways */
async function openMove(rooms, ways) {
  const leaving = new Set(rooms.map(id));
  const free = (/** @type {any} */ one) => one.may_write && (!one.holdings.length || leaving.has(one.place_id));
  const choice = await roomChoice(rooms, free, () => form.settle());
  const form = show("move", rooms, ways, { parts: [choice.element],
    read: () => {
      const chosen = choice.read();
      if (chosen.some((one) => !one)) return void complain([t("rooms.choose_all")], "room-to-0");
      for (const one of chosen) form.saw(one);
      return { rooms: [...new Set([...rooms, ...chosen].map(id))], into: rooms.map((one, at) => ({ from: one.place_id, to: chosen[at].place_id })) };
    } });
  byId("room-to-0").focus();
}

/** @param {any[]} rooms one, to be swapped with another that is chosen, or both @param {Ways} ways */
async function openSwap(rooms, ways) {
  if (rooms.length === 2) return void show("swap", rooms, ways, { parts: [], read: () => ({ rooms: rooms.map(id) }) });
  const choice = await roomChoice(rooms, (one) => one.may_write && one.holdings.length > 0, () => form.settle());
  const form = show("swap", rooms, ways, { parts: [choice.element],
    read: () => {
      const [other] = choice.read();
      if (!other) return void complain([t("rooms.choose_all")], "room-to-0");
      form.saw(other);
      return { rooms: [rooms[0].place_id, other.place_id] };
    } });
  byId("room-to-0").focus();
}

/**
 * For each room another one, of those around it or found by their number.
 * @param {any[]} rooms @param {(room: any) => boolean} fits @param {() => void} settle
 */
async function roomChoice(rooms, fits, settle) {
  /** @type {any[]} */
  let found = [];
  let timer = 0;
  let asked = 0;
  const find = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "room-find", type: "search", maxlength: 60, autocomplete: "off", placeholder: t("rooms.find"), "aria-label": t("rooms.find"),
    oninput: () => { clearTimeout(timer); timer = window.setTimeout(() => void look().catch((error) => complain([error.message])), WAIT_MS); },
    onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault(); } }));
  const note = h("p.hint", { role: "status" });
  const picks = rooms.map((_, at) => /** @type {HTMLSelectElement} */ (h("select.form-select", { id: `room-to-${at}`, onchange: settle })));
  const chosen = (/** @type {HTMLSelectElement} */ pick) => found.find((one) => String(one.place_id) === pick.value) ?? null;
  async function look() {
    const turn = ++asked;
    const answer = await fetchRooms({ near: rooms[0].place_id, q: find.value.trim() });
    if (turn !== asked) return;
    // Those that are chosen stay, also where other words were searched for since.
    const kept = picks.map(chosen).filter((one) => one && !answer.items.some((/** @type {any} */ it) => it.place_id === one.place_id));
    found = [...kept, ...answer.items.filter(fits)];
    picks.forEach((pick, at) => {
      const was = pick.value;
      pick.replaceChildren(h("option", { value: "" }, t("rooms.choose")), ...found.filter((one) => one.place_id !== rooms[at].place_id).map((one) =>
        h("option", { value: String(one.place_id) }, [where(one), whoHas(one), areaOf(one)].filter(Boolean).join(" · "))));
      pick.value = was;
    });
    note.textContent = found.length ? t("rooms.found", { count: count(found.length) }) : t("rooms.none_found");
  }
  await look();
  return { read: () => picks.map(chosen),
    element: h("div.edit-fields", null, find, note, ...rooms.map((one, at) => h("div.edit-line", null, h("label", { for: `room-to-${at}` }, t("rooms.to", { room: one.name })), picks[at]))) };
}

/**
 * The form of a step: the rooms with who has them, what it asks, the day and its grounds.
 * @param {Step} step @param {any[]} rooms @param {Ways} ways
 * @param {{parts: Node[], read: () => Record<string, any> | void}} asked `read` tells what is sent, or nothing when it complained
 */
function show(step, rooms, { today, done }, { parts, read }) {
  const versions = new Map(rooms.map((one) => [one.place_id, one.version]));
  const words = t(`rooms.${step}`);
  let isOpen = true;
  let isSent = false;
  formOpened(() => { isOpen = false; });
  const leave = (/** @type {any} */ answer) => { forgetForm(); done(answer); };
  const settle = () => { if (isSent) return; byId("edit-problem").replaceChildren(); saveButton(words); };
  const save = async () => {
    const form = read();
    if (!form) return;
    isSent = true;
    saveButton(null);
    try {
      const answer = await arrangeRooms(step, { ...form, ...readGrounds(), rooms: form.rooms.map((/** @type {number} */ one) => ({ place_id: one, version: versions.get(one) })) });
      if (!isOpen) return;
      if (answer.changed.length) return leave(answer);
      complain([t("rooms.as_it_was")]);
      saveButton(words);
    } catch (error) {
      if (!isOpen) return;
      const now = /** @type {any} */ (error).document?.current?.rooms;
      complain([/** @type {Error} */ (error).message]);
      saveButton(now ? t("rooms.all_the_same") : words);
      if (!now) return;
      for (const one of now) versions.set(one.place_id, one.version);
      byId("edit-problem").append(h("p.hint", null, t("rooms.now")), roomRows(now));
    } finally {
      isSent = false;
    }
  };
  showForm({ title: t(`rooms.${step}_title`, { count: count(rooms.length) }), place: null, save, cancel: () => leave(null), button: words,
    parts: [roomRows(rooms), ...parts, groundsBox(t("rooms.day_hint"), settle, t("rooms.day"))] });
  /** @type {HTMLInputElement} */ (byId("edit-effective_on")).value = today;
  byId("edit-reason").focus();
  return { settle, saw: (/** @type {any} */ one) => { if (!versions.has(one.place_id)) versions.set(one.place_id, one.version); } };
}
