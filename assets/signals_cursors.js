/* Over the plots of the signals page: the lines of a bearing and of the shaft, and cursors.

   Both are drawn here, so that moving a cursor asks the server for nothing, and are shapes and
   annotations of the figure, so that a saved picture has them too. What the cursor reads is
   taken from the drawn curve at once and confirmed by the server when the cursor rests. */
(() => {
  const SETTLE_MS = 300;
  const WAIT_MS = 100;
  const CLICK_PX = 4;
  const SNAP_PX = 4;
  const LABEL_PX = 17;
  const LABEL_ROWS = 3;
  const LABEL_COLUMNS = 4;
  const COLUMN_PX = 70;
  const FARTHEST = 0.05;
  const NAME = "overlay";
  /* Which axis counts frequencies. */
  const OVER = { spectrum: "x", density: "x", envelope: "x", spectrogram: "y", scalogram: "y" };
  /* Told apart by dashes and labels as well as by colour, on light and on dark. The same are
     in signals.css. */
  const STYLES = {
    BPFO: ["#D55E00", "solid"],
    BPFI: ["#009E73", "dash"],
    BSF: ["#CC79A7", "dot"],
    FTF: ["#C27C00", "dashdot"],
    shaft: ["#7D8790", "longdash"],
  };
  const CURSOR = "#7A5CD6";
  const UNITS = { hz: "Hz", cpm: "CPM", orders: "Hz" };

  let overlay = { lines: [], also: [], shaft_hz: 0 };
  let state = { cursor: "none", at: null, spacing: null, count: 5 };
  let exact = { key: "", rows: [] };
  let hooked = new WeakMap();
  let serials = new WeakMap();
  let serial = 0;
  let asked = "";
  let pressed = null;
  let frame = null;
  let writing = null;
  /* What was moved here and stands in no field yet. */
  const unwritten = new Set();
  let resting = null;
  let pen = null;

  const setProps = (id, props) => {
    if (document.getElementById(id)) window.dash_clientside.set_props(id, props);
  };
  /* A store is on the page as long as the plot is, but no element of the document. */
  const setStore = (id, data) => {
    if (graph()) window.dash_clientside.set_props(id, { data: data });
  };
  const blank = (value) => value === null || value === undefined || value === "";
  const rounded = (value) => Number(value.toPrecision(9));
  const short = (value, digits) => String(Number(value.toPrecision(digits))).replace("-", "−");
  const element = (type, props) => ({ namespace: "dash_html_components", type, props });

  const graph = () => document.querySelector("#signals-plot .js-plotly-plot");

  /* The axis of frequencies of the plot that is shown, or null where it has none. */
  function scaleOf(plot) {
    const about = plot.layout && plot.layout.meta;
    const letter = about && OVER[about.kind];
    const axis = letter && plot._fullLayout && plot._fullLayout[`${letter}axis`];
    if (!axis || !plot._fullData.length) return null;
    const factor = about.x_factor;
    return {
      letter: letter,
      axis: axis,
      factor: factor,
      about: about,
      toPixel: (hz) => axis.d2p(hz * factor),
      toHz: (pixel) => axis.p2d(pixel) / factor,
      isShown: (hz) => {
        const pixel = hz > 0 || axis.type !== "log" ? axis.d2p(hz * factor) : -1;
        return pixel >= -0.5 && pixel <= axis._length + 0.5;
      },
    };
  }

  /* -- what is drawn */

  function widthOf(text) {
    pen = pen || document.createElement("canvas").getContext("2d");
    pen.font = "11px system-ui, sans-serif";
    return pen.measureText(text).width + 6;
  }

  function lineAt(scale, hz, colour, dash, width) {
    const value = hz * scale.factor;
    const across = scale.letter === "x" ? "y" : "x";
    return {
      name: NAME,
      type: "line",
      // A curve stays in sight, a picture would hide them.
      layer: scale.letter === "x" && colour !== CURSOR ? "below" : "above",
      [`${scale.letter}ref`]: scale.letter,
      [`${across}ref`]: `${across} domain`,
      [`${scale.letter}0`]: value,
      [`${scale.letter}1`]: value,
      [`${across}0`]: 0,
      [`${across}1`]: 1,
      opacity: 0.9,
      line: { color: colour, dash: dash, width: width },
    };
  }

  function bandOf(scale, line) {
    const across = scale.letter === "x" ? "y" : "x";
    return {
      name: NAME,
      type: "rect",
      layer: scale.letter === "x" ? "below" : "above",
      [`${scale.letter}ref`]: scale.letter,
      [`${across}ref`]: `${across} domain`,
      [`${scale.letter}0`]: line.low_hz * scale.factor,
      [`${scale.letter}1`]: line.high_hz * scale.factor,
      [`${across}0`]: 0,
      [`${across}1`]: 1,
      fillcolor: STYLES[line.kind][0],
      opacity: 0.18,
      line: { width: 0 },
    };
  }

  /* So far a label moves to stay within the plot: beyond its ends stand the ticks. */
  function inward(scale, middle, half) {
    return Math.max(0, half - middle) - Math.max(0, middle + half - scale.axis._length);
  }

  function labelAt(scale, hz, text, row, atEnd, shift) {
    const value = hz * scale.factor;
    const along = scale.axis.type === "log" ? Math.log10(value) : value;
    const common = {
      name: NAME,
      text: text,
      showarrow: false,
      borderpad: 1,
      bgcolor: "#FFFFFF",
      font: { size: 11 },
    };
    if (scale.letter === "x") {
      return {
        ...common,
        xref: "x",
        x: along,
        xanchor: "center",
        xshift: shift,
        yref: "y domain",
        y: atEnd ? 1 : 0,
        yanchor: atEnd ? "top" : "bottom",
        yshift: atEnd ? -row * LABEL_PX : row * LABEL_PX,
      };
    }
    return {
      ...common,
      yref: "y",
      y: along,
      yanchor: "middle",
      xref: "x domain",
      x: atEnd ? 1 : 0,
      xanchor: atEnd ? "right" : "left",
      xshift: (atEnd ? -1 : 1) * (2 + row * COLUMN_PX),
    };
  }

  /* Labels by their importance, each in the first row (over pictures: column) in which it
     covers no other; one that finds no room is left out until somebody zooms in. */
  function labelled(scale, wanted, rows, atEnd) {
    const isAcross = scale.letter === "x";
    const taken = Array.from({ length: rows }, () => []);
    const placed = [];
    for (const one of wanted) {
      const width = widthOf(one.text);
      if (!isAcross && width > COLUMN_PX) continue;
      const half = isAcross ? width / 2 : LABEL_PX / 2;
      const place = scale.toPixel(one.hz);
      const shift = isAcross ? inward(scale, place, half) : 0;
      const middle = place + shift;
      const row = taken.findIndex((spans) =>
        spans.every(([low, high]) => middle + half < low || middle - half > high),
      );
      if (row < 0) continue;
      taken[row].push([middle - half, middle + half]);
      placed.push(labelAt(scale, one.hz, one.text, row, atEnd, shift));
    }
    return placed;
  }

  const labelOf = (line) => line.name.replace(/^1×/, "");

  function overlayOn(scale) {
    const lines = overlay.lines.filter((line) => scale.isShown(line.frequency_hz));
    const shapes = [];
    for (const line of lines) {
      const [colour, dash] = STYLES[line.kind];
      if (!line.sideband && (scale.axis.type !== "log" || line.low_hz > 0)) {
        shapes.push(bandOf(scale, line));
      }
      shapes.push(lineAt(scale, line.frequency_hz, colour, dash, line.sideband ? 0.75 : 1.25));
    }
    const first = (line) => (line.sideband ? 100 : 0) + line.harmonic + (line.kind === "shaft" ? 0.5 : 0);
    const wanted = lines
      .slice()
      .sort((one, other) => first(one) - first(other))
      .map((line) => ({ hz: line.frequency_hz, text: labelOf(line) }));
    const rows = scale.letter === "x" ? LABEL_ROWS : LABEL_COLUMNS;
    return { shapes: shapes, annotations: labelled(scale, wanted, rows, true) };
  }

  /* Where the cursor stands: its name and its frequency, one for each line. */
  function cursorLines() {
    if (state.cursor === "none" || blank(state.at)) return [];
    if (state.cursor === "single") return [{ text: "Cursor", hz: state.at }];
    const count = state.count;
    const found = [];
    if (state.cursor === "harmonic") {
      for (let n = 1; n <= count; n += 1) found.push({ text: `${n}×`, hz: n * state.at });
      return found;
    }
    for (let n = -count; n <= count; n += 1) {
      const sign = n < 0 ? "−" : "+";
      const text = n === 0 ? "Centre" : `${sign}${Math.abs(n)}`;
      found.push({ text: text, hz: state.at + n * (state.spacing || 0) });
    }
    return found.filter((one) => one.hz >= 0);
  }

  function cursorOn(scale) {
    const lines = cursorLines().filter((one) => scale.isShown(one.hz));
    const isMain = (one) => ["Cursor", "1×", "Centre"].includes(one.text);
    const shapes = lines.map((one) =>
      lineAt(scale, one.hz, CURSOR, "solid", isMain(one) ? 2 : 1.25),
    );
    const wanted = lines
      .filter((one) => one.text !== "Cursor")
      .sort((one, other) => isMain(other) - isMain(one));
    return { shapes: shapes, annotations: labelled(scale, wanted, 1, false) };
  }

  const isOwn = (one) => one.name === NAME;

  function draw() {
    const plot = graph();
    if (!plot || !plot._fullLayout) return;
    hook(plot);
    const scale = scaleOf(plot);
    if (scale) begin(plot, scale);
    const parts = scale ? [overlayOn(scale), cursorOn(scale)] : [];
    const next = {};
    let differs = false;
    for (const kind of ["shapes", "annotations"]) {
      const own = parts.flatMap((part) => part[kind]);
      const there = plot.layout[kind] || [];
      differs = differs || JSON.stringify(there.filter(isOwn)) !== JSON.stringify(own);
      next[kind] = [...there.filter((one) => !isOwn(one)), ...own];
    }
    if (differs) window.Plotly.relayout(plot, next);
    tell(plot, scale);
  }

  function schedule() {
    if (frame !== null) return;
    frame = window.requestAnimationFrame(() => {
      frame = null;
      draw();
    });
  }

  /* After each plot, as its axes may be others. What is drawn here is no zoom: Dash is not
     told of it, since each move of a cursor would go to the server. */
  function hook(plot) {
    if (hooked.get(plot) === plot.emit) return;
    const emit = plot.emit;
    plot.emit = function (name, event) {
      const isOurs =
        name === "plotly_relayout" &&
        event &&
        Object.keys(event).every((key) => key === "shapes" || key === "annotations");
      return isOurs ? undefined : emit.apply(this, arguments);
    };
    hooked.set(plot, plot.emit);
    plot.on("plotly_afterplot", schedule);
    plot.on("plotly_relayout", schedule);
  }

  function whenThere(tries) {
    const plot = graph();
    if (plot && plot._fullLayout) schedule();
    else if (tries > 0) window.setTimeout(() => whenThere(tries - 1), WAIT_MS);
  }

  /* -- what the cursor reads */

  /* Nearest drawn point of a curve; null beyond its ends. */
  function pointAt(plot, scale, hz) {
    if (scale.letter !== "x") return null;
    const { x, y } = plot._fullData[0];
    const value = hz * scale.factor;
    if (!x || x.length < 2) return null;
    const margin = (scale.about.resolution_hz || 0) * scale.factor;
    if (value < x[0] - margin || value > x[x.length - 1] + margin) return null;
    let low = 0;
    let high = x.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x[middle] <= value) low = middle;
      else high = middle;
    }
    const at = value - x[low] <= x[high] - value ? low : high;
    return { hz: x[at] / scale.factor, value: y[at] };
  }

  /* The highest drawn point between two frequencies. */
  function highest(plot, scale, lowHz, highHz) {
    const { x, y } = plot._fullData[0];
    let best = null;
    for (let n = 0; n < x.length; n += 1) {
      const hz = x[n] / scale.factor;
      if (hz < lowHz || hz > highHz || !Number.isFinite(y[n])) continue;
      if (best === null || y[n] > best.value) best = { hz: hz, value: y[n] };
    }
    return best;
  }

  /* As the server explains a frequency: the line that holds it, else the nearest main line. */
  function explain(hz) {
    const lines = overlay.lines.concat(overlay.also);
    const away = (line) => Math.abs(line.frequency_hz - hz);
    // Of lines at the same place the lower harmonic is the likelier cause.
    const nearer = (one, other) => {
      const closer = away(one) - away(other);
      return Math.abs(closer) > 1e-6 * hz ? closer > 0 : other.harmonic < one.harmonic;
    };
    const best = (from) =>
      from.reduce((one, other) => (one === null || nearer(one, other) ? other : one), null);
    const holding = lines.filter((line) => line.low_hz <= hz && hz <= line.high_hz);
    const inside = best(holding.filter((line) => !line.sideband)) || best(holding);
    if (inside) return { line: inside, off: hz / inside.frequency_hz - 1, inside: true };
    const off = (line) => Math.abs(hz / line.frequency_hz - 1);
    const near = lines
      .filter((line) => !line.sideband && off(line) <= FARTHEST)
      .reduce((one, other) => (one === null || off(other) < off(one) ? other : one), null);
    return near ? { line: near, off: hz / near.frequency_hz - 1, inside: false } : null;
  }

  function percent(part) {
    const text = Math.abs(100 * part).toFixed(2);
    return `${text === "0.00" ? "" : part < 0 ? "−" : "+"}${text} %`;
  }

  function unitOf(plot, scale) {
    if (scale.letter !== "x") return "";
    const title = plot._fullLayout.yaxis.title.text || "";
    const found = title.match(/\[([^[]*)\]$/);
    return found ? found[1] : "";
  }

  function keyOf(plot, lines) {
    if (!serials.has(plot.layout)) serials.set(plot.layout, (serial += 1));
    return JSON.stringify([serials.get(plot.layout), lines.map((one) => rounded(one.hz))]);
  }

  function readings(plot, scale) {
    const lines = cursorLines();
    const key = keyOf(plot, lines);
    const confirmed = exact.key === key ? exact.rows : [];
    return lines.map((one) => {
      const point = pointAt(plot, scale, one.hz);
      const found = explain(one.hz);
      const read = confirmed.find((row) => row.at === rounded(one.hz));
      return {
        ...one,
        order: overlay.shaft_hz ? short(one.hz / overlay.shaft_hz, 4) : "–",
        frequency: `${short(one.hz * (scale.about.axis === "cpm" ? 60 : 1), 6)} ${UNITS[scale.about.axis]}`,
        read: point ? short(point.value, 4) : "–",
        exact: read ? read.text : "",
        line: found ? found.line : null,
        off: found ? percent(found.off) : "–",
        // Multiples lie at nearly every place: only the server sees whether the first is there.
        inside: Boolean(found && read && read.inside),
      };
    });
  }

  function rowOf(one) {
    const number = { className: "number" };
    const drawn = { className: one.exact ? "number signals-far" : "number" };
    const mark = (line) =>
      element("Span", { className: `line-mark line-${line.kind.toLowerCase()}` });
    const words = one.line ? [mark(one.line), ` ${one.line.name}`] : "–";
    const type = one.inside ? "Strong" : "Span";
    const far = one.line && !one.inside ? "signals-far" : "";
    return element("Tr", {
      children: [
        element("Th", { children: one.text, scope: "row" }),
        element("Td", { children: one.frequency }),
        element("Td", { children: one.order }),
        element("Td", { children: one.read, ...drawn }),
        element("Td", { children: one.exact || "…", ...number }),
        element("Td", { children: element(type, { children: words, className: far }) }),
        element("Td", { children: one.off, ...number }),
      ],
    });
  }

  function tell(plot, scale) {
    const shown = Boolean(scale) && state.cursor !== "none";
    setProps("signals-cursor-place", { hidden: !shown });
    if (!shown) return;
    const rows = readings(plot, scale);
    if (!rows.length) {
      setProps("signals-cursor-handle", { children: "Click on the plot to set the cursor." });
      setProps("signals-cursor-rows", { children: [] });
      return;
    }
    const main = rows.find((one) => ["Cursor", "1×", "Centre"].includes(one.text)) || rows[0];
    const unit = unitOf(plot, scale);
    const parts = [main.frequency];
    if (main.order !== "–") parts.push(`order ${main.order}`);
    // A curve is drawn by the extremes of its stretches: what the server reads is truer.
    if (main.exact && main.exact !== "–") parts.push(main.exact);
    else if (main.read !== "–") parts.push(`${main.read} ${unit}`);
    if (main.line) parts.push(`${main.off} from ${main.line.name}`);
    setProps("signals-cursor-handle", {
      children: `Cursor at ${parts.join(" · ")}`,
      "aria-valuenow": String(rounded(main.hz)),
      "aria-valuetext": parts.join(", "),
    });
    setProps("signals-cursor-read", { children: unit ? `As drawn [${unit}]` : "As drawn" });
    setProps("signals-cursor-rows", { children: rows.map(rowOf) });
    rest(plot, rows);
  }

  /* A cursor that rests is read by the server, from all the lines of the spectrum. */
  function rest(plot, rows) {
    const key = keyOf(plot, rows);
    if (key === asked) return;
    asked = key;
    window.clearTimeout(resting);
    resting = window.setTimeout(() => {
      const places = rows.map((one) => rounded(one.hz));
      setStore("signals-cursor-still", { key: key, frequencies_hz: places });
    }, SETTLE_MS);
  }

  /* -- what sets the cursor */

  /* A cursor that was chosen without a place begins at the highest line. */
  function begin(plot, scale) {
    if (state.cursor === "none") return;
    if (blank(state.at)) {
      const [first, last] = [scale.toHz(0), scale.toHz(scale.axis._length)].sort((a, b) => a - b);
      const step = scale.about.resolution_hz || 0;
      const top = scale.letter === "x" ? highest(plot, scale, Math.max(first, 3 * step), last) : null;
      const from = top ? top.hz : overlay.shaft_hz || (first + last) / 2;
      change({ at: from });
    }
    if (state.cursor === "sideband" && blank(state.spacing)) {
      change({ spacing: overlay.shaft_hz || 10 * stepOf(plot, scale) });
    }
  }

  function stepOf(plot, scale) {
    if (scale.about.resolution_hz) return scale.about.resolution_hz;
    const places = plot._fullData[0][scale.letter];
    return places && places.length > 1 ? Math.abs(places[1] - places[0]) / scale.factor : 1;
  }

  /* Drawn at once; the fields, the settings and the address follow when it rests. */
  function change(next) {
    state = { ...state, ...next };
    for (const name of ["at", "spacing"]) {
      if (!blank(state[name])) state[name] = rounded(Math.max(state[name], 0));
    }
    Object.keys(next).forEach((name) => unwritten.add(name));
    window.clearTimeout(writing);
    writing = window.setTimeout(() => {
      for (const name of unwritten) setProps(`signals-${name}`, { value: state[name] });
      unwritten.clear();
    }, SETTLE_MS);
    schedule();
  }

  function move(name, lines) {
    const plot = graph();
    const scale = plot && scaleOf(plot);
    if (!scale || blank(state[name])) return;
    change({ [name]: state[name] + lines * stepOf(plot, scale) });
  }

  function clickedHz(plot, scale, event) {
    const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
    const pixel = scale.letter === "x" ? event.clientX - area.left : event.clientY - area.top;
    const hz = scale.toHz(pixel);
    if (scale.letter !== "x") return hz;
    const top = highest(plot, scale, scale.toHz(pixel - SNAP_PX), scale.toHz(pixel + SNAP_PX));
    return top ? top.hz : hz;
  }

  /* With Shift a harmonic, or the first sideband, is set instead of the cursor itself. */
  function place(event) {
    const plot = graph();
    const scale = plot && scaleOf(plot);
    if (!scale || state.cursor === "none") return;
    const hz = clickedHz(plot, scale, event);
    if (!(hz > 0)) return;
    if (event.shiftKey && !blank(state.at) && state.cursor === "harmonic") {
      change({ at: hz / Math.max(Math.round(hz / state.at), 1) });
    } else if (event.shiftKey && !blank(state.at) && state.cursor === "sideband") {
      change({ spacing: Math.abs(hz - state.at) });
    } else {
      change({ at: hz });
    }
    const handle = document.getElementById("signals-cursor-handle");
    if (handle) handle.focus({ preventScroll: true });
  }

  /* A click is no drag, which zooms. */
  document.addEventListener(
    "pointerdown",
    (event) => {
      const on = event.button === 0 && event.target.closest && event.target.closest(".nsewdrag");
      const plot = graph();
      pressed = on && plot && plot.contains(on) ? [event.clientX, event.clientY] : null;
    },
    true,
  );
  document.addEventListener(
    "pointerup",
    (event) => {
      if (pressed === null) return;
      const far = Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]);
      pressed = null;
      if (far < CLICK_PX) place(event);
    },
    true,
  );

  const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

  /* The next listed peak above or below. */
  function leap(direction) {
    const peaks = Array.from(document.querySelectorAll("[data-cursor-hz]"), (one) =>
      Number(one.dataset.cursorHz),
    );
    const beyond = peaks.filter((hz) => direction * (hz - state.at) > 1e-6 * hz);
    if (!beyond.length || blank(state.at)) return;
    change({ at: direction > 0 ? Math.min(...beyond) : Math.max(...beyond) });
  }

  document.addEventListener("keydown", (event) => {
    const id = event.target.id;
    const inField = id === "signals-at" || id === "signals-spacing";
    if (!inField && id !== "signals-cursor-handle") return;
    if (!inField && (event.key === "PageUp" || event.key === "PageDown")) {
      event.preventDefault();
      leap(event.key === "PageUp" ? 1 : -1);
      return;
    }
    const step = STEPS[event.key];
    if (!step || event.altKey || event.metaKey) return;
    if (inField && !event.key.match(/Up|Down/)) return;
    event.preventDefault();
    const times = event.shiftKey ? 10 : event.ctrlKey ? 0.1 : 1;
    move(id === "signals-spacing" ? "spacing" : "at", step * times);
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest && event.target.closest("[data-cursor-hz]");
    if (!row) return;
    const cursor = state.cursor === "none" ? "single" : state.cursor;
    change({ cursor: cursor, at: Number(row.dataset.cursorHz) });
  });

  /* The panel is asked for what takes long only when somebody looks. */
  document.addEventListener(
    "toggle",
    (event) => {
      const source = document.getElementById("signals-overlay-source");
      if (source && event.target.open && event.target.contains(source)) {
        setStore("signals-overlay-opened", true);
      }
    },
    true,
  );

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    signals_cursors: {
      /* The lines are there, or others. */
      lines(data) {
        overlay = data || { lines: [], also: [], shaft_hz: 0 };
        whenThere(50);
      },

      /* The settings say where the cursor is, but for what is just being moved; or another
         figure is on its way. */
      settings(settings) {
        const told = {
          cursor: settings.cursor || "none",
          at: blank(settings.at) ? null : settings.at,
          spacing: blank(settings.spacing) ? null : settings.spacing,
          count: blank(settings.count) ? 5 : Math.min(Math.max(Math.round(settings.count), 1), 50),
        };
        unwritten.forEach((name) => (told[name] = state[name]));
        state = told;
        // The field and the address say how many there are.
        if (!blank(settings.count) && settings.count !== state.count) {
          setProps("signals-count", { value: state.count });
        }
        whenThere(50);
      },

      /* What the server read, and a sentence of it for those who do not see the table. */
      confirmed(data) {
        if (!data) return window.dash_clientside.no_update;
        exact = data;
        schedule();
        return data.told;
      },
    },
  });
})();
