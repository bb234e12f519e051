// @ts-check
/** The page of a floor plan: handed in, looked at, placed, corrected, accepted or refused. */
import { byId, h, toast } from "../dom.js";
import { language } from "../i18n.js";
import { moment, progress, size } from "../imports/say.js";
import { ask, cancelJob, fetchJob, fetchPlan, say } from "./api.js";
import { handIn } from "./hand_in.js";
import { drawingPane, groundPane } from "./panes.js";
import { controlPoints, findings, rooms } from "./tables.js";

const LOOK_AGAIN_MS = 400;
const UNITS = ["mm", "cm", "m", "in", "ft"];
const LAYERS = ["rooms", "numbers", "outline"];
const NO_CORRECTION = { number: null, code: null, is_left_out: false };

class PlanPage {
  /** @param {number} id @param {HTMLElement} main */
  constructor(id, main) {
    this.id = id;
    this.main = main;
    /** @type {any} what is stated with the next look */
    this.options = {};
    this.isChanged = false;
    /** @type {any} how it is to be accepted */
    this.accepting = { accepts: false, with_new: false, as_of: "" };
    this.drawing = drawingPane();
    this.ground = groundPane();
    this.drawing.onChoose((one) => this.show(one));
    this.ground.onChoose((one) => this.show(one));
    this.isFitted = false;
    addEventListener("keydown", (event) => { if (event.key === "Escape") this.endPicking(); });
  }

  async start() {
    const plan = await fetchPlan(this.id);
    this.answer = plan;
    const job = Object.values(plan.jobs).find((one) => one.state === "queued" || one.state === "running");
    if (job) return this.wait(job);
    this.take(plan.options);
    this.draw();
  }

  /** @param {any} given */
  take(given) {
    this.options = { controls: [], corrections: [], rooms: [], numbers: [], outline: [], ...given };
    this.options.controls = this.options.controls.map((/** @type {number[]} */ one) => [...one]);
    this.isChanged = false;
  }

  /** Show a job until it has ended. @param {any} job */
  async wait(job) {
    const bar = h("div", null, progress(job));
    const stop = h("button.btn", { type: "button", id: "cancel", onclick: () => cancelJob(job.job_id).catch((/** @type {Error} */ error) => toast(error.message)) }, say("cancel"));
    this.main.replaceChildren(this.head(), h("section.card-box.waiting-box", { "aria-live": "polite" }, h("h2", null, say(`doing.${job.kind}`)), bar, h("p", null, stop)));
    let now = job;
    while (now.state === "queued" || now.state === "running") {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      now = await fetchJob(job.job_id);
      bar.replaceChildren(progress(now));
    }
    await this.start();
    byId("main").focus();
  }

  /** @param {"check" | "load" | "refuse"} what @param {any} stated */
  async ask(what, stated) {
    this.main.setAttribute("aria-busy", "true");
    try {
      const asked = await ask(this.id, what, stated);
      await this.wait(await fetchJob(asked.job_id));
    } catch (error) {
      this.refused(/** @type {Error} */ (error).message);
    }
    this.main.removeAttribute("aria-busy");
  }

  /** @param {string} text */
  refused(text) {
    document.getElementById("refused")?.remove();
    this.main.querySelector(".page-head")?.after(box("bad", "refused", text));
    scrollTo({ top: 0 });
  }

  lookAgain() {
    const { building, level, rooms: own, numbers, outline, unit, close_m, controls, turn, crs, corrections } = this.options;
    const whole = controls.filter((/** @type {number[]} */ one) => one.length === 4 && one.every(Number.isFinite));
    return this.ask("check", { building, level, rooms: own, numbers, outline, unit, close_m, turn, crs, corrections, controls: whole });
  }

  /** Note that something is stated otherwise. The page is not made anew: that would take the button away under a press that ends the typing. */
  change() {
    this.isChanged = true;
    const { look } = this.answer;
    if (look) {
      this.drawing.fill(look, this.options.controls, false);
      this.ground.fill(look, this.options.controls, false);
    }
    for (const one of this.main.querySelectorAll("#controls td.num")) one.textContent = "–";
    byId("foot-note").textContent = say("changed");
    /** @type {HTMLButtonElement} */ (byId("look")).disabled = !this.isOpen();
    /** @type {HTMLButtonElement} */ (byId("accept")).disabled = true;
  }

