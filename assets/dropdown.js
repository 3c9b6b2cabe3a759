// Dash's dropdown catches the focus in a hidden field and hands it on to its button. What is
// hidden from screen readers must not take the focus, so the button takes it by itself.
(function () {
  "use strict";
  function correct() {
    for (const target of document.querySelectorAll(".dash-dropdown-focus-target:not(:disabled)")) {
      target.disabled = true;
      const button = target.nextElementSibling;
      if (button && !button.disabled) button.tabIndex = 0;
    }
  }
  new MutationObserver(correct).observe(document, { childList: true, subtree: true });
})();
