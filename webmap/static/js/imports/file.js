// @ts-check
/** One file: how its headers are meant, what a load would do, and loading it. */
import { h, icon, toast } from "../dom.js";
import { count } from "../i18n.js";
import { cancelJob, check, fetchContracts, fetchImport, fetchJob, fetchProfiles, load, removeProfile, saveProfile } from "./api.js";
import { contractChoice, mappingTable, statedSheets } from "./mapping.js";
import { changes, issueSummary, preview } from "./preview.js";
import { moment, progress, say, size, tiles } from "./say.js";

const LOOK_AGAIN_MS = 400;
const DATUMS = ["CGCS2000", "WGS84", "GCJ-02", "BD-09"];
const ASKS_DATUM = /^load\.(unknown|unsupported)_datum/;

/** @param {number} id @param {HTMLElement} main @param {AbortSignal} left */
export async function showFile(id, main, left) {
  const [file, contracts, profiles] = await Promise.all([fetchImport(id), fetchContracts(), fetchProfiles()]);
  if (left.aborted) return;
  const page = new FilePage(id, main, left, contracts.items, profiles.items);
  await page.show(file);
}

class FilePage {
  /** @param {number} id @param {HTMLElement} main @param {AbortSignal} left @param {any[]} contracts @param {any[]} profiles */
  constructor(id, main, left, contracts, profiles) {
    Object.assign(this, { id, main, left, contracts, profiles });
    this.id = id;
    this.main = main;
    this.left = left;
    this.contracts = contracts;
    this.profiles = profiles;
    /** @type {any} what goes with the next look or load */
    this.options = {};
    /** @type {Map<string, {contract: string | null, fields: Record<string, string | null>}>} by fingerprint */
    this.stated = new Map();
    this.isChanged = false;
    this.sheetAt = 0;
  }

  /** @param {any} file answer of /api/imports/N */
  async show(file) {
    this.file = file;
    const job = [file.load, file.check].find((one) => one && (one.state === "queued" || one.state === "running"));
    if (job) return this.wait(job);
    if (file.load?.state === "done" && !this.isAgain) {
      location.replace(`#load=${file.load.result.load_id}`);
      return;
    }
    this.takeOptions(file.check?.options ?? {});
    this.draw();
  }

  /** @param {any} given */
  takeOptions(given) {
    this.options = { datum: given.datum, as_of: given.as_of, any_area: given.any_area, profile: given.profile };
    this.stated = new Map((given.sheets ?? []).map((/** @type {any} */ one) => [one.fingerprint, { contract: one.contract, fields: { ...one.fields } }]));
    this.isChanged = false;
  }

  /** Show a job until it has ended. @param {any} job */
  async wait(job) {
    const bar = h("div", null, progress(job));
    const stop = h("button.btn", { type: "button", id: "cancel", onclick: () => cancelJob(job.job_id).catch((/** @type {Error} */ error) => toast(error.message)) }, icon("close"), say("cancel"));
    this.main.replaceChildren(this.head(),
      h("section.card-box.waiting-box", { "aria-live": "polite" }, h("h2", null, say(`doing.${job.kind}`)), bar, h("p", null, stop)));
    let now = job;
    while (now.state === "queued" || now.state === "running") {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      if (this.left.aborted) return;
      now = await fetchJob(job.job_id);
      bar.replaceChildren(progress(now));
    }
    if (this.left.aborted) return;
    if (now.kind === "load" && now.state === "done") location.hash = `#load=${now.result.load_id}`;
    else {
      this.isAgain = true;
      await this.show(await fetchImport(this.id));
    }
  }

  head() {
    const file = this.file;
    return h("div.page-head", null,
      h("a.link.back", { href: "#" }, icon("left"), say("back")),
      h("h1", null, file.file),
      h("p.hint", null, `${size(file.size_bytes)} · ${file.uploaded_by} · ${moment(file.uploaded_at)}`));
  }

  draw() {
    const { file } = this;
    const { look } = file;
    const ended = [file.load, file.check].find((one) => one && one.state !== "done" && one.message
      && (one === file.load || !file.load || file.check.job_id > file.load.job_id));
    const parts = [this.head()];
    if (ended) parts.push(alert("bad", say(`ended.${ended.kind}.${ended.state}`), ended.message));
    if (!file.is_kept) parts.push(alert("bad", say("removed")));
    if (look?.problem) parts.push(this.problem(look.problem));
    if (look?.secret_rows) parts.push(alert("warn", say("secret", { count: look.secret_rows })));
    if (look) {
      parts.push(this.settings(), this.sheets(look));
      if (look.result) parts.push(this.outlook(look));
    } else if (file.is_kept) {
      parts.push(h("p", null, h("button.btn.btn-primary", { type: "button", onclick: () => this.ask(check) }, say("check_again"))));
    }
    const focused = document.activeElement?.id;
    this.main.replaceChildren(...parts, look && file.is_kept ? this.foot(look) : "");
    if (focused) document.getElementById(focused)?.focus();
  }

