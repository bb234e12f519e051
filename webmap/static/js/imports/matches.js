// @ts-check
/** Rows that may mean a known place: one pair after the other, side by side, decided by a person. */
import { h, icon, toast } from "../dom.js";
import { count } from "../i18n.js";
import { decide, decideAlike, fetchMatch, fetchMatches, loadDecided, withdraw } from "./api.js";
import { pairMap } from "./pair_map.js";
import { badge, moment, say } from "./say.js";

const LEAST = 0.95;
const CLUES = ["address", "name", "overlap", "area"];
const SIDES = ["name", "address", "kind_title", "holder", "gross_area_m2"];

/** @param {number | null} loadId null: of all loads @param {HTMLElement} main @param {AbortSignal} left */
export async function showMatches(loadId, main, left) {
  await new MatchPage(loadId, main, left).start();
}

class MatchPage {
  /** @param {number | null} loadId @param {HTMLElement} main @param {AbortSignal} left */
  constructor(loadId, main, left) {
    this.loadId = loadId;
    this.main = main;
    this.left = left;
    this.at = 0;
    this.candidateAt = 0;
    this.isDecided = false;
    /** @type {any} answer of /api/matches */
    this.queue = null;
    /** @type {any} the row at hand with its candidates */
    this.pair = null;
    /** @type {{decision_id: number, title: string} | null} what was decided last */
    this.last = null;
    this.problem = "";
    /** A word meant for the next pair must not fall on the one that is just being decided. */
    this.isBusy = false;
    this.map = pairMap();
    this.keys = (/** @type {KeyboardEvent} */ event) => this.pressed(event);
  }

  async start() {
    await this.read();
    if (!this.left.aborted) this.draw();
  }

  async read() {
    this.queue = await fetchMatches({ load_id: this.loadId, decided: this.isDecided ? "true" : "", limit: 200 });
    this.at = Math.min(this.at, Math.max(0, this.queue.items.length - 1));
    await this.readPair();
  }

  async readPair() {
    const one = this.queue.items[this.at];
    this.candidateAt = 0;
    this.pair = one ? await fetchMatch(one.load_id, one.row, one.sheet) : null;
    const chosen = this.pair?.decision?.place_id;
    if (chosen) this.candidateAt = Math.max(0, this.pair.candidates.findIndex((/** @type {any} */ other) => other.place_id === chosen));
  }

