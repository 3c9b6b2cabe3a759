// The threshold of a detection: while the slider is dragged, the line moves and the rows above it
// are counted; the server is asked once it rests.
(function () {
  "use strict";
  const RESTS_MS = 400;
  let timer = 0;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    anomalies: {
      above: function (value, levels, graph, line, known) {
        if (!levels || !levels.length || value === undefined || value === null) return "";
        const at = Number(value);
        const level = levels[Math.max(0, Math.min(levels.length - 1, Math.round(at * 100)))];
        const moved = window.dash_clientside.callback_context.triggered.every((one) => one.prop_id.endsWith(".value"));
        const place = document.getElementById(graph);
        const plot = place && place.querySelector(".js-plotly-plot");
        if (moved && plot && plot.layout && (plot.layout.shapes || []).length) {
          window.Plotly.relayout(plot, { "shapes[0].x0": at, "shapes[0].x1": at });
        }
        clearTimeout(timer);
        if (moved) timer = setTimeout(() => window.dash_clientside.set_props(line, { data: at }), RESTS_MS);
        // At rest the slider stands at the nearest hundredth: what is flagged is counted exactly.
        const line_at = known && known.calibrated;
        if (line_at !== null && line_at !== undefined && Math.abs(line_at - at) < 0.005) {
          return known.flagged.toLocaleString("en") + " rows lie above " + line_at.toPrecision(4) + ", raw score " + Number(known.threshold).toPrecision(4) + ".";
        }
        return level[2].toLocaleString("en") + " rows lie above " + at.toFixed(2) + ", raw score " + Number(level[1]).toPrecision(4) + ".";
      },
    },
  });
})();
