// Cells of the tables of data sets and recordings, and a grid that asks again when a filter changes.
(function () {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function follow(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.history.pushState({}, "", event.currentTarget.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  cells.DatasetLink = function (props) {
    if (!props.data) return "…";
    const link = React.createElement("a", { href: props.data.href, onClick: follow }, props.value);
    if (!props.data.generated) return link;
    const badge = React.createElement("span", { className: "state-badge state-info" }, "generated");
    return React.createElement("span", null, link, " ", badge);
  };
  cells.DatasetMoment = function (props) {
    if (!props.value) return null;
    const at = new Date(props.value);
    const exact = at.toISOString().replace("T", " ").slice(0, 19) + " UTC";
    return React.createElement("time", { dateTime: props.value, title: exact }, format.format(at));
  };
  cells.RecordingWarnings = function (props) {
    if (!props.value) return null;
    const sign = React.createElement("i", { className: "bi bi-exclamation-triangle", "aria-hidden": "true" });
    return React.createElement("span", { className: "cell-warning" }, sign, " " + props.value);
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    datasets: {
      // Other filters: throw away the rows that are here and ask from the first one.
      ask_again: function (...given) {
        const id = given[given.length - 1];
        window.dash_ag_grid.getApiAsync(id).then((api) => {
          if (api.deselectAll) api.deselectAll();
          api.purgeInfiniteCache();
        });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
