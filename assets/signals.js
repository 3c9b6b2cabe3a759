/* The signals page in the browser: which time is shown, and the address that says so.

   The address is written here and not by dcc.Location, since its search would make Dash build
   the page anew at each zoom. */
(() => {
  const SETTLE_MS = 250;
  const PATH = /\/signals\/?$/;
  let settling = null;
  let written = null;
  let following = false;
  let told = null;

  const noUpdate = () => window.dash_clientside.no_update;
  const triggered = () =>
    window.dash_clientside.callback_context.triggered.map((one) => one.prop_id);

  /* Start and stop of a relayout event: numbers, two nulls for all, undefined for other events. */
  function spanOf(event) {
    if (!event) return undefined;
    if (event["xaxis.autorange"]) return [null, null];
    const range = event["xaxis.range"];
    const start = range ? range[0] : event["xaxis.range[0]"];
    const stop = range ? range[1] : event["xaxis.range[1]"];
    return start === undefined || stop === undefined ? undefined : [Number(start), Number(stop)];
  }

  /* A number field that was emptied holds no number, which JavaScript calls a number, NaN. */
  const blank = (value) =>
    value === null || value === undefined || value === "" || Number.isNaN(value);

  function rounded(value) {
    return blank(value) ? null : Number(Number(value).toPrecision(9));
  }

  /* A time within the recording: an end beyond it is its end. All of it, two nulls, where the
     time covers it; undefined where nothing of it is left. */
  function within(span, length) {
    const clamp = (value) => (blank(value) ? null : Math.min(Math.max(value, 0), length));
    const start = clamp(span.start);
    const stop = clamp(span.stop);
    if ((start === null ? 0 : start) >= (stop === null ? length : stop)) return undefined;
    // A zoom over more than all of it is no zoom.
    const all = !start && (stop === null || stop === length) && beyond(span, length);
    return all ? { start: null, stop: null } : { start, stop };
  }

  const beyond = (span, length) => span.start < 0 || span.stop > length;

  const lasts = (length) => `The recording lasts ${Number(length.toPrecision(6))} s`;

  /* What was typed, where it leaves nothing: the end that was typed first gives way. */
  function typed(wanted, length) {
    const other = triggered().includes("signals-start.value") ? "stop" : "start";
    return within(wanted, length) || within({ ...wanted, [other]: null }, length);
  }

  function fields(shown) {
    window.dash_clientside.set_props("signals-start", { value: rounded(shown.start) });
    window.dash_clientside.set_props("signals-stop", { value: rounded(shown.stop) });
  }

  const ALL = { start: null, stop: null };

  function viewOf(search) {
    const query = new URLSearchParams(search);
    const number = (name) => {
      const text = query.get(name);
      return text === null || text === "" || Number.isNaN(Number(text)) ? null : Number(text);
    };
    const names = ["dataset", "recording", "channel", "start", "stop"];
    const view = Object.fromEntries(names.map((name) => [name, number(name)]));
    return { ...view, plot: query.get("plot"), query: search };
  }

  /* Back, forward, and links to this page: Dash builds the page anew only when it notices. */
  function follow() {
    const here = PATH.test(window.location.pathname) && document.getElementById("signals-waveform");
    if (!here || window.location.search === written) return;
    written = window.location.search;
    following = true;
    const view = viewOf(written);
    const set = window.dash_clientside.set_props;
    set("signals-kind", { value: view.plot || "spectrum" });
    set("signals-view", { data: { ...view, stamp: Date.now() } });
  }
  window.addEventListener("popstate", follow);
  window.addEventListener("_dashprivate_pushstate", follow);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    signals: {
      /* What to draw anew: another recording whole, another channel in the same time. */
      aim(recording, channel, view, shown, length) {
        if (!recording || channel === null || channel === undefined) return noUpdate();
        const addressed = !shown || triggered().includes("signals-view.data");
        const target = { recording: Number(recording), channel: Number(channel), stamp: Date.now() };
        let from = null;
        if (addressed && [null, target.recording].includes(view.recording)) from = view;
        else if (shown && shown.recording === target.recording) from = shown;
        const wanted = from ? { start: from.start, stop: from.stop } : ALL;
        const span = within(wanted, length);
        if (!span) {
          const text = `${lasts(length)}: nothing of it lies in the time of the address. All is shown.`;
          window.rotorscope.toast({ level: "warning", text });
        }
        return { ...target, ...(span || ALL), addressed };
      },

      /* The time that is typed, or all of it. */
      choose(start, stop, whole, shown, length) {
        if (!shown) return noUpdate();
        const all = triggered().includes("signals-whole.n_clicks");
        const number = (value) => (all || blank(value) ? null : Number(value));
        const given = { start: number(start), stop: number(stop) };
        const same = given.start === rounded(shown.start) && given.stop === rounded(shown.stop);
        if (same && !all) return noUpdate();
        const wanted = typed(given, length);
        const moved = wanted && (wanted.start !== shown.start || wanted.stop !== shown.stop);
        if (!wanted) {
          const text = `${lasts(length)}. Type a time within it.`;
          window.rotorscope.toast({ level: "warning", text });
        }
        if (!moved && !all) {
          fields(shown);
          return noUpdate();
        }
        return { ...shown, ...wanted, stamp: Date.now(), addressed: false };
      },

      /* What is drawn anew is shown at once, a zoom when it has come to rest. */
      show(target, event, length) {
        window.clearTimeout(settling);
        if (!target) return noUpdate();
        const asked = triggered();
        const drawn = asked.includes("signals-target.data");
        if (drawn || !asked.includes("signals-waveform.relayoutData")) return target;
        const span = spanOf(event);
        if (span === undefined) return noUpdate();
        settling = window.setTimeout(() => {
          const zoomed = within({ start: span[0], stop: span[1] }, length) || ALL;
          const data = { ...target, ...zoomed, stamp: Date.now(), addressed: false };
          window.dash_clientside.set_props("signals-shown", { data });
        }, SETTLE_MS);
        return noUpdate();
      },

      /* The fields say which time is shown. */
      tell(shown) {
        if (!shown) return [noUpdate(), noUpdate()];
        return [rounded(shown.start), rounded(shown.stop)];
      },

      /* The address names what is shown. Each choice of the person is a step to go back to;
         what came from the address is not, or back would lead here again, and a cursor that
         moves is none either. */
      write(shown, kind, settings, dataset, schema) {
        if (!shown || !PATH.test(window.location.pathname)) return;
        const moved = triggered().includes("signals-shown.data");
        if (following && !moved) return; // the fields are ahead of what is shown
        following = false;
        const names = {
          dataset: dataset,
          recording: shown.recording,
          channel: shown.channel,
          plot: kind,
          start: rounded(shown.start),
          stop: rounded(shown.stop),
        };
        const steps = { ...names };
        for (const name of Object.keys(schema)) {
          const value = settings[name] === undefined ? null : settings[name];
          names[name] = value;
          if (schema[name].is_step) steps[name] = value;
        }
        const arrived = moved && shown.addressed;
        const step = JSON.stringify(steps) !== told;
        window.rotorscope.setQuery(names, step && !arrived);
        told = JSON.stringify(steps);
        written = window.location.search;
      },

      /* The recording before or after this one. */
      step(previous, next, options, value) {
        const places = (options || []).map((option) => String(option.value));
        const at = places.indexOf(String(value));
        const to = at + (triggered().includes("signals-next.n_clicks") ? 1 : -1);
        return at < 0 || to < 0 || to >= places.length ? noUpdate() : places[to];
      },
    },
  });
})();
