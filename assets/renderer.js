// Dash asks its store, once for each part that appears, to forget what it noted about the parts
// inside (plotly/dash issue 3846). Where nothing is noted, the store changes all the same, and
// every part of the page looks whether it is meant: the time grows with the square of their
// number. Such a question is answered here, before it reaches the store.
(function () {
  "use strict";

  function forgetsNothing(store, action) {
    if (action.type !== "RESET_COMPONENT_STATE" || !action.payload.itempath) return false;
    const inside = action.payload.itempath.join(",");
    return !Object.keys(store.getState().layoutHashes).some((path) => path.startsWith(inside));
  }

  function attend(store) {
    const dispatch = store.dispatch;
    store.dispatch = (action) => (forgetsNothing(store, action) ? action : dispatch(action));
  }

  // Dash puts its store into this list before any part draws.
  const stores = (window.dash_stores = window.dash_stores || []);
  stores.push = function (...added) {
    added.forEach(attend);
    return Array.prototype.push.apply(this, added);
  };
})();
