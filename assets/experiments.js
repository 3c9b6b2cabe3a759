// Cells of the table of experiments, and the steps of the wizard.
(function () {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  function link(text, href) {
    function follow(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      window.history.pushState({}, "", href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      window.scrollTo(0, 0);
    }
    return React.createElement("a", { href: href, onClick: follow }, text);
  }

  cells.ExperimentLink = function (props) {
    if (!props.data) return "…";
    const name = link(props.value, props.data.href);
    if (!props.data.archived) return name;
    return React.createElement(
      "span", {}, name, " ", React.createElement("span", { className: "state-badge state-secondary" }, "archived"));
  };
  // A spot of the tag's colour beside its name: told apart without the colour, too.
  cells.ExperimentTags = function (props) {
    if (!props.value) return null;
    return React.createElement("span", { className: "tag-row" }, props.value.map((tag) =>
      React.createElement("span", { key: tag.name, className: "tag-chip" },
        React.createElement("span", { className: "tag-spot", style: { background: tag.color }, "aria-hidden": "true" }),
        link(tag.name, tag.href))));
  };
  cells.ExperimentData = function (props) {
    if (!props.data) return null;
    const data = link(props.value, props.data.dataset_href);
    if (!props.data.generated) return data;
    return React.createElement(
      "span", {}, data, " ", React.createElement("span", { className: "state-badge state-info" }, "generated"));
  };
  cells.ExperimentMoment = function (props) {
    if (!props.value) return null;
    const at = new Date(props.value);
    return React.createElement(
      "time", { dateTime: props.value, title: at.toISOString().replace("T", " ").slice(0, 19) + " UTC" }, window.rotorscope.momentText(at));
  };
  cells.ExperimentScore = function (props) {
    if (props.value === null || props.value === undefined) return null;
    const note = React.createElement("span", { className: "experiments-interval" }, " (" + props.data.interval + ")");
    const marked = ["danger", "warning"].includes(props.data.leak_level);
    const mark = marked && React.createElement(
      "i", { className: "bi bi-" + props.data.leak_icon + " experiments-leak-" + props.data.leak_level,
        role: "img", title: props.data.leak_text, "aria-label": props.data.leak_text });
    return React.createElement("span", {}, props.data.score_text, note, mark && " ", mark);
  };
  cells.ExperimentState = function (props) {
    if (!props.data) return null;
    return React.createElement(
      "span", { className: "state-badge state-" + props.data.level },
      React.createElement("i", { className: "bi bi-" + props.data.icon, "aria-hidden": "true" }), " " + props.value);
  };

  cells.ExperimentLeak = function (props) {
    if (!props.data) return null;
    return React.createElement(
      "span", { className: "state-badge state-" + props.data.leak_level },
      React.createElement("i", { className: "bi bi-" + props.data.leak_icon, "aria-hidden": "true" }), " " + props.value);
  };

  // -- the wizard: all fields stay in the page, one step is shown
  const STEP = "data-wizard-step", PANEL = "data-wizard-panel";

  function showStep(name, focus) {
    document.querySelectorAll("[" + PANEL + "]").forEach(function (panel) {
      panel.hidden = panel.getAttribute(PANEL) !== name;
      if (!panel.hidden && focus) panel.querySelector("h2").focus();
    });
    document.querySelectorAll("[" + STEP + "]").forEach(function (button) {
      if (button.getAttribute(STEP) === name) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    const steps = Array.from(document.querySelectorAll("[" + STEP + "]"));
    const place = steps.findIndex((step) => step.getAttribute(STEP) === name);
    document.querySelector("[data-wizard-move='-1']").hidden = place === 0;
    document.querySelector("[data-wizard-move='1']").hidden = place === steps.length - 1;
    document.querySelector("[data-wizard-last]").hidden = place !== steps.length - 1;
    window.rotorscope.setQuery({ step: name });
    window.scrollTo(0, 0);  // a long step is left at its foot
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[" + STEP + "]");
    if (button) return showStep(button.getAttribute(STEP), false);
    const move = event.target.closest("[data-wizard-move]");
    if (!move) return;
    const steps = Array.from(document.querySelectorAll("[" + STEP + "]"));
    const present = steps.findIndex((step) => step.getAttribute("aria-current") === "step");
    const next = steps[present + Number(move.getAttribute("data-wizard-move"))];
    if (next) showStep(next.getAttribute(STEP), true);
  });
})();
