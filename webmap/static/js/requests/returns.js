// @ts-check
/** Rooms to give back: whose they are is found by name, which ones are chosen from what it has. */
import { byId } from "../dom.js";
import { choice, roomsOfBody } from "./choices.js";
import { followList } from "./fresh.js";

followList("returns-list");
if (document.getElementById("ask-back")) {
  const rooms = roomsOfBody(byId("ask-rooms"));
  const body = choice(byId("ask-body"), () => void rooms(body.read()));
  void rooms(body.read());
}
document.documentElement.dataset.returnsPage = "";
