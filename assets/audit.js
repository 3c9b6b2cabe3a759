// The table of the audit log: times in the reader's zone, and filters that ask again.
(function () {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.AuditMoment = function (props) {
    if (!props.value) return "…";
    const at = new Date(props.value);
    const exact = at.toISOString().replace("T", " ").slice(0, 19) + " UTC";
    return React.createElement(
      "time", { dateTime: props.value, title: exact }, window.rotorscope.momentText(at));
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    audit: {
      ask_again: function (_type, _actor, _object, _since, _until, id) {
        window.dash_ag_grid.getApiAsync(id).then((api) => {
          if (!api.isDestroyed || !api.isDestroyed()) api.purgeInfiniteCache();
        });
        return window.dash_clientside.no_update;
      },
      write_address: function (shown) {
        if (shown && /\/audit\/?$/.test(window.location.pathname)) window.rotorscope.setQuery(shown);
      },
    },
  });
})();
