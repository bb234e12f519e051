// @ts-check
/** How much waits for the reader, beside the link in the head of the page. */
const link = document.getElementById("to-todo");
const box = link?.querySelector(".top-count");

async function count() {
  if (!(link instanceof HTMLElement) || !(box instanceof HTMLElement)) return;
  const answer = await fetch("/api/todo");
  // Who is not signed in, or has to choose a password first, has no list.
  if (!answer.ok) return;
  const { total, overdue } = await answer.json();
  box.textContent = total > 99 ? "99+" : String(total);
  box.hidden = total === 0;
  box.classList.toggle("overdue", overdue > 0);
}
// The page itself goes first.
if (document.readyState === "complete") count();
else window.addEventListener("load", count, { once: true });
