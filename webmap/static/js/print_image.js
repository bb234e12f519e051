// @ts-check
/**
 * A sheet as an image: what the browser laid out is painted once more, element by element, so that the picture says exactly
 * what the sheet says. It knows what sheets are made of: grounds, even borders, lines of text, canvases.
 */

/** @param {HTMLElement} sheet @param {number} sharpness dots to a CSS pixel @returns {Promise<Blob>} a PNG */
export function paintSheet(sheet, sharpness) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(sheet.offsetWidth * sharpness);
  canvas.height = Math.round(sheet.offsetHeight * sharpness);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const whole = sheet.getBoundingClientRect();
  // The sheet may be shown smaller than it is.
  const by = (sheet.offsetWidth / whole.width) * sharpness;
  const place = (/** @type {DOMRect} */ box) => ({ x: (box.left - whole.left) * by, y: (box.top - whole.top) * by, width: box.width * by, height: box.height * by });
  paint(sheet, { pen, place, sharpness });
  return new Promise((done, fail) => canvas.toBlob((image) => (image ? done(image) : fail(new Error("PNG"))), "image/png"));
}

/** @typedef {{pen: CanvasRenderingContext2D, place: (box: DOMRect) => {x: number, y: number, width: number, height: number}, sharpness: number}} Desk */

/** @param {HTMLElement} element @param {Desk} desk */
function paint(element, desk) {
  const look = getComputedStyle(element);
  if (look.display === "none" || look.visibility === "hidden") return;
  const { pen, place } = desk;
  const { x, y, width, height } = place(element.getBoundingClientRect());
  pen.save();
  pen.globalAlpha *= Number(look.opacity);
  const round = Math.min(parseFloat(look.borderTopLeftRadius) * desk.sharpness || 0, width / 2);
  if (look.borderTopLeftRadius === "50%") shape(pen, x, y, width, height, width / 2);
  else shape(pen, x, y, width, height, round);
  if (look.backgroundColor !== "rgba(0, 0, 0, 0)") {
    pen.fillStyle = look.backgroundColor;
    pen.fill();
  }
  if (look.overflow !== "visible") pen.clip();
  if (element instanceof HTMLCanvasElement) {
    if (element.width && element.height) pen.drawImage(element, x, y, width, height);
  }
  for (const node of element.childNodes) {
    if (node instanceof HTMLElement) paint(node, desk);
    else if (node instanceof Text) write(node, look, desk);
  }
  edge(look, { x, y, width, height }, desk);
  pen.restore();
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} width @param {number} height @param {number} round */
function shape(pen, x, y, width, height, round) {
  pen.beginPath();
  pen.roundRect(x, y, width, height, round);
}

/** @param {CSSStyleDeclaration} look @param {{x: number, y: number, width: number, height: number}} box @param {Desk} desk */
function edge(look, { x, y, width, height }, { pen, sharpness }) {
  const thick = parseFloat(look.borderTopWidth) * sharpness;
  if (!thick || look.borderTopStyle === "none") return;
  pen.strokeStyle = look.borderTopColor;
  pen.lineWidth = thick;
  pen.strokeRect(x + thick / 2, y + thick / 2, width - thick, height - thick);
}

/** A text as it is broken into lines. @param {Text} node @param {CSSStyleDeclaration} look @param {Desk} desk */
function write(node, look, { pen, place, sharpness }) {
  const text = node.data;
  if (!text.trim()) return;
  pen.font = `${look.fontWeight} ${parseFloat(look.fontSize) * sharpness}px ${look.fontFamily}`;
  pen.fillStyle = look.color;
  pen.textBaseline = "middle";
  const range = document.createRange();
  /** @type {{text: string, box: DOMRect} | null} */
  let line = null;
  const put = () => {
    if (!line) return;
    const { x, y, height } = place(line.box);
    pen.fillText(line.text, x, y + height / 2);
  };
  let at = 0;
  for (const letter of text) {
    range.setStart(node, at);
    at += letter.length;
    range.setEnd(node, at);
    const box = range.getClientRects()[0];
    if (!box) continue;
    if (line && Math.abs(box.top - line.box.top) < 1) line.text += letter;
    else {
      put();
      line = { text: letter, box };
    }
  }
  put();
}
