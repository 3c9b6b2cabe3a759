// The table of the audit log: times in the reader's zone, and the address of what is found.
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
      write_address: function (shown) {
        if (shown && /\/audit\/?$/.test(window.location.pathname)) window.rotorscope.setQuery(shown);
      },
    },
  });
})();
