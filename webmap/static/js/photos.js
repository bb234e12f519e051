// @ts-check
/** Photos of a place: small on its card, large in a window of their own, added from files. */
import { addPhoto, describePhoto, photoAddress, removePhoto } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { t } from "./i18n.js";
import { lookNow } from "./live.js";

const KINDS = "image/jpeg,image/png,image/webp";

/** @param {any} place answer of /api/places/{id} @param {() => any} show reads and shows the card anew @returns {Node | null} */
export function photoBlock(place, show) {
  const photos = place.photos ?? [];
  if (!photos.length && !place.may_write) return null;
  return h("details.block.photos", { open: true }, h("summary", null, h("h3", null, t("photo.title"))),
    photos.length ? h("ul.photo-strip", null, ...photos.map((/** @type {any} */ one, /** @type {number} */ at) =>
      h("li", null, h("button.photo-small", { type: "button", id: `photo-${one.photo_id}`, "aria-label": t("photo.open", { what: nameOf(one, at) }), onclick: () => openViewer(place, at, show) },
        h("img", { src: photoAddress(one.photo_id, "thumbnail"), alt: "", loading: "lazy" }))))) : null,
    place.may_write ? adder(place, show) : null);
}

/** @param {any} photo @param {number} at */
const nameOf = (photo, at) => photo.caption ?? photo.taken_on ?? String(at + 1);

/** @param {any} place @param {() => any} show */
function adder(place, show) {
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "file", id: "photo-files", accept: KINDS, multiple: true, hidden: true, "aria-label": t("photo.add"),
    onchange: () => void addAll(place, [...(input.files ?? [])], told, show) }));
  const told = h("p.hint", { role: "status" }, ...(refused.place_id === place.place_id ? refused.lines.map(mistaken) : []));
  return h("div.photo-add", null, input,
    h("button.btn.btn-sm", { type: "button", id: "photo-add", title: t("photo.kinds"), onclick: () => input.click() }, icon("plus"), t("photo.add")), told);
}

/** What could not be added last, and of which place: the card is drawn anew while it is read. @type {{place_id: number | null, lines: string[]}} */
let refused = { place_id: null, lines: [] };

const mistaken = (/** @type {string} */ line) => h("span.mistake", null, line);

/** One after the other; those that could not be added are named with the reason. @param {any} place @param {File[]} files @param {HTMLElement} told @param {() => any} show */
async function addAll(place, files, told, show) {
  refused = { place_id: place.place_id, lines: [] };
  const { lines } = refused;
  for (const [at, file] of files.entries()) {
    told.textContent = t("photo.adding", { at: at + 1, count: files.length });
    try {
      await addPhoto(place.place_id, file);
    } catch (error) {
      lines.push(`${file.name}${t("colon")}${/** @type {Error} */ (error).message}`);
    }
  }
  const added = files.length - lines.length;
  if (added) {
    await show();
    document.getElementById("photo-add")?.focus();
    await lookNow();
  }
  toast(added ? t("photo.added", { count: added }) : t("photo.none_added"));
  if (!added) told.replaceChildren(...lines.map(mistaken));
}

/** @param {any} place @param {number} start @param {() => any} show */
function openViewer(place, start, show) {
  const photos = place.photos;
  let at = start;
  const picture = /** @type {HTMLImageElement} */ (h("img.photo-large", { id: "photo-large" }));
  const said = h("div.photo-said");
  const step = (/** @type {number} */ by) => { at = (at + by + photos.length) % photos.length; draw(); };
  const window_ = /** @type {HTMLDialogElement} */ (h("dialog.photo-viewer", { id: "photo-viewer", "aria-label": t("photo.title"),
    onclose: () => { const last = photos[at]?.photo_id; window_.remove(); document.getElementById(`photo-${last}`)?.focus(); },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation(); // the map behind it has keys of its own
      if (/** @type {Element} */ (event.target).tagName === "INPUT") return;
      if (event.key === "ArrowRight") step(1);
      if (event.key === "ArrowLeft") step(-1);
    } },
    h("div.photo-bar", null, h("strong", null, place.name ?? place.code), h("span.faint", { id: "photo-at", "aria-live": "polite" }),
      photos.length > 1 ? tool("photo-back", "left", "photo.back", () => step(-1)) : null,
      photos.length > 1 ? tool("photo-next", "right", "photo.next", () => step(1)) : null,
      tool("photo-close", "close", "photo.close", () => window_.close())),
    picture, said));
  const draw = () => {
    const one = photos[at];
    picture.src = photoAddress(one.photo_id, "image");
    picture.alt = one.caption ?? t("photo.of", { name: place.name ?? place.code });
    /** @type {HTMLElement} */ (window_.querySelector("#photo-at")).textContent = `${at + 1} / ${photos.length}`;
    said.replaceChildren(...details(place, one, async () => { window_.close(); await show(); await lookNow(); }));
  };
  draw();
  document.body.append(window_);
  window_.showModal();
}

/** @param {any} place @param {any} one @param {() => Promise<void>} changed @returns {Node[]} */
function details(place, one, changed) {
  const facts = h("p.faint", null, [one.taken_on ? t("photo.taken", { day: one.taken_on }) : null,
    t("photo.added_by", { who: one.added_by ?? "–", day: String(one.added_at).slice(0, 10) })].filter(Boolean).join(" · "));
  const save = h("a.btn.btn-sm", { href: photoAddress(one.photo_id, "image"), download: `${place.code}-${one.photo_id}.jpg` }, icon("download"), t("photo.download"));
  if (!place.may_write) return [h("p", null, one.caption ?? ""), facts, save];
  const caption = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "photo-caption", maxlength: 200, value: one.caption ?? "", autocomplete: "off", placeholder: t("photo.caption"), "aria-label": t("photo.caption") }));
  const day = /** @type {HTMLInputElement} */ (h("input.form-control", { id: "photo-day", maxlength: 10, autocomplete: "off", value: one.taken_on ?? "", placeholder: t("photo.day_like"), "aria-label": t("photo.taken_on") }));
  const mistake = h("p.mistake", { id: "photo-problem", role: "alert" });
  const attempt = async (/** @type {() => Promise<any>} */ act) => {
    try {
      await act();
      await changed();
    } catch (error) {
      mistake.textContent = /** @type {Error} */ (error).message;
    }
  };
  return [facts, h("form.photo-form", { onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    void attempt(() => describePhoto(one.photo_id, { caption: caption.value, taken_on: day.value }));
  } }, caption, day, h("button.btn.btn-sm", { type: "submit", id: "photo-save" }, icon("save"), t("photo.save")), save, remover(() => attempt(() => removePhoto(one.photo_id)))), mistake];
}

/** Asked twice: the picture is gone for good. @param {() => Promise<void>} remove */
function remover(remove) {
  const button = h("button.btn.btn-sm", { type: "button", id: "photo-remove", onclick: () => {
    if (button.dataset.sure === "sent") return;
    if (button.dataset.sure) {
      button.dataset.sure = "sent";
      return void remove().finally(() => (button.dataset.sure = "yes"));
    }
    button.dataset.sure = "yes";
    button.textContent = t("photo.remove_sure");
  } }, t("photo.remove"));
  button.addEventListener("blur", () => { delete button.dataset.sure; button.textContent = t("photo.remove"); });
  return button;
}

/** @param {string} id @param {string} symbol @param {string} words @param {() => void} act */
const tool = (id, symbol, words, act) => h("button.btn.btn-sm", { type: "button", id, title: t(words), "aria-label": t(words), onclick: act }, icon(symbol));
