/* A click on a window of the map opens it on the signals page, as a link would. */
(() => {
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    features: {
      open(event, figure) {
        const about = figure && figure.layout.meta;
        const point = event && event.points && event.points[0];
        if (!about || !point || !point.customdata || !point.customdata[0]) return;
        const [recording, start, stop] = point.customdata;
        const query = new URLSearchParams({
          dataset: about.dataset, recording: recording, channel: about.channel });
        if (start !== null) query.set("start", start);
        if (stop !== null) query.set("stop", stop);
        window.history.pushState({}, "", `${about.path}?${query}`);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
      },
    },
  });
})();
