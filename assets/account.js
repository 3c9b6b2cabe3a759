// The zone of the browser goes along with a link's form. Text of the page is saved as a file
// without going through the server again.
(function () {
  "use strict";
  const zone = document.querySelector("input[name=time_zone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-save-text]");
    if (!button) return;
    const text = document.getElementById(button.getAttribute("data-save-text")).textContent;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text.trim() + "\n"], { type: "text/plain" }));
    link.download = button.getAttribute("data-file-name");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
})();
