/* The evaluation page in the browser: the address says what is shown; figures become files. */
(() => {
  const PATH = /\/evaluation\/?$/;
  let written = null;

  function viewOf(search) {
    const query = new URLSearchParams(search);
    const whole = (text) => (/^\d{1,9}$/.test(text || "") ? Number(text) : null);
    return {
      experiment: whole(query.get("experiment")),
      asked: query.get("experiment") || "",
      with: (query.get("with") || "").split(",").map(whole).filter((one) => one !== null),
      class: query.get("class") || "*",
    };
  }

  /* Back, forward, and links to this page: Dash builds the page anew only when it notices. */
  function follow() {
    const here = PATH.test(window.location.pathname) && document.getElementById("evaluation-of");
    if (!here || window.location.search === written) return;
    written = window.location.search;
    const query = new URLSearchParams(written);
    const set = window.dash_clientside.set_props;
    if (query.get("part")) set("evaluation-part", { value: query.get("part") });
    if (query.get("level")) set("evaluation-counted", { value: query.get("level") });
    set("evaluation-view", { data: { ...viewOf(written), stamp: Date.now() } });
  }
  window.addEventListener("popstate", follow);
  window.addEventListener("_dashprivate_pushstate", follow);

  /* Dark on white, whatever the theme: the colours of the page come from its style sheet. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-picture]");
    if (!button) return;
    const holder = button.closest(".evaluation-graph");
    if (holder) save(holder, button.dataset.picture);
  });

  /* Whoever clicks before the figure is drawn gets it when it is. */
  function save(holder, format) {
    const graph = holder.querySelector(".js-plotly-plot");
    if (!graph || !graph.querySelector(".main-svg") || !window.Plotly) {
      if (holder.isConnected) window.setTimeout(() => save(holder, format), 100);
      return;
    }
    window.Plotly.downloadImage(graph, {
      format,
      filename: holder.dataset.name,
      width: Math.max(640, graph.offsetWidth),
      height: Math.max(360, graph.offsetHeight),
      scale: 2,
    });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    evaluation: {
      remember(of, part, level, line, others) {
        const compared = part === "architectures" && others ? others.join(",") : null;
        const chosen = part === "curves" && line !== "*" ? line : null;
        if (of) {
          const counted = part === "architectures" ? null : level;
          const values = { experiment: of, part, level: counted, class: chosen, with: compared };
          window.rotorscope.setQuery(values, false);
          written = window.location.search;
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