  /** What stands in the way, with the question to answer. @param {any} problem */
  problem(problem) {
    const asksDatum = ASKS_DATUM.test(problem.key);
    const box = alert("bad", say("in_the_way"), asksDatum ? say("ask_datum") : problem.message);
    if (asksDatum) {
      box.append(h("div.answers", { role: "group", "aria-label": say("option.datum") }, DATUMS.map((datum) =>
        h("button.btn", { type: "button", onclick: () => { this.options.datum = datum; this.ask(check); } }, datum))));
    }
    return box;
  }

  settings() {
    const change = (/** @type {string} */ name) => (/** @type {any} */ event) => {
      const field = event.target;
      this.options[name] = field.type === "checkbox" ? field.checked || undefined : field.value.trim() || undefined;
      this.changed();
    };
    const datum = h("input.form-control", { id: "option-datum", list: "datums", value: this.options.datum ?? "", placeholder: say("option.by_file"), onchange: change("datum") });
    const profile = h("select.form-select", { id: "option-profile", onchange: (/** @type {any} */ event) => { this.stated.clear(); change("profile")(event); this.ask(check); } },
      h("option", { value: "" }, say("option.profile_by_headers")),
      this.profiles.map((one) => h("option", { value: one.name, selected: one.name === this.options.profile }, one.name)));
    const asOf = h("input.form-control", { id: "option-as-of", inputmode: "numeric", maxlength: "10", placeholder: say("option.by_file"), value: this.options.as_of ?? "", onchange: change("as_of") });
    const anywhere = h("input.form-check-input", { type: "checkbox", id: "option-any-area", checked: Boolean(this.options.any_area), onchange: change("any_area") });
    const label = (/** @type {string} */ name, /** @type {Node} */ field) => h("div.option", null, h("label", { for: `option-${name.replaceAll("_", "-")}` }, say(`option.${name}`)), field);
    return h("section.card-box.options", { "aria-label": say("options") },
      label("profile", profile), this.forgetting(), label("datum", datum), label("as_of", asOf),
      h("div.option.option-check", null, anywhere, h("label", { for: "option-any-area" }, say("option.any_area"))),
      h("datalist", { id: "datums" }, DATUMS.map((one) => h("option", { value: one }))));
  }

  /** A button that forgets the chosen profile, where it is one's own. */
  forgetting() {
    const name = this.options.profile;
    if (!this.profiles.some((one) => one.name === name && one.is_mine)) return null;
    const forget = async () => {
      if (!window.confirm(say("forget_profile_sure", { name }))) return;
      try {
        await removeProfile(name);
      } catch (error) {
        toast(/** @type {Error} */ (error).message);
        return;
      }
      this.profiles = (await fetchProfiles()).items;
      this.options.profile = undefined;
      this.stated.clear();
      toast(say("profile_forgotten", { name }));
      this.ask(check);
    };
    return h("button.link", { type: "button", id: "forget-profile", onclick: forget }, say("forget_profile"));
  }