  head() {
    const { answer } = this;
    const { building, level } = this.options;
    return h("div.page-head", null, h("a.link.back", { href: "/imports" }, "‹ ", say("back")), h("h1", null, answer.file),
      h("p.hint", null, building ? `${say("of_floor", { building, level })} · ` : "", `${size(answer.size_bytes)} · ${answer.uploaded_by} · ${moment(answer.uploaded_at)}`));
  }

  draw() {
    const { answer } = this;
    const { look } = answer;
    const focused = document.activeElement?.id;
    const parts = [this.head(), ...this.notices()];
    if (look) {
      parts.push(this.sections());
      parts.push(this.panes(), h("div.plan-cards", null, this.placing(), this.reading()));
      if (look.plan) {
        parts.push(h("div.plan-tables", null, findings(look, (one) => this.show(one, true)),
          rooms(look, (one) => this.show(one, true), (at) => this.correction(at), (at, said) => this.correct(at, said), this.isOpen())));
      }
    }
    if (answer.is_kept && !look) parts.push(h("section.card-box", null, h("div.plan-fields", null, ...this.floor())));
    if (answer.is_kept) parts.push(this.foot());
    this.main.replaceChildren(...parts);
    if (look) {
      this.drawing.fill(look, this.options.controls, !this.isFitted);
      this.ground.fill(look, this.options.controls, !this.isFitted);
      this.isFitted = true;
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  isOpen() {
    return this.answer.is_kept && !(this.answer.load && !this.answer.load.is_undone);
  }

  notices() {
    const { answer } = this;
    const { look, load, jobs } = answer;
    const last = Object.values(jobs).sort((a, b) => b.job_id - a.job_id)[0];
    const found = [];
    if (!answer.is_kept) found.push(box("warn", "gone", say("gone")));
    if (load) found.push(h(`p.notice-box.notice-${load.is_undone ? "warn" : "good"}`, { id: "loaded", role: "status" }, say(load.is_undone ? "undone" : "loaded"), " ", h("a", { href: `/imports#load=${load.load_id}` }, say("to_load", { id: load.load_id }))));
    if (last && last.state !== "done" && last.message) found.push(box("bad", "ended", `${say(`ended.${last.kind}`)} ${last.message}`));
    if (answer.is_kept && !look && last?.state === "done") found.push(box("warn", "unseen", say("unseen")));
    if (!look) return found;
    if (look.problem) found.push(box("bad", "problem", look.problem.message));
    for (const [name, path] of Object.entries(look.outside)) found.push(box("warn", "outside", say("outside", { name, path })));
    if (answer.unwritable.length) found.push(box("bad", "unwritable", say("unwritable", { rooms: answer.unwritable.slice(0, 20).join(say("comma")) })));
    return found;
  }

  /** Links to the parts of the page, which is long. */
  sections() {
    const { plan } = this.answer.look;
    const to = (/** @type {string} */ id, /** @type {string} */ title) => h("a.link", { href: `#${id}` }, title);
    return h("nav.plan-links", { "aria-label": say("sections") },
      to("drawing-title", say("drawing")), to("placing-title", say("placing")), to("reading", say("reading")),
      plan ? [to("findings-title", say("findings", { count: plan.findings.length })), to("rooms-title", say("rooms", { count: plan.rooms.length }))] : null);
  }

  panes() {
    return h("div.plan-panes", null,
      h("section.plan-pane", { "aria-labelledby": "drawing-title" }, h("h2", { id: "drawing-title" }, say("drawing")), this.drawing.element),
      h("section.plan-pane", { "aria-labelledby": "ground-title" }, h("h2", { id: "ground-title" }, say("ground")), this.ground.element));
  }

  placing() {
    const { placed } = this.answer.look;
    const { options } = this;
    const said = placed ? say(`placed.${placed.by}`, { metres: placed.residual_m.toFixed(2), turned: placed.turned.toFixed(1), stretch: placed.stretch.toFixed(4), share: placed.share === null ? "–" : (100 * placed.share).toFixed(1) }) : say("not_placed");
    return h("section.card-box", { "aria-labelledby": "placing-title" }, h("h2", { id: "placing-title" }, say("placing")),
      h("p", { id: "placement" }, said, placed?.is_mirrored ? ` ${say("mirrored")}` : ""),
      h("p.hint", null, say("placing_hint")),
      controlPoints(options.controls, this.isChanged ? [] : placed?.residuals_m ?? [], {
        change: (at, which, value) => { options.controls[at][which] = value; this.change(); },
        remove: (at) => { options.controls.splice(at, 1); this.isChanged = true; this.draw(); byId("add-control").focus(); },
        add: () => { options.controls.push([NaN, NaN, NaN, NaN]); this.isChanged = true; this.draw(); this.pick(options.controls.length - 1, false); },
        pick: (at, isGround) => this.pick(at, isGround),
      }),
      h("div.plan-fields", null,
        this.field("turn", { type: "number", min: 0, max: 359, step: 1, class: "form-control number" }),
        this.field("crs", { placeholder: say("crs_example"), class: "form-control coordinate" })));
  }

  /** A field of the statement. @param {string} name @param {Record<string, any>} props */
  field(name, props) {
    return h("label", { for: `field-${name}` }, say(`field.${name}`), h("input", { id: `field-${name}`, value: this.options[name] ?? "", ...props,
      onchange: (/** @type {Event} */ event) => { this.options[name] = /** @type {HTMLInputElement} */ (event.target).value.trim() || null; this.change(); } }));
  }

  /** Of which floor it is. */
  floor() {
    return [this.field("building", { class: "form-control coordinate" }), this.field("level", { type: "number", step: 1, class: "form-control number" })];
  }

  reading() {
    const { look } = this.answer;
    const { options } = this;
    const taken = look.plan?.layers ?? {};
    const stated = (/** @type {string} */ name) => (options[name].length ? options[name] : taken[name === "outline" ? "floor" : name] ?? []);
    const choice = (/** @type {string} */ name) => h("fieldset", null, h("legend.hint", null, say(`field.${name}`)), h("div.plan-fields", null,
      look.layers.slice(0, 60).map((/** @type {[string, number, number]} */ [layer, lines, texts], /** @type {number} */ at) =>
        h("label.beside", { for: `${name}-${at}` }, h("input", { type: "checkbox", id: `${name}-${at}`, checked: stated(name).includes(layer),
          onchange: (/** @type {Event} */ event) => {
            const isOn = /** @type {HTMLInputElement} */ (event.target).checked;
            options[name] = isOn ? [...stated(name), layer] : stated(name).filter((/** @type {string} */ one) => one !== layer);
            this.change();
          } }), say("layer", { name: layer, lines, texts })))));
    return h("details.card-box", { open: !look.plan, id: "reading" }, h("summary", null, h("b", null, say("reading"))),
      h("p", null, look.plan ? say("read_as", { version: look.version ?? "–", unit: look.plan.unit_m, by: say(`unit_by.${look.plan.unit_by}`) }) : ""),
      h("div.plan-fields", null,
        ...this.floor(),
        h("label", { for: "field-unit" }, say("field.unit"), h("select.form-select", { id: "field-unit", onchange: (/** @type {Event} */ event) => { options.unit = /** @type {HTMLSelectElement} */ (event.target).value || null; this.change(); } },
          h("option", { value: "" }, say("unit_of_file")), UNITS.map((one) => h("option", { value: one, selected: options.unit === one }, one)))),
        this.field("close_m", { type: "number", min: 0, max: 1, step: 0.01, class: "form-control number" })),
      LAYERS.map(choice));
  }

  foot() {
    const { answer } = this;
    const { look, load } = answer;
    const lines = look?.placed?.rooms ?? [];
    const sound = lines.filter((/** @type {any} */ one) => one.is_sound && one.number);
    const fresh = sound.filter((/** @type {any} */ one) => !one.code).length;
    const held = lines.filter((/** @type {any} */ one) => !one.is_sound && !one.is_left_out).length;
    const count = sound.length - (this.accepting.with_new && look?.has_floor ? 0 : fresh);
    const isOpen = this.isOpen();
    const may = isOpen && look?.placed && !this.isChanged && !answer.unwritable.length && count > 0 && (!held || this.accepting.accepts);
    const tick = (/** @type {string} */ name, /** @type {string} */ words) => h("label.beside", { for: name }, h("input", { type: "checkbox", id: name, checked: this.accepting[name], onchange: (/** @type {Event} */ event) => { this.accepting[name] = /** @type {HTMLInputElement} */ (event.target).checked; this.draw(); } }), words);
    return h("section.card-box.plan-accept", { "aria-label": say("accept") },
      h("button.btn", { type: "button", id: "look", disabled: !isOpen || (!this.isChanged && Boolean(look)), onclick: () => this.lookAgain() }, say("look")),
      h("span.grow", { id: "foot-note", role: "status" }, !isOpen ? "" : this.isChanged ? say("changed") : look?.placed ? say("would_load", { count, all: lines.length }) : ""),
      held && isOpen ? tick("accepts", say("accept_findings", { count: held })) : null,
      fresh && look.has_floor && isOpen ? tick("with_new", say("new_rooms", { count: fresh })) : null,
      h("label.beside", { for: "as-of" }, say("as_of"), h("input.form-control", { type: "date", id: "as-of", value: this.accepting.as_of, onchange: (/** @type {Event} */ event) => (this.accepting.as_of = /** @type {HTMLInputElement} */ (event.target).value) })),
      h("button.btn.btn-primary", { type: "button", id: "accept", disabled: !may, onclick: () => this.ask("load", { ...this.accepting, as_of: this.accepting.as_of || null, look_id: answer.look_id }) }, say("accept")),
      load && !load.is_undone ? null : h("button.btn.btn-danger", { type: "button", id: "refuse", onclick: () => { if (confirm(say("refuse_sure"))) this.ask("refuse", {}); } }, say("refuse")));
  }

  /** What is said of a room. @param {number} at */
  correction(at) {
    return this.options.corrections[this.correctionAt(at)] ?? NO_CORRECTION;
  }

  /** @param {number} at */
  correctionAt(at) {
    const { x, y } = this.answer.look.plan.rooms[at];
    return this.options.corrections.findIndex((/** @type {any} */ one) => one.x === x && one.y === y);
  }

  /** @param {number} at @param {any} said */
  correct(at, said) {
    const { x, y } = this.answer.look.plan.rooms[at];
    const place = this.correctionAt(at);
    if (place >= 0) this.options.corrections.splice(place, 1);
    if (said.number || said.code || said.is_left_out) this.options.corrections.push({ x, y, ...said });
    this.change();
  }

  /** Mark a room or finding everywhere and bring it into sight. @param {string} id @param {boolean} [isOfTable] whether it was chosen in a table */
  show(id, isOfTable = false) {
    const { look } = this.answer;
    const [kind, at] = id.split("-");
    const one = kind === "room" ? look.plan.rooms[at] : look.plan.findings[at];
    const ground = kind === "finding" ? one.at : null;
    const marked = kind === "finding" && one.rooms.length ? `room-${one.rooms[0]}` : id;
    this.drawing.show(marked, [one.x, one.y]);
    this.ground.show(marked, ground ? this.ground.centreOn(ground) : null);
    for (const row of this.main.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    const row = document.getElementById(`row-${id}`);
    row?.classList.add("chosen");
    (isOfTable ? this.drawing.element : row)?.scrollIntoView({ block: "nearest" });
  }

  /** Let the next click say where a point is: on the drawing, and then on the ground. @param {number} at @param {boolean} isGround */
  pick(at, isGround) {
    this.endPicking();
    const where = isGround ? this.ground : this.drawing;
    where.element.scrollIntoView({ block: "nearest" });
    toast(say(isGround ? "click_ground" : "click_drawing", { point: at + 1 }));
    where.pick((/** @type {number[]} */ spot) => {
      const one = this.options.controls[at];
      if (isGround) [one[2], one[3]] = this.ground.degrees(spot).map((value) => Number(value.toFixed(8)));
      else [one[0], one[1]] = spot.map((value) => Number(value.toFixed(4)));
      this.endPicking();
      this.isChanged = true;
      this.draw();
      if (!isGround && !Number.isFinite(one[2])) this.pick(at, true);
    });
  }

  endPicking() {
    this.drawing.pick(null);
    this.ground.pick(null);
  }
}

/** @param {string} tone @param {string} id @param {string} text */
const box = (tone, id, text) => h(`p.notice-box.notice-${tone}`, { id, role: "alert" }, text);

document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
const other = /** @type {HTMLButtonElement} */ (byId("language"));
other.addEventListener("click", async () => {
  await fetch("/language", { method: "POST", body: new URLSearchParams({ language: other.value }) });
  location.reload();
});
const main = byId("main");
if (main.dataset.upload) {
  new PlanPage(Number(main.dataset.upload), main).start().catch((/** @type {Error} */ error) => main.replaceChildren(box("bad", "problem", error.message)));
} else {
  handIn(main);
}
