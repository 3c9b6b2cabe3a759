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

  // A list takes its rows here and not from the property that they come by: after an answer of
  // none the component would wait for a timer, which it clears when it is drawn in between, and
  // the rows were lost. It asks for nothing more before it has an answer: where none comes, it
  // gets one of no rows.
  const AGAIN_MS = 3000;
  const plain = window.fetch;

  function listThatAsks(options) {
    const body = (options && options.body) || "";
    if (typeof body !== "string" || !body.includes('"getRowsRequest"')) return null;
    const asked = JSON.parse(body).inputs.find((input) => input.property === "getRowsRequest");
    return asked && asked.value ? asked.id : null;
  }

  function answer(asked, rows) {
    if (rows) asked.successCallback(rows.rowData, rows.rowCount);
    else asked.successCallback([], asked.startRow ? undefined : 0);
  }

  // What is left of an answer when its rows are taken; one that tells an error holds none.
  async function takeRows(given, id, asked) {
    const told = given.status === 200 ? await given.clone().json() : {};
    const ofList = (told.response || {})[id] || {};
    answer(asked, ofList.getRowsResponse);
    if (!ofList.getRowsResponse) return given;
    delete ofList.getRowsResponse;
    return new Response(JSON.stringify(told), given);
  }

  window.fetch = async function (resource, options) {
    const id = listThatAsks(options);
    const drawn = id && window.dash_component_api.getLayout(id);
    if (!drawn) return plain.apply(this, arguments);
    const asked = drawn.props.getRowsRequest;
    try {
      return await takeRows(await plain.apply(this, arguments), id, asked);
    } catch (error) {
      answer(asked, null);
      // The network is away.
      setTimeout(() => document.getElementById(id) && askAgain(id), AGAIN_MS);
      throw error;
    }
  };
})();
