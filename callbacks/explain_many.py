"""Several recordings on the explain page: chosen, explained in one job, and summed up."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.errors import tell
from callbacks.explain_methods import target_of, wanted_methods
from layouts import shell
from layouts.explain import Ids as PageIds
from layouts.explain_asking import Ids as AskIds
from layouts.explain_asking import estimate_text
from layouts.explain_many import Ids, many_state, not_explained_alert, overviews
from models import JobStatus, Role
from services import actor
from services.explanations.batches import ExplanationBatchService
from services.xai_service import XAIService

Options = list[dict[str, Any]]
ACTIVE = (JobStatus.WAITING, JobStatus.RUNNING)
TOLD = (*ACTIVE, JobStatus.FAILED)


def list_more(experiment: str | None, view: dict[str, Any]) -> tuple[Options, list[int]]:
    """All recordings of the experiment, those of the address chosen."""
    if not experiment:
        return [], []
    rows = XAIService.list_recordings(int(experiment))
    options = [
        {"label": f"{row['name']} · {row['true_class']}", "value": row["recording_id"]}
        for row in rows
    ]
    known = {row["recording_id"] for row in rows}
    return options, [number for number in view.get("more") or [] if number in known]


def choose_held_out(clicks: int | None, experiment: str | None, recording: str | None) -> Any:
    """All recordings that were held out, beside the one that is shown."""
    if not clicks or not experiment:
        return no_update
    rows = XAIService.list_recordings(int(experiment))
    own = int(recording) if recording else None
    return [
        row["recording_id"] for row in rows if row["side"] == "test" and row["recording_id"] != own
    ]


def ask_many(
    clicks: int | None,
    more: list[int] | None,
    experiment: str | None,
    recording: str | None,
    target: str | None,
    methods: list[str] | None,
    parameters: dict[str, Any],
) -> Any:
    """Have all of them explained by all methods that are chosen."""
    if not clicks or not (more and experiment and recording and methods):
        return no_update
    chosen = _chosen(recording, more)
    given = _taken(methods, parameters)
    job_id = ExplanationBatchService.request_batch(
        int(experiment), chosen, methods, target_of(target), given
    )
    if job_id is None:
        tell("All of them are explained already.", "info")
    return clicks


def show_many(
    _pulse: dict[str, Any],
    asked: int | None,
    more: list[int] | None,
    target: str | None,
    methods: list[str] | None,
    parameters: dict[str, Any],
    single: Any,
    experiment: str | None,
    recording: str | None,
    shown: list[Any] | None,
) -> Any:
    """The table over the recordings, and how far the job is; nothing where nothing changed."""
    if not (more and experiment and recording and methods):
        return [], [], True, None
    job = ExplanationBatchService.find_job(int(experiment))
    status = None if job is None else (job["id"], job["status"])
    # A job that runs changes its progress with each pulse, the table only at its end.
    now = [experiment, recording, more, target, methods, parameters, asked, status, single]
    plain = _plain(now)
    running = job is not None and job["status"] in ACTIVE
    if shown == plain:
        state = many_state(job, "") if running else no_update
        return state, no_update, no_update, no_update
    chosen, name = _chosen(recording, more), target_of(target)
    given = _taken(methods, parameters)
    views = [
        ExplanationBatchService.get_overview(int(experiment), chosen, *one[:1], name, one[1])
        for one in wanted_methods(methods, parameters)
    ]
    missing = ExplanationBatchService.estimate_batch(int(experiment), chosen, methods, name, given)
    told = estimate_text(missing) if missing and not running else ""
    names = {
        row["recording_id"]: row["name"] for row in XAIService.list_recordings(int(experiment))
    }
    query = {"experiment": experiment, "more": ",".join(map(str, chosen))}
    state = many_state(job if job and job["status"] in TOLD else None, told)
    absent = {number for view in views for number in view["missing"]}
    failed = [
        (names.get(one["recording_id"], ""), one["error"])
        for one in ((job["result"] if job else None) or {}).get("failed", [])
        if one["recording_id"] in absent
    ]
    disabled = running or not missing or not _may_ask()
    drawn = [*not_explained_alert(failed), *overviews(views, names, query)]
    return state, drawn, disabled, plain


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.more, "options"),
        Output(Ids.more, "value"),
        Input(PageIds.experiment, "value"),
        State(PageIds.view, "data"),
    )(list_more)
    app.callback(
        Output(Ids.more, "value", allow_duplicate=True),
        Input(Ids.held_out, "n_clicks"),
        State(PageIds.experiment, "value"),
        State(PageIds.recording, "value"),
        prevent_initial_call=True,
    )(choose_held_out)
    app.callback(
        Output(Ids.asked, "data"),
        Input(Ids.run, "n_clicks"),
        State(Ids.more, "value"),
        State(PageIds.experiment, "value"),
        State(PageIds.recording, "value"),
        State(PageIds.target, "value"),
        State(AskIds.methods, "value"),
        State(PageIds.parameters, "data"),
        prevent_initial_call=True,
    )(ask_many)
    app.callback(
        Output(Ids.state, "children"),
        Output(Ids.result, "children"),
        Output(Ids.run, "disabled"),
        Output(Ids.shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.asked, "data"),
        Input(Ids.more, "value"),
        Input(PageIds.target, "value"),
        Input(AskIds.methods, "value"),
        Input(PageIds.parameters, "data"),
        Input(PageIds.shown, "data"),
        State(PageIds.experiment, "value"),
        State(PageIds.recording, "value"),
        State(Ids.shown, "data"),
    )(show_many)


def _chosen(recording: str, more: list[int]) -> list[int]:
    """The one that is shown comes first."""
    return list(dict.fromkeys([int(recording), *more]))


def _taken(methods: list[str], parameters: dict[str, Any]) -> dict[str, Any]:
    """What was typed and at least one of the methods has."""
    return {k: v for _, given in wanted_methods(methods, parameters) for k, v in given.items()}


def _may_ask() -> bool:
    return actor.reader().role is not Role.VIEWER


def _plain(values: list[Any]) -> list[Any]:
    """As the store gives it back: tuples and states become lists and text."""
    return [
        [str(part) for part in value] if isinstance(value, tuple) else value for value in values
    ]
