// The search of experiments: completions under the field, and the table.
(function () {
  "use strict";
  const FIELD = "experiments-query", LIST = "experiments-options", WAIT_MS = 120;
  const PAGE = /\/experiments\/?$/;
  let offers = [], chosen = -1, timer = null, asked = 0;

  const field = () => document.getElementById(FIELD);
  const list = () => document.getElementById(LIST);

  // -- completions: a combo box with a list, as screen readers know it
  function prepare(entry) {
    if (entry.getAttribute("role") === "combobox") return;
    const given = { role: "combobox", "aria-autocomplete": "list", "aria-controls": LIST, "aria-expanded": "false", spellcheck: "false" };
    for (const name in given) entry.setAttribute(name, given[name]);
  }

  function close() {
    offers = [];
    chosen = -1;
    asked += 1;
    clearTimeout(timer);
    if (list()) list().hidden = true;
    if (field()) {
      field().setAttribute("aria-expanded", "false");
      field().removeAttribute("aria-activedescendant");
    }
  }

  function text(content) {
    const element = document.createElement("span");
    element.textContent = content;
    return element;
  }

  function show(found) {
    offers = found;
    chosen = -1;
    if (!found.length) return close();
    list().replaceChildren(...found.map(function (offer, number) {
      const row = document.createElement("li");
      row.id = LIST + "-" + number;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.append(text(offer.label), text(offer.detail));
      row.addEventListener("mousedown", function (event) {
        event.preventDefault(); // the field keeps the focus
        take(number);
      });
      return row;
    }));
    list().hidden = false;
    field().setAttribute("aria-expanded", "true");
  }

  function mark(number) {
    chosen = (number + offers.length) % offers.length;
    Array.from(list().children).forEach(function (row, place) {
      row.setAttribute("aria-selected", String(place === chosen));
      if (place === chosen) row.scrollIntoView({ block: "nearest" });
    });
    field().setAttribute("aria-activedescendant", LIST + "-" + chosen);
  }

  // The field belongs to React, which hears of a new value by the event of typing only.
  function take(number) {
    const offer = offers[number], entry = field();
    const ends = offer.text.endsWith(":");
    const before = entry.value.slice(0, offer.start) + offer.text + (ends ? "" : " ");
    const value = before + entry.value.slice(offer.end).replace(/^\s+/, "");
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(entry, value);
    close();
    entry.dispatchEvent(new Event("input", { bubbles: true }));
    entry.setSelectionRange(before.length, before.length);
    if (!ends) close();
  }

  function ask() {
    clearTimeout(timer);
    timer = setTimeout(async function () {
      const entry = field(), turn = (asked += 1);
      if (!entry || document.activeElement !== entry) return;
      const query = new URLSearchParams({ query: entry.value, position: entry.selectionStart });
      try {
        const address = window.rotorscope.prefix() + "api/v1/experiments/complete?" + query;
        const answer = await fetch(address, { credentials: "same-origin" });
        if (answer.ok && turn === asked) show((await answer.json()).items);
      } catch (error) {
        close(); // the network is away: typing goes on without a list
      }
    }, WAIT_MS);
  }

  document.addEventListener("focusin", (event) => event.target.id === FIELD && prepare(event.target));
  document.addEventListener("focusout", (event) => event.target.id === FIELD && close());
  document.addEventListener("input", function (event) {
    if (event.target.id !== FIELD) return;
    prepare(event.target);
    ask();
  });
  document.addEventListener("keydown", function (event) {
    if (event.target.id !== FIELD) return;
    if (event.key === "ArrowDown" && !offers.length) return ask();
    if (!offers.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? chosen + 1 : Math.max(chosen, 0) - 1);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape") {
      event.preventDefault(); // which would empty the field
      close();
    }
  }, true);

  // -- the table
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    experiments: {
      // A training went on: ask for the rows that are here, and keep place and selection.
      follow_jobs: function (pulse, before, id) {
        const now = JSON.stringify(((pulse || {}).jobs || []).filter((job) => (job.subject || "").startsWith("experiment:"))
          .map((job) => [job.id, job.status, job.fraction]));
        if (now === before) return window.dash_clientside.no_update;
        if (before) window.rotorscope.useGrid(id, (api) => api.refreshInfiniteCache());
        return now;
      },

      write_address: function (shown) {
        if (!shown || !PAGE.test(window.location.pathname)) return;
        const usual = "state,classifier,tags,dataset,group_by,score,recordings,owner,created";
        const columns = (shown.columns || []).join(",");
        const own = columns && columns.split(",").sort().join() !== usual.split(",").sort().join();
        window.rotorscope.setQuery({ query: shown.query, sort: shown.sort, columns: own ? columns : "" });
      },

      narrow_columns: function (part, _options, id) {
        const wanted = (part || "").toLowerCase().replaceAll("_", " ");
        setTimeout(function () {
          for (const row of document.querySelectorAll("#" + id + " > *")) {
            row.hidden = !row.textContent.toLowerCase().includes(wanted);
          }
        }, 0);
      },
    },
  });
})();
