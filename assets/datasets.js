// Cells of the tables of data sets and recordings, their columns and their addresses.
(function () {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const LEVELS = { generated: "info", archived: "secondary" };
  const PAGE = /\/datasets\/\d+\/?$/;

  function follow(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.history.pushState({}, "", event.currentTarget.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  function replace(query) {
    const text = query.toString();
    const address = window.location.pathname + (text ? "?" + text : "");
    if (address !== window.location.pathname + window.location.search) {
      window.history.replaceState(window.history.state, "", address);
    }
  }

  cells.DatasetLink = function (props) {
    if (!props.data) return "…";
    const link = React.createElement("a", { href: props.data.href, onClick: follow }, props.value);
    const badges = ["generated", "archived"].filter((state) => props.data[state]).map((state) =>
      React.createElement("span", { key: state, className: "state-badge state-" + LEVELS[state] }, state),
    );
    return badges.length ? React.createElement("span", null, link, " ", badges) : link;
  };
  // The sign stands before the name, where a narrow column does not cut it off.
  cells.RecordingLink = function (props) {
    if (!props.data) return "…";
    const link = React.createElement("a", { href: props.data.href, onClick: follow }, props.value);
    if (!props.data.generated) return link;
    const sign = { className: "bi bi-cpu cell-generated", role: "img", title: "generated", "aria-label": "generated" };
    return React.createElement("span", null, React.createElement("i", sign), " ", link);
  };
  cells.DatasetMoment = function (props) {
    if (!props.value) return null;
    const at = new Date(props.value);
    const exact = at.toISOString().replace("T", " ").slice(0, 19) + " UTC";
    return React.createElement("time", { dateTime: props.value, title: exact }, window.rotorscope.momentText(at));
  };
  cells.RecordingWarnings = function (props) {
    if (!props.value) return null;
    const sign = React.createElement("i", { className: "bi bi-exclamation-triangle", "aria-hidden": "true" });
    return React.createElement("span", { className: "cell-warning" }, sign, " " + props.value);
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    datasets: {
      // The chosen columns; the name is always there.
      show_columns: function (chosen, columns, id) {
        if (!chosen || !columns) return;
        window.dash_ag_grid.getApiAsync(id).then((api) => {
          const every = columns.map((one) => one.colId).filter((name) => name !== "name");
          api.setColumnsVisible(chosen, true);
          api.setColumnsVisible(every.filter((name) => !chosen.includes(name)), false);
        });
      },

      clear_filters: function (clicks, id) {
        if (!clicks) return window.dash_clientside.no_update;
        window.dash_ag_grid.getApiAsync(id).then((api) => api.setFilterModel(null));
        return "";
      },

      // The address names the version, the search and the filters, so that a link shows them.
      // The newest version is not named: who opens the link later wants the newest then.
      write_address: function (version, shown, versions) {
        if (!shown || !versions || !versions.length || !PAGE.test(window.location.pathname)) return;
        const query = new URLSearchParams();
        if (Number(version) !== versions[0].value) query.set("version", version);
        if (shown.search) query.set("search", shown.search);
        for (const text of shown.where) {
          const at = text.indexOf(":");
          query.set(text.slice(0, at), text.slice(at + 1));
        }
        const compared = new URLSearchParams(window.location.search).get("compare");
        if (compared) query.set("compare", compared);
        replace(query);
      },

      write_list_address: function (search, archived) {
        if (!/\/datasets\/?$/.test(window.location.pathname)) return;
        const query = new URLSearchParams();
        if (search) query.set("search", search);
        if (archived) query.set("archived", "yes");
        replace(query);
      },

      // Which versions are compared; the last two need not be named.
      write_comparison: function (older, newer, versions) {
        if (!older || !newer || !versions || versions.length < 2) return;
        if (!PAGE.test(window.location.pathname)) return;
        const query = new URLSearchParams(window.location.search);
        const usual = Number(older) === versions[1].value && Number(newer) === versions[0].value;
        if (usual) query.delete("compare");
        else query.set("compare", `${older}-${newer}`);
        replace(query);
      },
    },
  });
})();
