// Long lists: Tab leaves them, Enter on a cell follows its link. They ask again when the question
// changes, and when one was lost on the way.
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

  // Once the list is drawn, unless its page was left meanwhile.
  function useGrid(id, use) {
    window.dash_ag_grid.getApiAsync(id).then((api) => {
      if (!api.isDestroyed || !api.isDestroyed()) use(api);
    });
  }
  window.rotorscope = Object.assign(window.rotorscope || {}, { useGrid: useGrid });

  function askAgain(id) {
    useGrid(id, (api) => {
      api.deselectAll();
      api.purgeInfiniteCache();
    });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    grids: {
      // Another question: throw away the rows that are here and ask from the first one.
      ask_again: function (...given) {
        askAgain(given[given.length - 1]);
        return window.dash_clientside.no_update;
      },
    },
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

  // One that tells an error holds other things.
  async function holdsRows(given) {
    return given.status === 200 && (await given.clone().text()).includes('"getRowsResponse"');
  }

  function answer(asked) {
    const rows = asked.value.startRow ? { rowData: [] } : { rowData: [], rowCount: 0 };
    window.dash_clientside.set_props(asked.id, { getRowsResponse: rows });
  }

  window.fetch = async function (resource, options) {
    const asked = rowsAsked(resource, options);
    try {
      const given = await plain.apply(this, arguments);
      if (asked && !(await holdsRows(given))) answer(asked);
      return given;
    } catch (error) {
      if (asked) {
        answer(asked);
        // The network is away.
        setTimeout(() => document.getElementById(asked.id) && askAgain(asked.id), AGAIN_MS);
      }
      throw error;
    }
  };
})();
