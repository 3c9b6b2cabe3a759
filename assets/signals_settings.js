/* The settings of the signals page: from the controls to the store and from the address to both.

   A setting that has its default is in neither the store nor the address. The control of a
   setting has the id "signals-" and its name, with hyphens. */
(() => {
  const PREFIX = "signals-";
  const SETTLE_MS = 250;
  /* A zoom of the frequencies holds among plots of the same lines. */
  const SAME_LINES = { spectrum: "lines", density: "lines", envelope: "envelope" };
  let settling = null;

  const noUpdate = () => window.dash_clientside.no_update;
  const context = () => window.dash_clientside.callback_context;
  const idOf = (name) => PREFIX + name.replaceAll("_", "-");
  const nameOf = (id) => id.slice(PREFIX.length).replaceAll("-", "_");
  /* A number field that was emptied holds no number, which JavaScript calls a number, NaN. */
  const blank = (value) =>
    value === null || value === undefined || value === "" || Number.isNaN(value);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  /* In the order of the schema, without what is usual. */
  function kept(values, schema) {
    const found = {};
    for (const name of Object.keys(schema)) {
      const value = values[name];
      if (!blank(value) && value !== schema[name].default) found[name] = value;
    }
    return found;
  }

  function parsed(text, form) {
    if (text === null || text === "") return null;
    if (form === "number") return Number.isFinite(Number(text)) ? Number(text) : null;
    if (form === "switch") return text === "true";
    return text;
  }

  function show(name, value) {
    if (document.getElementById(idOf(name))) {
      window.dash_clientside.set_props(idOf(name), { value: value });
    }
  }

  function pictureOf(id) {
    return document.querySelector(`#${id} .js-plotly-plot`);
  }

  /* What a drag, a wheel or a double click chose: two numbers, two nulls, undefined for others. */
  function spanOf(event) {
    if (!event) return undefined;
    if (event["xaxis.autorange"]) return [null, null];
    const range = event["xaxis.range"] || [event["xaxis.range[0]"], event["xaxis.range[1]"]];
    return range[0] === undefined || range[1] === undefined ? undefined : range.map(Number);
  }

  /* In hertz; a double click shows the usual part, and all where the usual is shown already. */
  function zoomOf(span, about, settings) {
    if (span[0] !== null) {
      const [low, high] = span.map((value) => value / about.x_factor);
      const whole = about.whole_hz;
      const inside = [Math.max(low, 0), Math.min(high, whole)];
      return inside[0] < inside[1] ? inside.map((value) => Number(value.toPrecision(7))) : undefined;
    }
    const zoomed = !blank(settings.zoom_low) || !blank(settings.zoom_high);
    return zoomed || about.usual_hz >= about.whole_hz ? [null, null] : [0, about.whole_hz];
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    signals_settings: {
      /* From the controls of a panel to the store; those of other panels stay. */
      gather(...given) {
        const [settings, schema] = given.slice(-2);
        const values = Object.assign({}, settings);
        for (const one of context().inputs_list) values[nameOf(one.id)] = one.value;
        const next = kept(values, schema);
        return same(next, settings) ? noUpdate() : next;
      },

      /* After a step back or forward: from the address to the controls and the store. */
      restore(view, schema, settings) {
        if (!view || view.query === undefined) return noUpdate();
        const query = new URLSearchParams(view.query);
        const values = {};
        for (const name of Object.keys(schema)) {
          values[name] = parsed(query.get(name), schema[name].form);
          show(name, blank(values[name]) ? schema[name].default : values[name]);
        }
        const next = kept(values, schema);
        return same(next, settings) ? noUpdate() : next;
      },

      /* What the server draws by, and what is done to the samples. Another kind of plot begins without a zoom. */
      picture(kind, settings, schema, drawn, processed) {
        const next = {}, samples = {};
        for (const name of Object.keys(settings)) {
          if (schema[name].redraws) next[name] = settings[name];
          if (schema[name].processes) samples[name] = settings[name];
        }
        const before = drawn.settings;
        const zoomStays =
          before.zoom_low === next.zoom_low && before.zoom_high === next.zoom_high;
        const others = kind !== drawn.kind && SAME_LINES[kind] !== SAME_LINES[drawn.kind];
        if (others && zoomStays && (!blank(next.zoom_low) || !blank(next.zoom_high))) {
          delete next.zoom_low;
          delete next.zoom_high;
          show("zoom_low", null);
          show("zoom_high", null);
        }
        const changed = { kind: kind, settings: next };
        return [
          same(changed, drawn) ? noUpdate() : changed,
          same(samples, processed) ? noUpdate() : samples];
      },

      /* A zoom by hand sets the fields of the zoom when it has come to rest. */
      zoom(event, settings) {
        const graph = pictureOf("signals-plot");
        const about = graph && graph.layout.meta;
        const span = spanOf(event);
        if (!about || !about.whole_hz || span === undefined) return;
        window.clearTimeout(settling);
        settling = window.setTimeout(() => {
          // Forgotten, or a second double click, which says the same, would not be heard.
          window.dash_clientside.set_props("signals-plot", { relayoutData: null });
          const zoom = zoomOf(span, about, settings);
          if (zoom === undefined) return;
          show("zoom_low", zoom[0]);
          show("zoom_high", zoom[1]);
        }, SETTLE_MS);
      },

      /* What is usual, for the controls of a panel. */
      reset(clicks, schema) {
        const outputs = context().outputs_list;
        return outputs.map((one) => (clicks ? schema[nameOf(one.id)].default : noUpdate()));
      },

      /* The fields of the edges that the filter has. */
      edges(kind) {
        return [!["high", "band", "stop"].includes(kind), !["low", "band", "stop"].includes(kind)];
      },
    },
  });
})();
