/* The explain page in the browser: the address says what is shown, and links to it are followed. */
(() => {
  const NAMED = "*"; // in place of a class: the one that the classifier names
  const PATH = /\/explain\/?$/;
  let written = null;

  function viewOf(search) {
    const query = new URLSearchParams(search);
    const whole = (name) => (/^\d{1,9}$/.test(query.get(name) || "") ? Number(query.get(name)) : null);
    return {
      experiment: whole("experiment"),
      recording: whole("recording"),
      methods: (query.get("methods") || "").split(",").filter(Boolean),
      more: (query.get("more") || "").split(",").filter((part) => /^\d{1,9}$/.test(part)).map(Number),
      class: query.get("class") || null,
      window: whole("window"),
    };
  }

  /* Back, forward, and links to this page: Dash builds the page anew only when it notices. */
  function follow() {
    const here = PATH.test(window.location.pathname) && document.getElementById("explain-experiment");
    if (!here || window.location.search === written) return;
    written = window.location.search;
    const view = { ...viewOf(written), stamp: Date.now() };
    window.dash_clientside.set_props("explain-view", { data: view });
  }
  window.addEventListener("popstate", follow);
  window.addEventListener("_dashprivate_pushstate", follow);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    explain: {
      remember(experiment, recording, target, shown, methods, more) {
        const same = shown && shown.key.asked === target && String(shown.key.recording) === recording;
        const values = { experiment, recording, window: same ? shown.window : null };
        values.class = target === NAMED ? null : target;
        values.more = (more || []).join(",") || null;
        values.methods = (methods || []).join(",") || null;
        window.rotorscope.setQuery(values, false);
        written = window.location.search;
        return window.dash_clientside.no_update;
      },
    },
  });
})();
