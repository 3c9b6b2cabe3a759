// Toasts, and the sentence that asks to sign in again without losing what is on the page.
(function () {
  "use strict";
  const STAYS_MS = { success: 5000, info: 5000, warning: 7000, error: null };
  const ICONS = { success: "check-circle", info: "info-circle", warning: "exclamation-triangle", error: "x-octagon" };

  function toast(given) {
    const stack = document.getElementById("shell-toasts");
    if (!stack) return;
    const element = document.createElement("div");
    element.className = "toast-card level-" + given.level;
    if (given.answer) element.dataset.answer = "";
    const icon = document.createElement("i");
    icon.className = "bi bi-" + (ICONS[given.level] || ICONS.info);
    icon.setAttribute("aria-hidden", "true");
    const body = document.createElement(given.link ? "a" : "span");
    body.textContent = given.text;
    if (given.link) body.href = window.rotorscope.prefix() + given.link.replace(/^\//, "");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast-close";
    close.setAttribute("aria-label", "Close this message");
    close.textContent = "×";
    close.addEventListener("click", () => element.remove());
    element.append(icon, body, close);
    stack.append(element);
    const stays = given.duration === undefined ? STAYS_MS[given.level] : given.duration;
    if (stays) setTimeout(() => element.remove(), stays);
    document.dispatchEvent(new Event("rotorscope:ask"));
  }

  window.rotorscope = Object.assign(window.rotorscope || {}, { toast: toast });

  // The error of a callback stays until somebody goes on: by the next button of the page, or to
  // another page. That a job failed is told until it is closed.
  function goOn() {
    document.querySelectorAll("#shell-toasts [data-answer].level-error").forEach((told) => told.remove());
  }
  let page = window.location.pathname;
  function leave() {
    if (window.location.pathname !== page) goOn();
    page = window.location.pathname;
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest("#shell-main .btn")) goOn();
  }, true);
  window.addEventListener("_dashprivate_pushstate", leave);
  window.addEventListener("popstate", leave);

  function askToSignIn() {
    if (document.getElementById("signed-out")) return;
    const note = document.createElement("div");
    note.id = "signed-out";
    note.className = "signed-out";
    note.setAttribute("role", "alert");
    const link = document.createElement("a");
    link.href = window.rotorscope.prefix() + "sign-in?next=/";
    link.target = "_blank";
    link.textContent = "Sign in in a new tab";
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "I have signed in";
    again.addEventListener("click", () => note.remove());
    note.append("You are signed out. What is on this page stays. ", link, " ", again);
    document.body.append(note);
  }

  // Since this page was opened, an admin has asked for a second step: the site leads there.
  async function leadToSetUp(answer) {
    const told = await answer.json().catch(() => ({}));
    if (told.code === "second_step_required") window.location.reload();
  }

  // Dash gives no hook for an answer of 401, so the one way to the server is watched.
  const fetched = window.fetch;
  window.fetch = async function (resource, options) {
    const answer = await fetched.call(this, resource, options);
    if (answer.status === 401) askToSignIn();
    if (answer.status === 403) leadToSetUp(answer.clone());
    return answer;
  };
})();
