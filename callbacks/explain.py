"""What happens on the explain page."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.explain import (
    SIDE_WORDS,
    Ids,
    not_explained,
    nothing_trained,
    progress,
    recent,
    result,
    run_label,
)
from models import JobStatus, Role
from services import actor
from services.explanation_cache import ExplanationCache
from services.explanation_view_service import ExplanationViewService
from services.xai_service import XAIService

Options = list[dict[str, str]]
Shown = dict[str, Any]

RECENT = 8
UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)


def list_experiments(view: dict[str, Any]) -> tuple[Options, str | None]:
    """The networks that can be explained; the one of the address, or the newest."""
    networks = XAIService.list_networks()
    options = [{"label": row["name"], "value": str(row["experiment_id"])} for row in networks]
    return options, _kept(view.get("experiment"), options)


def list_recordings(
    experiment: str | None, view: dict[str, Any]
) -> tuple[Options, str | None, Options]:
    """The recordings and the classes of an experiment."""
    if not experiment:
        return [], None, []
    rows = XAIService.list_recordings(int(experiment))
    options = [
        {
            "label": f"{SIDE_WORDS[row['side']]} · {row['name']} · {row['true_class']}",
            "value": str(row["recording_id"]),
        }
        for row in rows
    ]
    networks = XAIService.list_networks()
    names = next(n["class_names"] for n in networks if n["experiment_id"] == int(experiment))
    classes = [{"label": name, "value": name} for name in names]
    return options, _kept(view.get("recording"), options), classes


def choose_class(
    recording: str | None, experiment: str | None, view: dict[str, Any]
) -> tuple[str | None, int | None]:
    """The class and window of the address, else the true class and the strongest window."""
    if not recording or not experiment:
        return None, None
    if view.get("class") and recording == str(view.get("recording")):
        return view["class"], view.get("window")
    rows = XAIService.list_recordings(int(experiment))
    return next(r["true_class"] for r in rows if r["recording_id"] == int(recording)), None


def show(
    _pulse: dict[str, Any],
    _asked: int | None,
    target: str | None,
    window: int | None,
    experiment: str | None,
    recording: str | None,
    shown: Shown | None,
) -> Any:
    """The explanation if there is one, else how far it is; and those made before."""
    if not (experiment and recording and target):
        empty: Any = [] if XAIService.list_networks(limit=1) else nothing_trained()
        return empty, [], True, run_label(), None, []
    key = _key(experiment, recording, target)
    if shown and shown["key"] == key and window in (None, shown["window"]):
        return (no_update,) * 6
    view = ExplanationViewService.show(key["experiment"], key["recording"], target, window)
    if view is None:
        return _waiting(key), [], not _may_ask(key), run_label(), None, _recent(key)
    now_shown = {"key": key, "window": view["chosen"], "windows": len(view["starts_s"])}
    drawn = result({**view, "recording_id": key["recording"]})
    return [], drawn, True, run_label(done=True), now_shown, _recent(key)


def ask(
    clicks: int | None, experiment: str | None, recording: str | None, target: str | None
) -> Any:
    """Have it explained; the result comes by itself."""
    if not clicks or not (experiment and recording and target):
        return no_update
    job_id = XAIService.request_explanation(int(experiment), int(recording), target)
    if job_id is not None:
        tell("The explanation is being made.", "info")
    return clicks


def step(_back: int | None, _on: int | None, clicked: Any, shown: Shown | None) -> Any:
    """The next window, the one before, or the one whose bar was pressed."""
    if not shown:
        return no_update
    if ctx.triggered_id == Ids.overview:
        number = _pressed(clicked)
        return no_update if number is None else number
    if not ctx.triggered[0]["value"]:
        return no_update  # the buttons have just been drawn
    move = 1 if ctx.triggered_id == Ids.next else -1
    return (shown["window"] + move) % shown["windows"]


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.experiment, "options"),
        Output(Ids.experiment, "value"),
        Input(Ids.view, "data"),
    )(list_experiments)
    app.callback(
        Output(Ids.recording, "options"),
        Output(Ids.recording, "value"),
        Output(Ids.target, "options"),
        Input(Ids.experiment, "value"),
        State(Ids.view, "data"),
    )(list_recordings)
    app.callback(
        Output(Ids.target, "value"),
        Output(Ids.window, "data"),
        Input(Ids.recording, "value"),
        State(Ids.experiment, "value"),
        State(Ids.view, "data"),
    )(choose_class)
    app.callback(
        Output(Ids.state, "children"),
        Output(Ids.result, "children"),
        Output(Ids.run, "disabled"),
        Output(Ids.run, "children"),
        Output(Ids.shown, "data"),
        Output(Ids.recent, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.asked, "data"),
        Input(Ids.target, "value"),
        Input(Ids.window, "data"),
        State(Ids.experiment, "value"),
        State(Ids.recording, "value"),
        State(Ids.shown, "data"),
    )(show)
    app.callback(
        Output(Ids.asked, "data"),
        Input(Ids.run, "n_clicks"),
        State(Ids.experiment, "value"),
        State(Ids.recording, "value"),
        State(Ids.target, "value"),
        prevent_initial_call=True,
    )(ask)
    app.callback(
        Output(Ids.window, "data", allow_duplicate=True),
        Input(Ids.previous, "n_clicks"),
        Input(Ids.next, "n_clicks"),
        Input(Ids.overview, "clickData"),
        State(Ids.shown, "data"),
        prevent_initial_call=True,
    )(step)
    app.clientside_callback(
        ClientsideFunction("explain", "remember"),
        Output(Ids.address, "data"),
        Input(Ids.experiment, "value"),
        Input(Ids.recording, "value"),
        Input(Ids.target, "value"),
        Input(Ids.shown, "data"),
        prevent_initial_call=True,
    )


def _key(experiment: str, recording: str, target: str) -> dict[str, Any]:
    return {"experiment": int(experiment), "recording": int(recording), "class": target}


def _kept(wanted: int | None, options: Options) -> str | None:
    values = [option["value"] for option in options]
    if wanted is not None and str(wanted) in values:
        return str(wanted)
    return values[0] if values else None


def _waiting(key: dict[str, Any]) -> Component:
    job = XAIService.find_job(key["experiment"], key["recording"], key["class"])
    # A job that is done without a stored result belongs to weights that are gone.
    if job is not None and job["status"] not in (JobStatus.DONE, JobStatus.CANCELLED):
        return progress(job)
    return not_explained(key["class"], may_ask=_is_writer())


def _may_ask(key: dict[str, Any]) -> bool:
    job = XAIService.find_job(key["experiment"], key["recording"], key["class"])
    return _is_writer() and (job is None or job["status"] not in UNFINISHED)


def _is_writer() -> bool:
    return actor.reader().role is not Role.VIEWER


def _recent(key: dict[str, Any]) -> Any:
    """Explanations of the experiment beside the one that is shown."""
    rows = [
        row
        for row in ExplanationCache.get_recent_explanations(key["experiment"], RECENT)
        if (row["signal_id"], row["target_class"]) != (key["recording"], key["class"])
    ]
    recordings = XAIService.list_recordings(key["experiment"])
    return recent(rows, {row["recording_id"]: row["name"] for row in recordings})


def _pressed(clicked: Any) -> int | None:
    points = (clicked or {}).get("points") or [{}]
    number = points[0].get("customdata")
    return number if isinstance(number, int) else None
