/* The compare page in the browser: the address says what is compared, and links to it are followed. */
(() => {
  const PATH = /\/compare\/?$/;
  let written = null;

  function viewOf(search) {
    const query = new URLSearchParams(search);
    const numbers = (query.get("experiments") || "").split(",").filter((one) => /^\d{1,9}$/.test(one));
    return { experiments: [...new Set(numbers.map(Number))], windows: query.get("windows") === "1" };
  }

  /* Back, forward, and links to this page: Dash builds the page anew only when it notices. */
  function follow() {
    const here = PATH.test(window.location.pathname) && document.getElementById("compare-chooser");
    if (!here || window.location.search === written) return;
    written = window.location.search;
    window.dash_clientside.set_props("compare-view", { data: { ...viewOf(written), stamp: Date.now() } });
  }
  window.addEventListener("popstate", follow);
  window.addEventListener("_dashprivate_pushstate", follow);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    compare: {
      remember(chosen, windows) {
        /* Written by hand, so that the commas stay readable in a link. */
        const parts = [];
        if (chosen && chosen.length) parts.push(`experiments=${chosen.join(",")}`);
        if (windows) parts.push("windows=1");
        const query = parts.length ? `?${parts.join("&")}` : "";
        if (PATH.test(window.location.pathname) && query !== window.location.search) {
          window.history.replaceState(window.history.state, "", window.location.pathname + query);
        }
        written = window.location.search;
        return window.dash_clientside.no_update;
      },
    },
  });
})();
