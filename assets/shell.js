// Header panels, the navigation on small screens, times in the reader's zone, addresses.
(function () {
  "use strict";

  // -- panels of the header (jobs, notices, account)
  function close(button) {
    button.setAttribute("aria-expanded", "false");
    button.nextElementSibling.hidden = true;
  }

  function closeAll(but) {
    document.querySelectorAll("[data-panel][aria-expanded=true]").forEach(function (button) {
      if (button !== but) close(button);
    });
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-panel]");
    const inPanel = event.target.closest(".shell-panel");
    if (!inPanel || event.target.closest("a")) closeAll(button);
    if (button) {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      button.nextElementSibling.hidden = open;
    }
    if (event.target.closest("#shell-menu")) document.body.classList.toggle("navigation-toggled");
    if (event.target.closest(".shell-navigation a")) document.body.classList.remove("navigation-toggled");
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    const open = document.querySelector("[data-panel][aria-expanded=true]");
    if (open) {
      close(open);
      open.focus();
    }
  });

  // -- times: the server writes UTC, the reader sees the own zone and UTC on hover
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function localise(root) {
    root.querySelectorAll("time[data-moment]").forEach(function (element) {
      const at = new Date(element.getAttribute("datetime"));
      const text = isNaN(at) ? element.textContent : format.format(at);
      if (element.textContent !== text) element.textContent = text;
    });
  }

  new MutationObserver(function (records) {
    for (const record of records) {
      if (record.addedNodes.length || record.type === "attributes") {
        localise(document);
        return;
      }
    }
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["datetime"] });

  // -- the address bar holds what is being looked at; Dash is not told, the page stays as it is
  window.rotorscope = Object.assign(window.rotorscope || {}, {
    prefix: function () {
      const config = document.getElementById("_dash-config");
      return config ? JSON.parse(config.textContent).requests_pathname_prefix : "/";
    },
    setQuery: function (values, push) {
      const url = new URL(window.location.href);
      Object.keys(values).forEach(function (name) {
        const value = values[name];
        if (value === null || value === undefined || value === "") url.searchParams.delete(name);
        else url.searchParams.set(name, value);
      });
      if (url.href === window.location.href) return;
      window.history[push ? "pushState" : "replaceState"](window.history.state, "", url);
    },
  });
})();
