"""What happens on the page of feature sets."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from callbacks.errors import tell
from diagnostics.features.batch import fitting_window
from layouts import shell
from layouts.components.choices import with_the_rest
from layouts.components.versions import filled_versions
from layouts.features import (
    PAGE_SIZE,
    USUAL,
    Ids,
    channel_options,
    choice_told,
    feature_sets,
    group_options,
    progress,
)
from layouts.page import WRITERS
from models import JobKind, JobStatus
from services import actor
from services.dataset_service import DatasetService
from services.errors import Invalid, NotFound
from services.experiment_service import ExperimentService
from services.feature_service import FeatureService
from services.feature_set_service import FeatureSetService
from services.job_service import ACTIVE, JobService, JobView
from services.paging import MOST_OFFERED

ENDED_BADLY = (JobStatus.FAILED, JobStatus.CANCELLED)


def show_sets(
    _pulse: dict[str, Any], _changed: int, page: int | None, known: list[Any] | None
) -> tuple[Any, Any, Any, int, bool]:
    """Progress, and a page of sets; these are drawn anew only when there are others."""
    sets = FeatureSetService.list_feature_sets(PAGE_SIZE, ((page or 1) - 1) * PAGE_SIZE)
    total = FeatureSetService.count_feature_sets()
    pages = max(1, -(-total // PAGE_SIZE))
    jobs = _jobs()
    told = progress(jobs, [actor.may_change(job["owner_id"]) for job in jobs])
    is_first = not sets and any(job["status"] in ACTIVE for job in jobs)
    now = [total, [one["id"] for one in sets], is_first]
    if now == known:
        return told, no_update, no_update, pages, pages == 1
    has_data = bool(filled_versions(ExperimentService.list_versions()))
    shown = feature_sets(sets, may_add=_may_add(), has_data=has_data, is_first=is_first)
    return told, shown, now, pages, pages == 1


def offer_versions(dataset_id: int | None) -> tuple[Any, Any, bool]:
    """The versions to choose from, first the newest of the data set that the address names; no
    form where there is none, or for who may only look."""
    named = None if dataset_id is None else _newest_of(dataset_id)
    versions = ExperimentService.list_versions(named)
    options = filled_versions(versions)
    offered = [one["value"] for one in options]
    first = named if named in offered else next(iter(offered), None)
    shown = with_the_rest(options, cut=len(versions) >= MOST_OFFERED)
    return shown, first, not options or not _may_add()


def _newest_of(dataset_id: int) -> int | None:
    """The newest version of a data set that has recordings."""
    dataset = DatasetService.get_dataset_details(dataset_id)
    versions = dataset["versions"] if dataset else []
    return next((one["id"] for one in versions if one["recording_count"]), None)


def describe_version(version: str | int | None, window: float | None) -> tuple[Any, ...]:
    """Channels and groups of a version, a name to begin with, and a window that fits."""
    if not version:
        return [], None, [], USUAL, no_update, True, no_update
    try:
        found = ExperimentService.describe_version(int(version))
    except NotFound:
        return [], None, [], USUAL, no_update, True, no_update
    channels = channel_options(found["channel_names"])
    name = f"{found['dataset_name']}"[:120]
    shortest = found["shortest_s"] * min(found["rates_hz"], default=0.0)
    fitting = fitting_window(window, shortest) or no_update
    return channels, "0", group_options(found["fields"]), USUAL, name, False, fitting


def tell_choice(window: Any, overlap: Any, channel: str | None, version: str | int | None) -> str:
    if not version:
        return ""
    try:
        known = ExperimentService.describe_version(int(version))
        return choice_told(known, int(channel or 0), window, overlap)
    except NotFound:
        return ""


def start(
    clicks: int | None,
    version: str | int | None,
    name: str | None,
    domains: list[str] | None,
    channel: str | int | None,
    window: float | None,
    overlap: float | None,
    group: str | None,
    changed: int,
) -> int | Any:
    if not clicks or ctx.triggered_id != Ids.start:
        return no_update
    if not version or window is None or overlap is None:
        raise Invalid("Choose a data set, a window and an overlap first.")
    found = ExperimentService.describe_version(int(version))
    config = {
        "channel": int(channel or 0),
        "window": window,
        "overlap": overlap / 100,
        "group_by": "" if group in (None, USUAL) else group,
    }
    FeatureService.submit_extraction(
        found["dataset_id"], name or "", domains or [], config, found["version_number"]
    )
    tell("The extraction has begun. The set appears here when it is done.", "info")
    return changed + 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.progress, "children"),
        Output(Ids.place, "children"),
        Output(Ids.known, "data"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.pages, "active_page"),
        State(Ids.known, "data"),
    )(show_sets)
    app.callback(
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.form, "hidden"),
        Input(Ids.dataset, "data"),
    )(offer_versions)
    app.callback(
        Output(Ids.channel, "options"),
        Output(Ids.channel, "value"),
        Output(Ids.group, "options"),
        Output(Ids.group, "value"),
        Output(Ids.name, "value"),
        Output(Ids.start, "disabled"),
        Output(Ids.window, "value"),
        Input(Ids.version, "value"),
        State(Ids.window, "value"),
    )(describe_version)
    app.callback(
        Output(Ids.told, "children"),
        Input(Ids.window, "value"),
        Input(Ids.overlap, "value"),
        Input(Ids.channel, "value"),
        Input(Ids.version, "value"),
    )(tell_choice)
    app.callback(
        Output(Ids.changed, "data"),
        Input(Ids.start, "n_clicks"),
        State(Ids.version, "value"),
        State(Ids.name, "value"),
        State(Ids.domains, "value"),
        State(Ids.channel, "value"),
        State(Ids.window, "value"),
        State(Ids.overlap, "value"),
        State(Ids.group, "value"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(start)


def _jobs() -> list[JobView]:
    """Those that have not ended; else the newest, when it ended badly."""
    kind = JobKind.EXTRACT_FEATURES
    running = JobService.list_jobs(statuses=ACTIVE, kind=kind)
    newest = JobService.list_jobs(limit=1, kind=kind)
    bad = [job for job in newest if job["status"] in ENDED_BADLY]
    return running or bad


def _may_add() -> bool:
    return actor.reader().role in WRITERS
