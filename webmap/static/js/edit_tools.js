// @ts-check
/** What can be done with a place, under its name on the card: edit it, take the last edit back. */
import { takeEditBack } from "./api.js";
import { openAreas } from "./areas.js";
import { openOfRoom, roomsLink } from "./arranging.js";
import { openClose, openReopen } from "./close.js";
import { openCreate } from "./create.js";
import { openMerge, openSplit } from "./divide.js";
import { h, icon, toast } from "./dom.js";
import { openForm } from "./edit.js";
import { t } from "./i18n.js";
import { openHoldings } from "./holdings.js";
import { lookNow } from "./live.js";
import { openMove } from "./move.js";
import { openRedraw } from "./redraw.js";
import { set } from "./state.js";

/** @type {{place_id: number, edit: any} | null} what was saved last, told once on the card */
let saved = null;
let isOwn = false;

/** Whether the change that shows now is one's own; asked once. */
export function finishEdit() {
  const own = isOwn;
  isOwn = false;
  return own;
}

/** Everything is read anew after a change of one's own. @param {() => any} show @param {string} next where the reader goes on */
async function changed(show, next) {
  isOwn = true;
  await show();
  // At once: later the reader may be somewhere else.
  (document.getElementById(next) ?? document.getElementById("edit-open"))?.focus();
  await lookNow();
}

/** @param {any} place answer of /api/places/{id} @param {() => any} show reads and shows the card anew @returns {Array<Node | null>} */
export function editTools(place, show) {
  if (!place.may_write) return [];
  const told = saved?.place_id === place.place_id ? h("p.placed", { role: "status" }, t("edit.saved")) : null;
  return [
    told,
    h("div.edit-tools", null,
      tool("edit-open", "edit", "edit.open", () => start(openForm, place, show)),
      tool("redraw-open", "polygon", "shape.open", () => start(openRedraw, place, show)),
      place.kind === "room" || place.kind === "metering_point" || place.kind === "zone" ? null
        : tool("create-open", "plus", "create.open", () => startCreate(place, show)),
      tool("holdings-open", "list", "holding.open", () => start(openHoldings, place, show)),
      tool("areas-open", "radius", "area.open", () => start(openAreas, place, show)),
      ...(place.valid_to ? [] : [
        tool("move-open", "right", "move.open", () => start(openMove, place, show)),
        tool("split-open", "grid", "divide.split", () => start(openSplit, place, show)),
        tool("merge-open", "rectangle", "divide.merge", () => start(openMerge, place, show)),
      ]),
      place.valid_to ? tool("reopen-open", "undo", "close.reopen", () => start(openReopen, place, show))
        : tool("close-open", "alert", "close.open", () => start(openClose, place, show)),
      place.last_edit?.is_mine ? undoButton(place, show) : null),
    roomTools(place, show),
  ];
}

const HAVE_ROOMS = new Set(["site", "building", "section", "floor"]);

/** Who sits in a room is arranged on its card; in what has rooms, on a page with a list of them. @param {any} place @param {() => any} show */
function roomTools(place, show) {
  if (place.valid_to) return null;
  if (HAVE_ROOMS.has(place.kind)) return h("div.edit-tools", null, roomsLink("place", place.place_id));
  if (place.kind !== "room") return null;
  const isUsed = place.holdings?.some((/** @type {any} */ one) => one.kind === "occupies");
  const step = (/** @type {"assign" | "vacate" | "move" | "swap"} */ name, /** @type {string} */ symbol) =>
    tool(`room-${name}`, symbol, `rooms.${name}`, () => start((one, done) => openOfRoom(name, one, done), place, show));
  return h("div.edit-tools", { role: "group", "aria-label": t("rooms.tools") }, step("assign", "person"),
    ...(isUsed ? [step("move", "right"), step("swap", "compare"), step("vacate", "close")] : []));
}

/** @param {string} id @param {string} symbol @param {string} words @param {() => void} act */
const tool = (id, symbol, words, act) => h("button.btn.btn-sm", { type: "button", id, onclick: act }, icon(symbol), t(words));

/** What can be done where nothing is chosen: a property of its own. @param {() => any} show */
export const newPlaceTool = (show) => h("div.edit-tools", null, tool("create-open", "plus", "create.open_property", () => startCreate(null, show)));

/** @param {any} parent null for a property of its own @param {() => any} show */
async function startCreate(parent, show) {
  saved = null;
  try {
    await openCreate(parent, async (made) => {
      if (!made) return show();
      saved = { place_id: made.place_id, edit: null };
      isOwn = true;
      set({ place: made.place_id });
      await lookNow();
    });
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}

/** @param {typeof openForm} open @param {any} place @param {() => any} show */
async function start(open, place, show) {
  saved = null;
  try {
    await open(place, async (answer) => {
      saved = answer && { place_id: place.place_id, edit: answer.last_edit };
      if (answer) return changed(show, "edit-undo");
      await show();
      document.getElementById("edit-open")?.focus();
    });
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}

/** Whether taking back waits for its second press: a card read anew would ask a first time again. */
export const isUndoAsked = () => document.querySelector("#edit-undo[data-sure]") !== null;

/** Asked twice: the second press does it. @param {any} place @param {() => any} show */
function undoButton(place, show) {
  const { edit_id: edit, kind_title: kind, reason } = place.last_edit;
  const words = t("edit.undo", { kind });
  let isSent = false;
  const button = h("button.btn.btn-sm", { type: "button", id: "edit-undo", title: reason, onclick: async () => {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.replaceChildren(icon("undo"), t("edit.undo_sure", { reason }));
      return;
    }
    if (isSent) return;
    isSent = true;
    try {
      const answer = await takeEditBack(place.place_id, edit);
      saved = null;
      toast(t("edit.undone"));
      if (answer.is_gone) {
        isOwn = true;
        set({ place: null });
        return lookNow();
      }
      await changed(show, "edit-open");
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
      await show();
    }
  } }, icon("undo"), words);
  button.addEventListener("blur", () => { delete button.dataset.sure; button.replaceChildren(icon("undo"), words); });
  return button;
}

