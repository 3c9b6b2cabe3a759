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
      const search = button.nextElementSibling.querySelector("input[type=search]");
      if (!open && search) {
        search.focus();
        search.select();
      }
    }
    if (event.target.closest("#shell-menu")) document.body.classList.toggle("navigation-toggled");
    if (event.target.closest(".shell-navigation a")) document.body.classList.remove("navigation-toggled");
  });

  // -- the search: “/” from anywhere but a field, arrows through what was found
  const WRITTEN_IN = "input, textarea, select, [contenteditable=true], [role=combobox], [role=textbox]";

  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (event.target.closest && event.target.closest(WRITTEN_IN)) return;
      const button = document.getElementById("shell-search-button");
      if (!button) return;
      event.preventDefault();
      if (button.getAttribute("aria-expanded") !== "true") button.click();
      else document.getElementById("shell-search").focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const panel = step && event.target.closest && event.target.closest("#shell-search-panel");
    if (!panel) return;
    const stops = [panel.querySelector("input"), ...panel.querySelectorAll("a")];
    const next = stops[stops.indexOf(event.target) + step];
    if (next) next.focus();
    event.preventDefault();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    const open = document.querySelector("[data-panel][aria-expanded=true]");
    if (open) {
      close(open);
      open.focus();
    }
  });

  // -- times: the server writes UTC, the reader sees the zone of the profile and UTC on hover
  let format = null, formatZone = null;

  function formatFor(zone) {
    const looks = { dateStyle: "medium", timeStyle: "short" };
    try {
      return new Intl.DateTimeFormat(undefined, Object.assign({ timeZone: zone }, looks));
    } catch (error) {
      return new Intl.DateTimeFormat(undefined, looks); // a zone that this browser does not know
    }
  }

  function momentText(at) {
    const shell = document.querySelector("[data-time-zone]");
    const zone = shell ? shell.getAttribute("data-time-zone") : undefined;
    if (!format || zone !== formatZone) {
      format = formatFor(zone);
      formatZone = zone;
    }
    return format.format(at);
  }

  function localise(root) {
    root.querySelectorAll("time[data-moment]").forEach(function (element) {
      const at = new Date(element.getAttribute("datetime"));
      const text = isNaN(at) ? element.textContent : momentText(at);
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
    momentText: momentText,
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

  // -- a saved profile holds on the open page, too
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    rotorscope: Object.assign({}, (window.dash_clientside || {}).rotorscope, {
      use_profile: function (saved) {
        if (saved) {
          document.querySelector("[data-time-zone]").setAttribute("data-time-zone", saved.zone);
          document.querySelector(".shell-user").textContent = saved.name;
          localise(document);
        }
        return window.dash_clientside.no_update;
      },
      show_zone: function (zone) {
        return zone ? "There it is " + formatFor(zone).format(new Date()) + "." : "";
      },
    }),
  });
})();
