// @ts-check
/** Parts of a page that are put in anew, as the server says them now. */

/** A page that asks by itself keeps no session alive. */
const HEADERS = { Accept: "text/html", "Onemap-Unattended": "1" };

/** The page as it is now; null: signed out, refused, or no network, so that what is shown stays. @returns {Promise<Document | null>} */
export async function pageNow() {
  const answer = await fetch(window.location.href, { headers: HEADERS }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Fill a part with another's content; whoever stands in a link of it stays there. @param {Element} shown @param {Element} now */
export function putAnew(shown, now) {
  const focused = shown.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  const left = shown.querySelector(".scroll")?.scrollLeft ?? 0;
  shown.replaceChildren(...now.childNodes);
  const scroll = shown.querySelector(".scroll");
  if (scroll) scroll.scrollLeft = left;
  if (focused) /** @type {HTMLElement | null} */ (shown.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
}
