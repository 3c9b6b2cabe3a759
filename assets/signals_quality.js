/* A place that a check of signal quality named: the waveform shows it, in its channel. */
(() => {
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-quality-start]");
    const shown = document.getElementById("signals-waveform");
    if (!place || !shown) return;
    const chosen = (id) => Number(document.getElementById(id).value);
    const data = {
      dataset: chosen("signals-dataset"),
      recording: chosen("signals-recording"),
      channel: Number(place.dataset.qualityChannel),
      start: Number(place.dataset.qualityStart),
      stop: Number(place.dataset.qualityStop),
      stamp: Date.now(),
    };
    window.dash_clientside.set_props("signals-view", { data });
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    shown.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  });
})();
