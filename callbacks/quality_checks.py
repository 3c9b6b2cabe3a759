"""What happens on the page of quality checks."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import alert
from layouts.jobs import job_actions
from layouts.quality_checks import (
    FIELDS,
    NAMES,
    NONE,
    Ids,
    field_id,
    history_table,
    run_panel,
    switched_off,
)
from services import actor
from services.errors import NotFound
from services.job_service import JobService
from services.testing.timing import OPEN_PATHS
from services.testing_service import TestingService

# From the fields of the page to what the check is told.
ARGUMENTS = {"least": "min_coverage", "count": "num_samples"}
Options = list[dict[str, str]]


def offer(_check: str) -> tuple[Any, ...]:
    """What can be chosen, or why nothing can."""
    if not TestingService.is_enabled():
        return switched_off(), True, *(no_update,) * 5
    tests = [file["path"] for file in TestingService.get_test_files()]
    sources = [file["path"] for file in TestingService.list_sources()]
    folders = [path for path in sources if "/" not in path and path != "tests"]
    none = [{"label": NONE, "value": NONE}]
    addresses = none + _options(list(OPEN_PATHS))
    return (
        None,
        False,
        _options(tests),
        _options(folders),
        _options(sources),
        none + TestingService.list_networks(),
        addresses,
    )


def show_fields(check: str) -> list[bool]:
    return [name not in FIELDS[check] for name in NAMES]


def start(clicks: int | None, check: str, *values: Any) -> int | Any:
    """Run what is chosen; the run is shown below at once."""
    if not clicks:
        return no_update
    given = dict(zip(NAMES, values, strict=True))
    chosen = {
        ARGUMENTS.get(name, name): given[name]
        for name in FIELDS[check]
        if given[name] not in (None, "", NONE)
    }
    job_id = TestingService.request_check(check, chosen)
    tell("The check waits for a worker.", "info")
    return job_id


def show_run(_pulse: dict[str, Any], chosen: int | None) -> Component | list[Any]:
    if chosen is None:
        return []
    try:
        job = JobService.get_job(chosen)
    except NotFound as error:
        return alert(error.message, "warning")
    actions = job_actions(job) if actor.may_change(job["owner_id"]) else []
    return run_panel(job, JobService.list_log(chosen), actions)


def show_history(_pulse: dict[str, Any], _chosen: int | None) -> Component:
    return history_table(TestingService.get_recent_test_history())


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.off, "children"),
        Output(Ids.place, "hidden"),
        Output(Ids.test_path, "options"),
        Output(Ids.source_path, "options"),
        Output(Ids.path, "options"),
        Output(Ids.model_path, "options"),
        Output(Ids.api_url, "options"),
        Input(Ids.place, "id"),
    )(offer)
    app.callback(*(Output(field_id(name), "hidden") for name in NAMES), Input(Ids.check, "value"))(
        show_fields
    )
    app.callback(
        Output(Ids.chosen, "data"),
        Input(Ids.start, "n_clicks"),
        State(Ids.check, "value"),
        State(Ids.test_path, "value"),
        State(Ids.markers, "value"),
        State(Ids.verbose, "value"),
        State(Ids.source_path, "value"),
        State(Ids.least, "value"),
        State(Ids.path, "value"),
        State(Ids.model_path, "value"),
        State(Ids.api_url, "value"),
        State(Ids.count, "value"),
        prevent_initial_call=True,
    )(start)
    app.callback(
        Output(Ids.run, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.chosen, "data"),
    )(show_run)
    app.callback(
        Output(Ids.history, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.chosen, "data"),
    )(show_history)


def _options(paths: list[str]) -> Options:
    return [{"label": path, "value": path} for path in paths]