  /** @param {any} look */
  sheets(look) {
    const sheets = look.sheets.filter((/** @type {any} */ one) => !one.is_hidden && one.columns.length);
    const hidden = look.sheets.length - sheets.length;
    const at = Math.min(this.sheetAt, sheets.length - 1);
    const sheet = sheets[at];
    if (!sheet) return h("p.nothing", null, say("no_sheets"));
    const tabs = h("div.sheet-tabs", { role: "tablist", "aria-label": say("sheets") }, sheets.map((/** @type {any} */ one, /** @type {number} */ index) =>
      h("button", { type: "button", role: "tab", id: `sheet-tab-${index}`, "aria-selected": String(index === at), "aria-controls": "sheet", tabindex: index === at ? "0" : "-1",
        onclick: () => { this.sheetAt = index; this.draw(); },
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (step) { this.sheetAt = (index + step + sheets.length) % sheets.length; this.draw(); document.getElementById(`sheet-tab-${this.sheetAt}`)?.focus(); }
        } },
      one.name, h("span.faint", null, one.contract ? this.contractTitle(one.contract) : say("left_out")))));
    const shown = look.preview.find((/** @type {any} */ one) => one.sheet === sheet.name);
    return h("section.card-box", { "aria-labelledby": "columns-title" },
      h("h2", { id: "columns-title" }, say("columns")),
      h("p.hint", null, look.profiles.length ? say("by_profile", { name: look.profiles.join("、") }) : say("columns_hint"), hidden ? ` ${say("hidden_sheets", { count: hidden })}` : ""),
      tabs,
      h("div", { id: "sheet", role: "tabpanel", "aria-labelledby": `sheet-tab-${at}` },
        contractChoice(sheet, this.contracts, (name) => this.state(sheet, { contract: name, fields: {} }, true)),
        sheet.contract ? mappingTable(sheet, this.contracts.find((one) => one.name === sheet.contract), this.stated.get(sheet.fingerprint),
          (key, field) => {
            const known = this.stated.get(sheet.fingerprint) ?? { contract: sheet.contract, fields: {} };
            this.state(sheet, { contract: sheet.contract, fields: { ...known.fields, [key]: field } }, false);
          }) : null,
        shown && !this.isChanged ? preview(shown, (/** @type {string} */ name) => this.fieldTitle(sheet.contract, name)) : null));
  }

  /** @param {any} sheet @param {any} stated @param {boolean} atOnce whether the server must propose anew */
  state(sheet, stated, atOnce) {
    this.stated.set(sheet.fingerprint, stated);
    this.changed();
    if (atOnce) this.ask(check);
    else this.draw();
  }

  changed() {
    this.isChanged = true;
    this.main.querySelector(".foot")?.replaceWith(this.foot(this.file.look));
  }

  /** @param {any} look */
  outlook(look) {
    return h("section.card-box", { "aria-labelledby": "outlook-title" },
      h("h2", { id: "outlook-title" }, say("outlook")), h("p.hint", null, say("outlook_hint")),
      tiles(look.result), issueSummary(look), changes(look, this.id));
  }

  /** @param {any} look */
  foot(look) {
    const name = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "profile-name", maxlength: "80", "aria-label": say("profile_name"), placeholder: say("profile_name"), value: this.options.profile ?? "" }));
    const save = async () => {
      try {
        await saveProfile(name.value.trim(), statedSheets(look.sheets, this.stated));
        this.profiles = (await fetchProfiles()).items;
        toast(say("profile_saved", { name: name.value.trim() }));
      } catch (error) { toast(/** @type {Error} */ (error).message); }
    };
    const ready = look.result && !this.isChanged;
    return h("footer.foot", null,
      h("div.foot-profile", null, name, h("button.btn", { type: "button", id: "save-profile", onclick: save }, icon("save"), say("save_profile"))),
      h("span.foot-note", { role: "status" }, this.isChanged ? say("unchecked") : look.result ? "" : say("not_loadable")),
      h("button.btn", { type: "button", id: "check", class: `btn${ready ? "" : " btn-primary"}`, onclick: () => this.ask(check) }, icon("check"), say("check_again")),
      h("button.btn", { type: "button", id: "load", class: `btn${ready ? " btn-primary" : ""}`, disabled: !ready, onclick: () => this.ask(load) }, icon("upload"),
        look.result ? say("load", { count: count(look.result.rows) }) : say("load_plain")));
  }

  /** Until the answer is there nothing can be changed: it would be lost with it. @param {(id: number, options: any) => Promise<any>} what */
  async ask(what) {
    const sheets = [...this.stated].map(([fingerprint, one]) => ({ fingerprint, ...one }));
    const open = /** @type {HTMLInputElement[]} */ ([...this.main.querySelectorAll("input:enabled, select:enabled, button:enabled")]);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    for (const one of open) one.disabled = true;
    try {
      await what(this.id, { ...this.options, sheets: sheets.length ? sheets : undefined });
      await this.show(await fetchImport(this.id));
    } catch (error) {
      for (const one of open) one.disabled = false;
      focused?.focus();
      toast(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} name */
  contractTitle(name) {
    return this.contracts.find((one) => one.name === name)?.title ?? name;
  }

  /** @param {string | null} contract @param {string} field */
  fieldTitle(contract, field) {
    return this.contracts.find((one) => one.name === contract)?.fields.find((/** @type {any} */ one) => one.name === field)?.title ?? field;
  }
}

/** @param {"bad" | "warn"} kind @param {string} title @param {string} [text] */
export const alert = (kind, title, text) =>
  h(`section.notice-box.notice-${kind}`, { role: "alert" }, icon("alert"), h("div", null, h("b", null, title), text ? h("p", null, text) : null));
