"""What happens on the evaluation page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from diagnostics.evaluation.curves import MACRO
from diagnostics.training.classifiers import VOTING_ENSEMBLE
from layouts import shell
from layouts.components.leak import leak_alert
from layouts.evaluation import (
    ALL_CLASSES,
    LEVELS,
    Ids,
    not_tested,
    nothing_tested,
    open_link,
    progress,
    refusal,
)
from layouts.evaluation_curves import calibration, curves, risk
from layouts.evaluation_errors import errors
from layouts.evaluation_heads import estimates
from layouts.evaluation_robustness import architectures, not_tried, robustness
from layouts.page import WRITERS
from models import JobStatus
from services import actor
from services.errors import Invalid, NotFound
from services.evaluation.architectures import MOST_COMPARED
from services.evaluation_service import EvaluationService
from services.evaluation_view_service import EvaluationViewService
from services.leakage_service import LeakageService

View = dict[str, Any]
Options = list[dict[str, str]]

UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)
# Parts whose numbers come from a job, and how its job is called there.
OF_JOBS = {"robustness": "robustness", "calibration": "temperature"}
TITLES = {"robustness": "Trying the robustness", "temperature": "Fitting a temperature"}
ALIKE = 8


def list_experiments(view: View) -> tuple[Options, str | None]:
    """The tested experiments; the one of the address, or the newest."""
    choices = EvaluationViewService.list_choices()
    options = [
        {
            "label": f"{one['name']} · {one['classifier']} on {one['dataset']}, "
            f"version {one['version']}",
            "value": str(one["experiment_id"]),
        }
        for one in choices
    ]
    values = [option["value"] for option in options]
    if view["asked"]:
        wanted = str(view["experiment"])
        return options, wanted if wanted in values else None
    return options, values[0] if values else None


def list_beside(of: str | None, view: View) -> tuple[Options, list[str], Options, str]:
    """Experiments to compare with, those of the address or on the same data; the classes."""
    choices = EvaluationViewService.list_choices()
    own = next((one for one in choices if str(one["experiment_id"]) == of), None)
    if own is None:
        return [], [], [], ALL_CLASSES
    options = [{"label": one["name"], "value": str(one["experiment_id"])} for one in choices]
    values = [option["value"] for option in options]
    asked = [str(number) for number in view["with"] if str(number) in values]
    if of != str(view["experiment"]) or not asked:
        alike = [one for one in choices if one["version_id"] == own["version_id"]]
        asked = [str(one["experiment_id"]) for one in alike[:ALIKE]]
    report = EvaluationService.get_report(own["experiment_id"])
    names = [line.name for line in report.recordings.roc] if report else []
    names += [MACRO] if len(names) > 1 else []
    classes = [{"label": "all, without bands", "value": ALL_CLASSES}]
    classes += [{"label": name, "value": name} for name in names]
    chosen = view["class"] if view["class"] in names else ALL_CLASSES
    return options, list(dict.fromkeys([str(of), *asked]))[:MOST_COMPARED], classes, chosen


def show(
    _pulse: View,
    _asked: int,
    of: str | None,
    part: str,
    level: str,
    line: str,
    others: list[str] | None,
    view: View,
    seen: list[Any] | None,
) -> tuple[Any, ...]:
    """The chosen part, drawn anew only when it is another one or a job has brought it."""
    if of is None:
        empty = not_tested(view["asked"]) if view["asked"] else nothing_tested()
        return "", empty, None, ""
    number = int(of)
    told = _job_told(number, part)
    kept = _kept(number, part) if part != "architectures" else _costs(_chosen(number, others))
    leakage = LeakageService.get_leakage(number)
    verdict = str(leakage["verdict"]) if leakage else None
    now = [of, part, *_dependent(part, level, line, others), kept, verdict]
    if now == seen:
        return told, no_update, no_update, no_update
    drawn = _drawn(number, part, level, line, others or [])
    body = [*leak_alert(leakage), *(drawn if isinstance(drawn, list) else [drawn])]
    return told, body, now, _opened(number, verdict)


def show_forms(
    _pulse: View, _asked: int, of: str | None, part: str, others: list[str] | None = None
) -> tuple[bool, ...]:
    """Which choices belong to the part, and whether its job can be asked for."""
    may = of is not None and actor.reader().role in WRITERS
    number = int(of) if of else 0
    # A vote has no weights of its own that could be asked again.
    tried = part == "robustness" and may and EvaluationViewService.has_weights(number)
    chosen = _chosen(number, others)
    costs = _costs(chosen) if part == "architectures" and may else []
    unknown = [is_running for latency, is_running in costs if latency is None]
    fits = part == "calibration" and may and EvaluationViewService.can_fit_temperature(number)
    return (
        part == "architectures",
        part != "curves",
        part != "architectures",
        not tried,
        not tried or _is_running(number, "robustness"),
        not fits,
        not fits or _is_running(number, "temperature"),
        not unknown,
        all(unknown),
    )


def try_robustness(clicks: int | None, of: str | None, noise: str | None, asked: int) -> Any:
    """Have it tried; the result comes by itself."""
    if not clicks or not of:
        return no_update
    EvaluationService.request_evaluation(int(of), "robustness", _levels(noise))
    tell("It is being tried. The result appears here.", "info")
    return asked + 1


def fit_temperature(clicks: int | None, of: str | None, asked: int) -> Any:
    if not clicks or not of:
        return no_update
    EvaluationService.request_evaluation(int(of), "temperature")
    tell("The temperature is being fitted. The result appears here.", "info")
    return asked + 1


def measure_costs(clicks: int | None, of: str | None, others: list[str] | None, asked: int) -> Any:
    if not clicks or not of:
        return no_update
    EvaluationService.request_costs(_chosen(int(of), others))
    tell("Costs are being measured. They appear here.", "info")
    return asked + 1


def register(app: Dash) -> None:
    app.callback(Output(Ids.of, "options"), Output(Ids.of, "value"), Input(Ids.view, "data"))(
        list_experiments
    )
    app.callback(
        Output(Ids.others, "options"),
        Output(Ids.others, "value"),
        Output(Ids.line, "options"),
        Output(Ids.line, "value"),
        Input(Ids.of, "value"),
        State(Ids.view, "data"),
    )(list_beside)
    app.callback(
        Output(Ids.state, "children"),
        Output(Ids.body, "children"),
        Output(Ids.seen, "data"),
        Output(Ids.open, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.asked, "data"),
        Input(Ids.of, "value"),
        Input(Ids.part, "value"),
        Input(Ids.counted, "value"),
        Input(Ids.line, "value"),
        Input(Ids.others, "value"),
        State(Ids.view, "data"),
        State(Ids.seen, "data"),
    )(show)
    app.callback(
        Output(Ids.counted_row, "hidden"),
        Output(Ids.line_row, "hidden"),
        Output(Ids.others_row, "hidden"),
        Output(Ids.robustness_row, "hidden"),
        Output(Ids.robustness_run, "disabled"),
        Output(Ids.temperature_row, "hidden"),
        Output(Ids.temperature_run, "disabled"),
        Output(Ids.costs_row, "hidden"),
        Output(Ids.costs_run, "disabled"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.asked, "data"),
        Input(Ids.of, "value"),
        Input(Ids.part, "value"),
        Input(Ids.others, "value"),
    )(show_forms)
    _register_asking(app)
    app.clientside_callback(
        ClientsideFunction("evaluation", "remember"),
        Output(Ids.address, "data"),
        Input(Ids.of, "value"),
        Input(Ids.part, "value"),
        Input(Ids.counted, "value"),
        Input(Ids.line, "value"),
        Input(Ids.others, "value"),
        prevent_initial_call=True,
    )


def _register_asking(app: Dash) -> None:
    app.callback(
        Output(Ids.asked, "data", allow_duplicate=True),
        Input(Ids.robustness_run, "n_clicks"),
        State(Ids.of, "value"),
        State(Ids.noise, "value"),
        State(Ids.asked, "data"),
        prevent_initial_call=True,
    )(try_robustness)
    app.callback(
        Output(Ids.asked, "data", allow_duplicate=True),
        Input(Ids.temperature_run, "n_clicks"),
        State(Ids.of, "value"),
        State(Ids.asked, "data"),
        prevent_initial_call=True,
    )(fit_temperature)
    app.callback(
        Output(Ids.asked, "data", allow_duplicate=True),
        Input(Ids.costs_run, "n_clicks"),
        State(Ids.of, "value"),
        State(Ids.others, "value"),
        State(Ids.asked, "data"),
        prevent_initial_call=True,
    )(measure_costs)


def _dependent(part: str, level: str, line: str, others: list[str] | None) -> list[Any]:
    """What else the part depends on: what it does not must not draw it anew."""
    if part == "architectures":
        return [others or []]
    return [level, line] if part == "curves" else [level]


def _drawn(
    number: int, part: str, level: str, line: str, others: list[str]
) -> list[Component] | Component:
    counted = level if level in LEVELS else "recordings"
    service = EvaluationViewService
    drawers: dict[str, Callable[[], list[Component] | Component]] = {
        "curves": lambda: curves(
            service.get_curves(number, counted), number, None if line == ALL_CLASSES else line
        ),
        "calibration": lambda: calibration(service.get_calibration(number, counted), number),
        "risk": lambda: risk(service.get_risk(number, counted), number),
        "errors": lambda: errors(service.get_errors(number, counted), number),
        "robustness": lambda: _robustness(number, counted),
        "estimates": lambda: estimates(service.get_estimates(number, counted), number),
        "architectures": lambda: architectures(
            EvaluationService.compare_architectures(_chosen(number, others))
        ),
    }
    try:
        return drawers[part]()
    except (Invalid, NotFound) as error:
        return refusal(error.message)


def _robustness(number: int, level: str) -> list[Component] | Component:
    found = EvaluationViewService.get_robustness(number)
    if found is None:
        may = actor.reader().role in WRITERS
        return not_tried(may_ask=may, has_weights=EvaluationViewService.has_weights(number))
    return robustness(found, number, level)


def _kept(number: int, part: str) -> Any:
    """Changes when a job has brought something new."""
    if part == "robustness":
        found = EvaluationViewService.get_robustness(number)
        return None if found is None else found["noise_levels"]
    if part == "calibration":
        fitted = EvaluationService.get_cached_evaluation(number, "temperature")
        return None if fitted is None else fitted["value"]
    return None


def _chosen(number: int, others: list[str] | None) -> list[int]:
    return [int(one) for one in others or []] or [number]


def _costs(chosen: list[int]) -> list[tuple[float | None, bool]]:
    """Latency of all that are compared, and whether it is being measured."""
    try:
        found = EvaluationService.compare_architectures(chosen)
    except (Invalid, NotFound):
        return []
    return [
        (row["latency_ms"], row["measuring"])
        for row in found["experiments"]
        if row["classifier"] != VOTING_ENSEMBLE.name
    ]


def _job_told(number: int, part: str) -> Component | str:
    """A job at work, or one that failed and brought nothing."""
    if part not in OF_JOBS:
        return ""
    kind = OF_JOBS[part]
    job = EvaluationService.find_job(number, kind)
    if job is None or job["status"] in (JobStatus.DONE, JobStatus.CANCELLED):
        return ""
    return progress(TITLES[kind], job)


def _is_running(number: int, kind: str) -> bool:
    job = EvaluationService.find_job(number, kind)
    return job is not None and job["status"] in UNFINISHED


def _opened(number: int, leak: str | None) -> list[Any]:
    choices = EvaluationViewService.list_choices()
    measured = all(one["experiment_id"] != number or not one["generated"] for one in choices)
    return open_link(number, generated=not measured, leak=leak)


def _levels(text: str | None) -> list[float]:
    """Numbers with anything between them that people put there."""
    try:
        return [float(part) for part in re.split(r"[,;\s]+", text or "") if part]
    except ValueError as error:
        raise Invalid("Noise levels are numbers, such as 0.05, 0.1.") from error
