// @ts-check
/** The register of certificates shows what others issue, change or cancel, without a click. */
import { startLive } from "../live.js";
import { pageNow, putAnew } from "../parts.js";

const ID = "register";
let asked = 0;

/** The list as it is now, in the place of the one shown. */
async function renew() {
  const mine = ++asked;
  const now = (await pageNow())?.getElementById(ID);
  const shown = document.getElementById(ID);
  if (mine !== asked || !now || !shown || now.innerHTML === shown.innerHTML) return;
  putAnew(shown, now);
}

startLive(() => void renew());
document.documentElement.dataset.register = "";
