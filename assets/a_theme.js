// The theme: system, light or dark. Set before anything is drawn, so that nothing flickers.
(function () {
  "use strict";
  const KEY = "rotorscope-theme";
  const ORDER = ["system", "light", "dark"];
  const ICONS = { system: "circle-half", light: "sun", dark: "moon-stars" };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      const kept = localStorage.getItem(KEY);
      return ORDER.includes(kept) ? kept : "system";
    } catch (error) {
      return "system"; // storage may be forbidden
    }
  }

  function apply() {
    const choice = chosen();
    const theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    document.documentElement.setAttribute("data-bs-theme", theme);
    document.documentElement.setAttribute("data-ag-theme-mode", theme);
    const button = document.getElementById("shell-theme");
    if (button) {
      button.querySelector("i").className = "bi bi-" + ICONS[choice];
      button.setAttribute("aria-label", "Theme: " + choice + ". Press to change");
      button.title = "Theme: " + choice;
    }
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("#shell-theme")) return;
    const next = ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length];
    try {
      localStorage.setItem(KEY, next);
    } catch (error) {
      document.documentElement.setAttribute("data-bs-theme", next === "dark" ? "dark" : "light");
    }
    apply();
  });
  dark.addEventListener("change", apply);
  apply();
  // The button is drawn later, by Dash.
  new MutationObserver(function (_records, observer) {
    if (!document.getElementById("shell-theme")) return;
    apply();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
})();
