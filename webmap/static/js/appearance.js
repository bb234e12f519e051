// @ts-check
/** Light or dark, before anything is painted: as chosen here, else as the machine is set. */
(() => {
  const KEY = "onemap.appearance";
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const show = () => {
    const isDark = (chosen() ?? (prefers.matches ? "dark" : "light")) === "dark";
    document.documentElement.dataset.bsTheme = isDark ? "dark" : "light";
    document.getElementById("appearance")?.setAttribute("aria-pressed", String(isDark));
  };
  show();
  prefers.addEventListener("change", show);
  addEventListener("storage", show);
  addEventListener("DOMContentLoaded", () => {
    show();
    document.getElementById("appearance")?.addEventListener("click", () => {
      const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      // Who chooses what the machine says anyway follows it again.
      try {
        if ((next === "dark") === prefers.matches) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, next);
      } catch { document.documentElement.dataset.bsTheme = next; return; }
      show();
    });
  });
})();
