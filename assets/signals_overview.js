/* The signals page: recordings beside the shown one, and all of its channel. */
(() => {
  const PATH = /\/signals\/?$/;
  const noUpdate = () => window.dash_clientside.no_update;

  /* Which recording a click means: the figure says how to find it. */
  function clicked(point, about, figure) {
    if (about.by === "point") return point.customdata;
    if (about.by === "curve") return about.ids[point.curveNumber];
    return about.ids[figure.data[0].y.indexOf(point.y)];
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    signals_overview: {
      /* The names that are chosen become the setting. */
      choose(value, chosen) {
        const text = (value || []).join(",");
        if (text === (chosen || "")) return;
        window.dash_clientside.set_props("signals-with", { value: text });
      },

      /* What does not change while one looks at another time. */
      channel(shown, before) {
        if (!shown) return noUpdate();
        const next = { recording: shown.recording, channel: shown.channel };
        const same =
          before && before.recording === next.recording && before.channel === next.channel;
        return same ? noUpdate() : next;
      },

      /* A click on a recording opens it, as a link would: back leads to this one again. */
      open(event, figure) {
        const about = figure && figure.layout.meta;
        if (!event || !about || !PATH.test(window.location.pathname)) return;
        const recording = clicked(event.points[0], about, figure);
        const query = new URLSearchParams(window.location.search);
        if (!recording || query.get("recording") === String(recording)) return;
        window.rotorscope.setQuery({ recording: recording, start: null, stop: null }, true);
        window.dispatchEvent(new PopStateEvent("popstate"));
      },
    },
  });
})();
