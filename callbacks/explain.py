"""What happens on the explain page."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from callbacks.explain_methods import (
    Wanted,
    chosen_experiment,
    is_there,
    key_of,
    target_of,
    wanted_methods,
)
from layouts import shell
from layouts.explain import (
    NAMED,
    Ids,
    feature_result,
    not_explained,
    nothing_trained,
    progress,
    recent,
    recording_label,
    result,
    run_label,
)
from layouts.explain_asking import Ids as AskIds
from layouts.explain_many import Ids as ManyIds
from models import JobStatus, Role
from services import actor
from services.explanation_cache import ExplanationCache
from services.explanation_view_service import ExplanationViewService
from services.explanations.asking import OF_FEATURES, TITLES
from services.xai_service import XAIService

Options = list[dict[str, str]]
Shown = dict[str, Any]

RECENT = 8
UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)


def list_experiments(view: dict[str, Any]) -> tuple[Options, str | None]:
    """The networks that can be explained; the one of the address, or the newest."""
    wanted = view.get("experiment")
    networks = XAIService.list_experiments(also=wanted)
    options = [{"label": row["name"], "value": str(row["experiment_id"])} for row in networks]
    chosen = _kept(wanted, options)
    if wanted is not None and chosen is not None and chosen != str(wanted):
        tell(f"There is no trained experiment {wanted}. The newest one is shown.", "warning")
    return options, chosen


def list_recordings(
    experiment: str | None, view: dict[str, Any]
) -> tuple[Options, str | None, Options]:
    """The recordings and the classes of an experiment."""
    if not experiment:
        return [], None, []
    rows = XAIService.list_recordings(int(experiment), view.get("recording"))
    options = [{"label": recording_label(row), "value": str(row["recording_id"])} for row in rows]
    names = chosen_experiment(experiment)["class_names"]
    classes = [{"label": "what it names itself", "value": NAMED}]
    classes += [{"label": name, "value": name} for name in names]
    return options, _kept(view.get("recording"), options), classes


def choose_class(
    recording: str | None, experiment: str | None, view: dict[str, Any]
) -> tuple[str | None, int | None]:
    """The class and window of the address, else what it names and the strongest window."""
    if not recording or not experiment:
        return None, None
    if recording != str(view.get("recording")):
        return NAMED, None
    return view.get("class") or NAMED, view.get("window")


def show(
    _pulse: dict[str, Any],
    _asked: int | None,
    target: str | None,
    window: int | None,
    methods: list[str] | None,
    parameters: dict[str, Any],
    experiment: str | None,
    recording: str | None,
    shown: Shown | None,
) -> Any:
    """The explanations that are there, how far the others are, and those made before."""
    if not (experiment and recording and target):
        empty: Any = [] if XAIService.list_experiments(limit=1) else nothing_trained()
        return empty, [], True, run_label(), None, []
    key = key_of(experiment, recording, target)
    wanted = wanted_methods(methods or [], parameters)
    there = [one for one in wanted if is_there(key, one)]
    missing = [one for one in wanted if one not in there]
    about = {"key": key, "there": [list(one) for one in there]}
    same = shown and {name: shown[name] for name in about} == about
    if shown and same and window in (None, shown["window"]) and not missing:
        return (no_update,) * 6
    state, may_ask = _waiting(key, missing) if missing or not wanted else ([], False)
    label = run_label(done=bool(there) and not missing)
    if shown and same and window in (None, shown["window"]):
        return state, no_update, not may_ask, label, no_update, no_update
    drawn, place = _drawn(key, there, window)
    now_shown = {**about, **place} if there else None
    return state, drawn, not may_ask, label, now_shown, _recent(key, there)


def ask(
    clicks: int | None,
    experiment: str | None,
    recording: str | None,
    target: str | None,
    methods: list[str] | None,
    parameters: dict[str, Any],
) -> Any:
    """Have it explained; the results come by themselves."""
    if not clicks or not (experiment and recording and target and methods):
        return no_update
    key = int(experiment), int(recording), target_of(target)
    asked = [
        XAIService.request_explanation(*key, *one) for one in wanted_methods(methods, parameters)
    ]
    if any(job_id is not None for job_id in asked):
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
    _register_choices(app)
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
        Input(AskIds.methods, "value"),
        Input(Ids.parameters, "data"),
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
        State(AskIds.methods, "value"),
        State(Ids.parameters, "data"),
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
        Input(AskIds.methods, "value"),
        Input(ManyIds.more, "value"),
        prevent_initial_call=True,
    )


def _register_choices(app: Dash) -> None:
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


def _kept(wanted: int | None, options: Options) -> str | None:
    values = [option["value"] for option in options]
    if wanted is not None and str(wanted) in values:
        return str(wanted)
    return values[0] if values else None


def _waiting(key: dict[str, Any], missing: list[Wanted]) -> tuple[Any, bool]:
    """How far the missing ones are, and whether they can be asked for."""
    place = key["experiment"], key["recording"], key["class"]
    jobs = [XAIService.find_job(*place, *one) for one in missing]
    # A job that is done without a stored result belongs to weights that are gone.
    ended = (JobStatus.DONE, JobStatus.CANCELLED)
    told = [job for job in jobs if job is not None and job["status"] not in ended]
    idle = [
        TITLES[one[0]]
        for one, job in zip(missing, jobs, strict=True)
        if job is None or job["status"] in ended
    ]
    may_ask = _is_writer() and any(job is None or job["status"] not in UNFINISHED for job in jobs)
    state: list[Component] = [progress(job) for job in told]
    if idle or not missing:
        state.append(not_explained(key["class"], idle, may_ask=_is_writer()))
    return state, may_ask


def _drawn(
    key: dict[str, Any], there: list[Wanted], window: int | None
) -> tuple[list[Component], dict[str, Any]]:
    """The first of them with the recording, and all side by side in its window."""
    place = key["experiment"], key["recording"], key["class"]
    if not there:
        return [], {}
    if there[0][0] in OF_FEATURES:
        found = [ExplanationViewService.show_features(*place, name) for name, _ in there]
        return feature_result([one for one in found if one]), {"window": None, "windows": 0}
    name, parameters = there[0]
    view = ExplanationViewService.show(*place, window, name, parameters)
    if view is None:
        return [], {"window": None, "windows": 0}
    compared = ExplanationViewService.compare(*place, there, view["starts_s"][view["chosen"]])
    common = None if window is not None else _common_window(view, compared)
    if common is not None:
        return _drawn(key, there, common)
    drawn = result({**view, "recording_id": key["recording"]}, compared)
    place_of = {"window": view["chosen"], "windows": len(view["starts_s"])}
    return drawn, {**place_of, "start_s": view["starts_s"][view["chosen"]]}


def _common_window(view: Any, compared: Any) -> int | None:
    """A window that the method with fewer windows explained too, where the shown one is not."""
    begins = [one["close"]["edges_s"][0] for one in compared["methods"] if not one["in_window"]]
    if not begins:
        return None
    distances = [abs(start - begins[0]) for start in view["starts_s"]]
    return distances.index(min(distances))


def _is_writer() -> bool:
    return actor.reader().role is not Role.VIEWER


def _recent(key: dict[str, Any], there: list[Wanted]) -> Any:
    """Explanations of the experiment beside those that are shown."""
    names = [name for name, _ in there]
    rows = [
        row
        for row in ExplanationCache.get_recent_explanations(key["experiment"], RECENT)
        if (row["signal_id"], row["target_class"]) != (key["recording"], key["class"])
        or row["method"] not in names
    ]
    recordings = XAIService.list_recordings(key["experiment"], key["recording"])
    return recent(rows, {row["recording_id"]: row["name"] for row in recordings}, TITLES)


def _pressed(clicked: Any) -> int | None:
    points = (clicked or {}).get("points") or [{}]
    number = points[0].get("customdata")
    return number if isinstance(number, int) else None
