// One cheap question for all open tabs: which jobs run, are there notices. It answers 304 until
// something changes. What comes is put into the store "shell-pulse", where pages listen.
(function () {
  "use strict";
  const BUSY_MS = 1500, IDLE_MS = 5000, HIDDEN_MS = 30000, AGAIN_MS = 3000;
  // So many questions without an answer may be a restart; then people are told.
  const FORGIVEN = 2;
  const AWAY = "The server does not answer. What was just asked may not have arrived. Trying again.";
  let etag = null, latest = { jobs: [], unread: 0 }, timer = null, failures = 0;

  const isActive = (job) => ["waiting", "running"].includes(job.status);

  function schedule() {
    clearTimeout(timer);
    const seen = latest.jobs.some(isActive) ? BUSY_MS : IDLE_MS;
    timer = setTimeout(ask, document.hidden ? HIDDEN_MS : failures ? AGAIN_MS : seen);
  }

  async function ask() {
    if (!document.getElementById("shell-main")) return schedule();
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(window.rotorscope.prefix() + "api/v1/pulse", {
        headers: headers, cache: "no-store", credentials: "same-origin",
      });
      if (answer.status === 200) {
        etag = answer.headers.get("ETag");
        latest = await answer.json();
        showToasts(latest.toasts || []);
        window.dash_clientside.set_props("shell-pulse", { data: latest });
      }
      failures = answer.status < 500 ? 0 : failures + 1; // who was signed out got an answer
    } catch (error) {
      failures += 1; // the site restarts, or the network is away
    }
    showTroubles();
    schedule();
  }

  // A page that asked in vain is told at once: people wait for what they clicked.
  const plain = window.fetch;
  let leaving = false;
  window.addEventListener("beforeunload", () => { leaving = true; });
  window.fetch = async function (resource) {
    const ofPage = String((resource && resource.url) || resource).includes("_dash-update-component");
    try {
      const answer = await plain.apply(this, arguments);
      if (ofPage && (answer.status === 502 || answer.status === 504)) missed();
      return answer;
    } catch (error) {
      if (ofPage && error.name !== "AbortError" && !leaving) missed();
      throw error;
    }
  };

  function missed() {
    failures = Math.max(failures, FORGIVEN + 1);
    showTroubles();
    clearTimeout(timer); // one question for all that was missed
    timer = setTimeout(ask, 1000);
  }

  // Above every page: what does not work at the moment, until it does again.
  function showTroubles() {
    const place = document.getElementById("shell-troubles");
    const sentences = (failures > FORGIVEN ? [AWAY] : []).concat(latest.troubles || []);
    const told = sentences.join("\n");
    if (!place || place.dataset.told === told) return; // else it would be read out each time
    place.dataset.told = told;
    place.replaceChildren(...sentences.map(function (sentence) {
      const line = text("p", sentence, "shell-trouble");
      const mark = document.createElement("i");
      mark.className = "bi bi-exclamation-triangle";
      mark.setAttribute("aria-hidden", "true");
      line.prepend(mark, " ");
      return line;
    }));
  }

  // What happened just now. Every visible tab and browser of the person sees it here; the first
  // that takes it shows it, so that it is shown once.
  const tried = new Set();

  function csrf() {
    const found = document.cookie.match(/(?:^|;\s*)_csrf_token=([^;]*)/);
    return found ? decodeURIComponent(found[1]) : "";
  }

  async function showToasts(toasts) {
    if (document.hidden) return;
    for (const toast of toasts) {
      if (tried.has(toast.id)) continue;
      tried.add(toast.id);
      try {
        const answer = await fetch(
          window.rotorscope.prefix() + "api/v1/notifications/" + toast.id + "/toast",
          { method: "POST", headers: { "X-CSRFToken": csrf() }, credentials: "same-origin" });
        if (answer.ok && (await answer.json()).taken) window.rotorscope.toast(toast);
      } catch (error) {
        tried.delete(toast.id); // the site was away for a moment
      }
    }
  }

  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) ask();
  });
  document.addEventListener("rotorscope:ask", ask); // after something was submitted
  window.addEventListener("load", ask);
  window.addEventListener("online", ask);

  // -- what the header shows of it
  function text(tag, content, className) {
    const element = document.createElement(tag);
    element.textContent = content;
    if (className) element.className = className;
    return element;
  }

  function row(job) {
    const element = document.createElement("div");
    element.className = "tray-row";
    const link = text("a", job.title);
    link.href = window.rotorscope.prefix() + "jobs?id=" + job.id;
    element.append(link, text("span", job.status + (job.message ? " · " + job.message : ""), "tray-told"));
    if (isActive(job)) {
      const bar = document.createElement("progress");
      bar.max = 1;
      if (job.status === "running") bar.value = job.fraction;
      bar.setAttribute("aria-label", "Progress of " + job.title);
      element.append(bar);
    } else if (job.error) {
      element.append(text("span", job.error, "tray-error"));
    }
    return element;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    rotorscope: Object.assign({}, (window.dash_clientside || {}).rotorscope, {
      show_pulse: function (data) {
        const jobs = data.jobs || [];
        const running = jobs.filter((job) => isActive(job)).length;
        const count = document.getElementById("shell-tray-count");
        const bell = document.getElementById("shell-bell-count");
        const tray = document.getElementById("shell-tray");
        if (count) count.textContent = running || "";
        if (bell) bell.textContent = data.unread ? (data.unread > 99 ? "99+" : data.unread) : "";
        if (tray) {
          const rows = jobs.map(row);
          tray.replaceChildren(...(rows.length ? rows : [text("p", "No job is running.", "tray-empty")]));
        }
        return running + " running";
      },
      show_toast: function (toast) {
        if (toast) window.rotorscope.toast({ ...toast, answer: true });
        return false;
      },
    }),
  });
})();
