// Long lists by keyboard: Tab leaves them, Enter on a cell follows its link.
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
})();
