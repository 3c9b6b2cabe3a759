/* Figures of the signals page as files: with a heading, and how they were made below. */
(() => {
  const WIDTH = 1100, HEIGHT = 460, LINE = 16, CHARACTERS = 150, HEAD = 56, FOOT = 64;

  /* The rows of the card under a figure: [title, text]. */
  function cardOf(id) {
    const list = document.querySelector(`#${id}-card dl`);
    if (!list) return [];
    return Array.from(list.querySelectorAll("dt"), (one) => [
      one.textContent, one.nextElementSibling.textContent]);
  }

  /* Which bearing the lines over a plot belong to, at which speed: without it they say nothing. */
  function linesOf(id, graph) {
    const told = document.getElementById("signals-overlay-told");
    const bands = (graph.layout.shapes || []).filter(
      (one) => one.name === "overlay" && one.type === "rect");
    if (id !== "signals-plot" || !told || !bands.length) return [];
    const tolerance = document.getElementById("signals-tolerance").value || "2";
    return [["Lines", `${told.textContent}, tolerance ${tolerance} %`]];
  }

  function wrapped(text) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= CHARACTERS) lines.push("    " + word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines;
  }

  /* Plotly takes texts for markup. */
  const plain = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  function note(text, y, more) {
    return {
      text: text, x: 0, y: y, xref: "paper", yref: "paper", xanchor: "left", align: "left",
      showarrow: false, font: { size: 11 }, ...more };
  }

  function pictureOf(graph, card) {
    const lines = card.flatMap(([title, text]) => wrapped(`${title}: ${text}`));
    const below = FOOT + LINE * lines.length;
    const plotted = Math.max(HEIGHT, graph.offsetHeight) - HEAD - FOOT;
    const margin = { ...graph.layout.margin, t: HEAD, b: below };
    const heading = card.slice(0, 2).map((row) => row[1]).join(" · ");
    const notes = [
      note(`<b>${plain(heading)}</b>`, 1, { yanchor: "bottom", yshift: 20, font: { size: 14 } }),
      note(plain(lines.join("\n")).replaceAll("\n", "<br>"), 0, {
        yanchor: "top", yshift: 8 - FOOT }),
    ];
    const layout = {
      ...graph.layout, margin: margin, width: WIDTH, height: plotted + HEAD + below,
      annotations: [...(graph.layout.annotations || []), ...notes] };
    return { data: graph.data, layout: layout };
  }

  function fileName(card) {
    const words = card.slice(0, 2).map((row) => row[1]).join("_") || "signal";
    return words.replace(/[^\p{L}\p{N}.@-]+/gu, "_").replace(/^[._]+|[._]+$/g, "");
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    signals_pictures: {
      save() {
        const [asked] = window.dash_clientside.callback_context.triggered;
        if (!asked || !asked.value) return;
        const [, id, format] = asked.prop_id.match(/^(.+)-(png|svg)\.n_clicks$/);
        const graph = document.querySelector(`#${id} .js-plotly-plot`);
        if (!graph || !graph.data.length) return;
        const card = [...cardOf(id), ...linesOf(id, graph)];
        const picture = pictureOf(graph, card);
        window.Plotly.downloadImage(picture, {
          format: format, filename: fileName(card), scale: format === "png" ? 2 : 1,
          width: picture.layout.width, height: picture.layout.height });
      },
    },
  });
})();