  /** @param {() => Promise<any>} work @param {string} [focus] */
  async doing(work, focus = "pair") {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      this.problem = "";
      await work();
    } catch (error) {
      this.problem = /** @type {Error} */ (error).message;
    }
    this.isBusy = false;
    if (this.left.aborted) return;
    this.draw();
    (document.getElementById(focus) ?? this.main).focus();
  }

  /** @param {string} choice */
  choose(choice) {
    const pair = this.pair;
    if (!pair || this.isDecided) return;
    const other = pair.candidates[this.candidateAt];
    const code = other ? null : this.namedCode();
    if (choice === "same" && !other && !code) return;
    const at = this.at;
    return this.doing(async () => {
      try {
        const answer = await decide(pair.load_id, pair.row, { sheet: pair.sheet, choice, place_id: choice === "same" && other ? other.place_id : null, place_code: choice === "same" ? code : null });
        this.last = { decision_id: answer.decision_id, title: say(`pair.decided.${choice}`, { row: pair.row }) };
      } finally {
        // Somebody else may have decided it: either way the list is another.
        this.at = at;
        await this.read();
      }
    });
  }

  /** What the person names the place by, where nothing resembles the row. */
  namedCode() {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById("pair-code"));
    return field?.value.trim() || null;
  }

  takeBack(/** @type {number} */ decisionId) {
    return this.doing(async () => {
      await withdraw(decisionId);
      this.last = null;
      await this.read();
    });
  }

  /** @param {number} by */
  turn(by) {
    const next = this.at + by;
    if (next < 0 || next >= this.queue.items.length) return;
    return this.doing(async () => { this.at = next; await this.readPair(); });
  }

  /** @param {number} at */
  other(at) {
    if (at < 0 || at >= (this.pair?.candidates.length ?? 0)) return;
    return this.doing(async () => { this.candidateAt = at; });
  }

  /** Only while the pair has the focus: letters typed elsewhere are letters. @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/** @type {HTMLElement} */ (event.target).matches("input, select, textarea, .pair-map")) return;
    /** @type {Record<string, () => any>} */
    const does = {
      s: () => this.choose("same"), n: () => this.choose("new"), x: () => this.choose("out"),
      j: () => this.turn(1), k: () => this.turn(-1), u: () => this.last && this.takeBack(this.last.decision_id),
    };
    const act = /^[1-5]$/.test(event.key) ? () => this.other(Number(event.key) - 1) : does[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  draw() {
    this.main.replaceChildren(this.head(), this.notices(), this.pair ? this.shownPair() : h("p.nothing", null, say(this.isDecided ? "pair.none_decided" : "pair.none")));
    if (this.pair) this.map.show(this.pair, this.pair.candidates[this.candidateAt]);
  }

  head() {
    const queue = this.queue;
    const tab = (/** @type {boolean} */ decided, /** @type {string} */ title) => h("button.btn", { type: "button", "aria-pressed": String(this.isDecided === decided),
      onclick: () => this.doing(async () => { this.isDecided = decided; this.at = 0; await this.read(); }) }, title);
    return h("div.page-head", null,
      h("a.link.back", { href: this.loadId ? `#load=${this.loadId}` : "#" }, icon("left"), say(this.loadId ? "pair.back_to_load" : "back")),
      h("h1", null, say("pair.title"), " ", badge("waiting", say("pair.waiting", { count: count(queue.waiting) }))),
      h("p.hint", null, say("pair.intro")),
      h("div.actions", null, tab(false, say("pair.to_decide")), tab(true, say("pair.decided_rows")),
        this.loadId && !this.isDecided && queue.total > 1 ? h("button.btn", { type: "button", id: "decide-alike", onclick: () => this.doing(async () => {
          const answer = await decideAlike(/** @type {number} */ (this.loadId), LEAST);
          toast(say("pair.alike_done", { count: count(answer.decided) }));
          await this.read();
        }) }, icon("check"), say("pair.alike", { percent: LEAST * 100 })) : null,
        this.loadId && queue.to_load ? h("button.btn.btn-primary", { type: "button", id: "load-decided", onclick: () => this.doing(async () => {
          const answer = await loadDecided(/** @type {number} */ (this.loadId));
          location.hash = `#file=${answer.upload_id}`;
        }, "load-decided") }, icon("upload"), say("pair.load", { count: count(queue.to_load) })) : null));
  }

  notices() {
    return h("div", { "aria-live": "polite" },
      this.problem ? h("p.notice-box", { role: "alert" }, icon("alert"), this.problem) : null,
      this.last ? h("p.placed", null, this.last.title, " ", h("button.link", { type: "button", id: "pair-undo", onclick: () => this.last && this.takeBack(this.last.decision_id) }, icon("undo"), say("pair.undo"))) : null);
  }

  shownPair() {
    const { pair } = this;
    const other = pair.candidates[this.candidateAt];
    return h("section.card-box", { id: "pair", tabindex: "-1", "aria-labelledby": "pair-title", onkeydown: this.keys },
      h("div.pair-head", null,
        h("h2", { id: "pair-title" }, say("pair.row", { file: pair.file, sheet: pair.sheet, row: pair.row })),
        h("span.faint", null, say("pair.position", { at: count(this.at + 1), total: count(this.queue.total) })),
        this.turnButton(-1), this.turnButton(1)),
      h("p.hint", null, pair.reason),
      pair.candidates.length > 1 ? h("div.actions", { role: "group", "aria-label": say("pair.candidates") }, pair.candidates.map((/** @type {any} */ one, /** @type {number} */ at) =>
        h("button.btn", { type: "button", "aria-pressed": String(at === this.candidateAt), onclick: () => this.other(at) }, `${at + 1}. ${one.name ?? one.address ?? one.code} ${percent(one.score)}`))) : null,
      h("div.pair-panes", null,
        h("div", null, other ? sideBySide(pair, other) : pair.may_name_any && !this.isDecided ? this.naming() : h("p.nothing", null, say("pair.unseen")), other ? clues(other) : null, rest(pair)),
        this.map.element),
      pair.decision ? this.decision(pair.decision) : this.choices(other));
  }

  naming() {
    return h("label.filter", null, say("pair.code"), h("input", { id: "pair-code", type: "text", autocomplete: "off", maxlength: "60",
      oninput: () => { /** @type {HTMLButtonElement} */ (document.getElementById("choose-same")).disabled = !this.namedCode(); },
      onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !event.isComposing) this.choose("same"); } }));
  }

  /** @param {number} by */
  turnButton(by) {
    const next = this.at + by;
    return h("button.icon-button", { type: "button", disabled: next < 0 || next >= this.queue.items.length, "aria-label": say(by < 0 ? "pair.before" : "pair.after"), onclick: () => this.turn(by) }, icon(by < 0 ? "left" : "right"));
  }

  /** @param {any} other */
  choices(other) {
    const button = (/** @type {string} */ choice, /** @type {string} */ key, /** @type {string} */ look) => h(`button.btn${look}`, { type: "button", id: `choose-${choice}`, "aria-keyshortcuts": key,
      disabled: choice === "same" && (!other || Boolean(other.ended_on)), onclick: () => this.choose(choice) }, say(`pair.choose.${choice}`), h("kbd", null, key));
    return h("div.pair-choices", null, button("same", "S", ".btn-primary"), button("new", "N", ""), button("out", "X", ""), h("span.faint", null, say("pair.keys")));
  }

  /** @param {any} made */
  decision(made) {
    return h("div.pair-choices", null, badge("done", made.choice_title), h("span.faint", null, [made.by, moment(made.at)].filter(Boolean).join(" · ")),
      made.is_loaded ? h("span.faint", null, say("pair.is_loaded"))
        : h("button.btn", { type: "button", onclick: () => this.takeBack(made.decision_id) }, icon("undo"), say("pair.undo")));
  }
}

