// @ts-check
/** Handing in the plan of a floor. */
import { h } from "../dom.js";
import { say, send } from "./api.js";

/** @param {HTMLElement} main */
export function handIn(main) {
  const { building, level, most } = main.dataset;
  const note = h("p.hint", { role: "status", id: "note" }, say("hand_in_hint", { most }));
  const button = /** @type {HTMLButtonElement} */ (h("button.btn.btn-primary", { type: "submit", id: "send" }, say("send")));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
    button.disabled = true;
    try {
      const sent = await send(given, (percent) => (note.textContent = say("sending", { percent })));
      location.assign(`/plans/${sent.upload_id}`);
    } catch (error) {
      note.replaceChildren(h("span.refused", { role: "alert" }, /** @type {Error} */ (error).message));
      button.disabled = false;
    }
  };
  const field = (/** @type {string} */ name, /** @type {Record<string, any>} */ props) => h("label", { for: `new-${name}` }, say(`field.${name}`), h("input.form-control", { id: `new-${name}`, name, required: true, ...props }));
  main.replaceChildren(h("div.page-head", null, h("h1", null, say("new"))),
    h("section.card-box", null, h("form.plan-form", { onsubmit: submit },
      field("building", { value: building ?? "", maxlength: 200 }), field("level", { type: "number", step: 1, min: -99, max: 999, value: level ?? "" }),
      field("file", { type: "file", accept: ".dxf,.dwg,.gpkg,.geojson,.json" }), button, note)));
}
