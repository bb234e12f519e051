// @ts-check
/** Findings, rooms with their three areas, and control points, as tables to work in. */
import { h } from "../dom.js";
import { say } from "./api.js";

const area = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? "–" : value.toFixed(2));
const signed = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? "–" : (value > 0 ? "+" : "") + value.toFixed(2));

/** @param {any} look @param {(id: string) => void} show */
export function findings(look, show) {
  const { plan, placed } = look;
  const named = (/** @type {number} */ at) => placed?.rooms[at].number ?? plan.rooms[at].number ?? `${area(plan.rooms[at].polygon_m2)} m²`;
  return h("section.card-box", { "aria-labelledby": "findings-title" },
    h("h2", { id: "findings-title" }, say("findings", { count: plan.findings.length })),
    plan.findings.length ? h("div.scroll", null, h("table.plain-table", { id: "findings" },
      h("thead", null, h("tr", null, ["finding", "rooms", "layer"].map((name) => h("th", { scope: "col" }, say(`column.${name}`))))),
      h("tbody", null, plan.findings.map((/** @type {any} */ one, /** @type {number} */ at) => h("tr", { id: `row-finding-${at}`, "data-fault": one.fault },
        h("td", null, h("button.link", { type: "button", onclick: () => show(`finding-${at}`) }, one.message)),
        h("td", null, one.rooms.map(named).join(say("comma"))), h("td", null, one.layer))))))
      : h("p.nothing", null, say("no_findings")));
}

const entry = (/** @type {HTMLElement} */ one) => /** @type {HTMLInputElement} */ (one);

/**
 * @param {any} look @param {(id: string) => void} show
 * @param {(at: number) => any} correctionOf what is said of a room
 * @param {(at: number, said: any) => void} correct
 * @param {boolean} isOpen whether it may still be corrected
 */
export function rooms(look, show, correctionOf, correct, isOpen) {
  const { plan, placed, known } = look;
  const columns = ["number", "registered", "polygon", "surveyed", "ledger", "difference", "corrections"];
  const numeric = new Set(["polygon", "surveyed", "ledger", "difference"]);
  const row = (/** @type {any} */ room, /** @type {number} */ at) => {
    const line = placed?.rooms[at] ?? {};
    const said = correctionOf(at);
    const name = line.number ?? room.number ?? say("unnumbered");
    const number = h("input.form-control.number", { id: `number-${at}`, value: said.number ?? "", placeholder: room.number ?? "", "aria-label": say("number_of", { room: name }), disabled: !isOpen || said.is_left_out, maxlength: 40,
      onchange: () => { entry(choice).value = ""; correct(at, { number: entry(number).value.trim() || null, code: null, is_left_out: false }); } });
    const choice = h("select.form-select", { id: `code-${at}`, "aria-label": say("room_of", { room: name }), disabled: !isOpen || said.is_left_out,
      onchange: () => { entry(number).value = ""; correct(at, { code: entry(choice).value || null, number: null, is_left_out: false }); } },
      h("option", { value: "" }, say("by_number")),
      known.map((/** @type {any} */ one) => h("option", { value: one.code, selected: said.code === one.code }, `${one.number ?? "–"} · ${one.code}`)));
    const out = h("input", { type: "checkbox", id: `out-${at}`, checked: said.is_left_out, disabled: !isOpen,
      onchange: () => {
        for (const one of [number, choice]) { entry(one).value = ""; entry(one).disabled = entry(out).checked; }
        correct(at, { is_left_out: entry(out).checked, number: null, code: null });
      } });
    return h(`tr${line.is_left_out || line.is_sound === false ? ".plan-out" : ""}`, { id: `row-room-${at}` },
      h("th", { scope: "row" }, h("button.link", { type: "button", onclick: () => show(`room-${at}`) }, name)),
      h("td", null, line.code ?? (placed && room.number && !line.is_left_out ? say("new_room") : "–")),
      h("td.num", null, area(room.polygon_m2)), h("td.num", null, area(line.surveyed_m2)), h("td.num", null, area(line.ledger_m2)),
      h(`td.num${line.is_apart ? ".plan-apart" : ""}`, null, signed(line.difference_m2), line.is_apart ? ` ${say("apart")}` : ""),
      h("td", null, h("div.plan-fields.in-row", null, number, known.length ? choice : null, h("label.beside", { for: `out-${at}` }, out, say("leave_out")))));
  };
  return h("section.card-box", { "aria-labelledby": "rooms-title" },
    h("h2", { id: "rooms-title" }, say("rooms", { count: plan.rooms.length })),
    h("div.scroll", null, h("table.plain-table", { id: "rooms" },
      h("thead", null, h("tr", null, columns.map((name) => h(`th${numeric.has(name) ? ".num" : ""}`, { scope: "col" }, say(`column.${name}`))))),
      h("tbody", null, plan.rooms.map(row)))),
    placed?.missing.length ? h("p.hint", { id: "missing" }, say("missing", { count: placed.missing.length, names: placed.missing.map((/** @type {any} */ one) => one.number ?? one.code).join(say("comma")) })) : null);
}

/**
 * @param {number[][]} controls @param {number[]} residuals
 * @param {{change: (at: number, which: number, value: number) => void, remove: (at: number) => void, add: () => void, pick: (at: number, isGround: boolean) => void}} does
 */
export function controlPoints(controls, residuals, does) {
  const cell = (/** @type {number[]} */ one, /** @type {number} */ at, /** @type {number} */ which) => h("td", null, h("input.form-control.coordinate", {
    id: `control-${at}-${which}`, type: "number", step: "any", value: Number.isFinite(one[which]) ? one[which] : "", "aria-label": say(`control.${which}`, { point: at + 1 }),
    onchange: (/** @type {Event} */ event) => does.change(at, which, /** @type {HTMLInputElement} */ (event.target).valueAsNumber) }));
  const pick = (/** @type {number} */ at, /** @type {boolean} */ isGround) => h("td", null, h("button.btn", { type: "button", id: `pick-${at}-${isGround ? "ground" : "drawing"}`, onclick: () => does.pick(at, isGround) }, say(isGround ? "pick_ground" : "pick_drawing")));
  return h("div", null,
    controls.length ? h("div.scroll", null, h("table.plain-table", { id: "controls" },
      h("thead", null, h("tr", null, ["point", "x", "y", "on_drawing", "longitude", "latitude", "on_ground", "residual", "remove"].map((name) => h("th", { scope: "col" }, say(`control_column.${name}`))))),
      h("tbody", null, controls.map((one, at) => h("tr", null, h("th", { scope: "row" }, String(at + 1)),
        cell(one, at, 0), cell(one, at, 1), pick(at, false), cell(one, at, 2), cell(one, at, 3), pick(at, true),
        h("td.num", null, residuals[at] === undefined ? "–" : residuals[at].toFixed(3)),
        h("td", null, h("button.link", { type: "button", id: `remove-${at}`, onclick: () => does.remove(at) }, say("remove")))))))) : null,
    h("p", null, h("button.btn", { type: "button", id: "add-control", onclick: does.add }, say("add_control"))));
}
