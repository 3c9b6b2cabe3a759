// Long lists by keyboard: Tab leaves them, Enter on a cell follows its link. And a list whose
// question for rows was lost can ask again.
(function () {
  "use strict";
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  // No next cell: the browser goes on to what follows the list.
  functions.leaveGrid = function () { return false; };

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.matches || !event.target.matches(".ag-cell")) return;
    const link = event.target.querySelector("a[href]");
    if (link) link.click();
  });

  // A list asks for nothing more before it has an answer: where none comes, it gets one of no rows.
  const AGAIN_MS = 3000;
  const plain = window.fetch;

  function rowsAsked(resource, options) {
    const body = (options && options.body) || "";
    if (typeof body !== "string" || !body.includes('"getRowsRequest"')) return null;
    const asked = JSON.parse(body).inputs.find((input) => input.property === "getRowsRequest");
    return asked && asked.value ? asked : null;
  }

  function answer(asked) {
    const rows = asked.value.startRow ? { rowData: [] } : { rowData: [], rowCount: 0 };
    window.dash_clientside.set_props(asked.id, { getRowsResponse: rows });
  }

  function askAgain(asked) {
    if (!document.getElementById(asked.id)) return; // another page meanwhile
    window.dash_ag_grid.getApiAsync(asked.id).then((api) => {
      if (!api.isDestroyed || !api.isDestroyed()) api.purgeInfiniteCache();
    });
  }

  window.fetch = async function (resource, options) {
    const asked = rowsAsked(resource, options);
    try {
      const given = await plain.apply(this, arguments);
      if (asked && given.status !== 200) answer(asked);
      return given;
    } catch (error) {
      if (asked) {
        answer(asked);
        setTimeout(askAgain, AGAIN_MS, asked); // the network is away
      }
      throw error;
    }
  };
})();