/** What both say, where they differ marked in words too. @param {any} row @param {any} other */
function sideBySide(row, other) {
  return h("div.scroll", null, h("table.plain-table.sides", null,
    h("thead", null, h("tr", null, h("th", { scope: "col" }, say("pair.field")), h("th.of-row", { scope: "col" }, say("pair.this_row")), h("th.of-place", { scope: "col" }, say("pair.that_place")))),
    h("tbody", null,
      SIDES.map((name) => {
        const [mine, theirs] = [shown(row[name]), shown(other[name])];
        const differs = mine !== "" && theirs !== "" && mine !== theirs;
        return h(`tr${differs ? ".differs" : ""}`, null, h("th", { scope: "row" }, say(`pair.side.${name}`), differs ? h("small.differs-note", null, say("pair.differs")) : null),
          h("td", null, ...marked(mine, theirs)), h("td", null, ...marked(theirs, mine)));
      }),
      h("tr", null, h("th", { scope: "row" }, say("pair.side.code")), h("td", null, ""), h("td", null, h("a", { href: `/#p=${other.place_id}` }, other.code), other.numbers ? ` · ${other.numbers}` : "",
        other.ended_on ? h("span.refused", null, icon("alert"), say("pair.ended", { day: other.ended_on })) : null)))));
}

/** @param {any} value */
const shown = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? count(value) : String(value));

/** The middle where two texts part, between what they begin and end with alike. @param {string} one @param {string} other */
function marked(one, other) {
  if (!one || !other || one === other) return [one];
  let from = 0;
  while (from < one.length && one[from] === other[from]) from += 1;
  let to = 0;
  while (to < one.length - from && to < other.length - from && one[one.length - 1 - to] === other[other.length - 1 - to]) to += 1;
  const middle = one.slice(from, one.length - to);
  return [one.slice(0, from), middle ? h("mark", null, middle) : "", one.slice(one.length - to)];
}

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)}%`;

/** What speaks for it. @param {any} other */
function clues(other) {
  const line = (/** @type {string} */ title, /** @type {number | null} */ share, /** @type {string} */ words) => {
    const fill = h("div.clue-fill", null);
    fill.style.width = percent(share ?? 0);
    return [h("dt", null, title), h("dd", null, h("div.clue-bar", { "aria-hidden": "true" }, fill), h("span", null, words))];
  };
  return h("dl.clues", { "aria-label": say("pair.clues") },
    line(say("pair.clue.score"), other.score, percent(other.score)),
    CLUES.filter((name) => other[`${name}_score`] !== null).map((name) => line(say(`pair.clue.${name}`), other[`${name}_score`], percent(other[`${name}_score`]))).flat(),
    other.distance_m === null ? [] : [h("dt", null, say("pair.clue.distance")), h("dd", null, say("pair.metres", { count: count(Math.round(other.distance_m)) }))],
    other.is_same_holder === null ? [] : [h("dt", null, say("pair.clue.holder")), h("dd", null, say(other.is_same_holder ? "pair.same" : "pair.other"))],
    other.is_same_title ? [h("dt", null, say("pair.clue.title")), h("dd", null, say("pair.same"))] : []);
}

/** What else the row says. @param {any} pair */
function rest(pair) {
  if (!pair.others.length) return null;
  return h("details", null, h("summary", null, say("pair.others", { count: pair.others.length })),
    h("dl.pair-others", null, pair.others.map((/** @type {any} */ one) => [h("dt", null, one.title), h("dd", null, one.value)]).flat()));
}
