// The page of sources takes one file and sends it as the import page does.
(function () {
  "use strict";

  function tell(text) {
    const place = document.getElementById("sources-told");
    if (place) place.textContent = text;
  }

  async function take(file) {
    const button = document.getElementById("sources-choose");
    button.disabled = true;
    try {
      const upload = await window.rotorscope.sendFile(file, (part) => tell(file.name + ": " + Math.floor(100 * part) + " %"));
      tell(file.name + " is here.");
      window.dash_clientside.set_props("sources-upload", { data: upload });
    } catch (error) {
      tell(file.name + ": " + error.message);
    }
    button.disabled = false;
  }

  new MutationObserver(() => {
    const button = document.getElementById("sources-choose");
    if (!button || button.dataset.mounted) return;
    button.dataset.mounted = "yes";
    const input = document.createElement("input");
    Object.assign(input, { type: "file", hidden: true, tabIndex: -1, id: "sources-choose-input" });
    input.addEventListener("change", () => { if (input.files.length) take(input.files[0]); input.value = ""; });
    button.after(input);
    button.addEventListener("click", () => input.click());
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
