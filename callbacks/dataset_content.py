"""What is in the version that is shown: counts, warnings, waveforms, statistics of samples."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.dataset import details
from callbacks.errors import tell
from layouts.dataset import Ids as Page
from layouts.dataset_content import (
    Ids,
    crossing_table,
    field_options,
    left_out,
    one_field,
    preview,
    title_of,
    warnings,
    waveform_table,
)
from layouts.shell import Ids as Shell
from services import actor
from services.dataset_service import DatasetService
from services.errors import Invalid
from services.waveform_service import WaveformService

Version = str | int | None
View = dict[str, Any]
# Against what classes are counted at first: the first of these that there is.
USUAL_COLUMNS = ("load", "bearing", "machine")


def show_counts(
    version: Version, view: View, rows: str | None, columns: str | None
) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Warnings, and the fields to count by; what was chosen stays where it can."""
    if not version or view["dataset"] is None:
        return [], [], None, [], None, ""
    number = int(version)
    statistics = DatasetService.get_dataset_statistics(view["dataset"], number)
    groups = DatasetService.list_warnings(view["dataset"], number)
    told = warnings(groups, view["dataset"], number, statistics["num_signals"])
    options = field_options(statistics)
    known = [one["value"] for one in options]
    others = [name for name in (*USUAL_COLUMNS, *known) if name in known and name != "label"]
    first = rows if rows in known else "label"
    second = columns if columns in known else next(iter(others), None)
    return told, options, first, options, second, left_out(statistics)


def swap(clicks: int | None, rows: str | None, columns: str | None) -> tuple[Any, Any]:
    return (columns, rows) if clicks else (no_update, no_update)


def show_crossing(rows: str | None, columns: str | None, version: Version, view: View) -> Any:
    """How many recordings have which values of two fields; of one, where there is no other."""
    if not version or view["dataset"] is None or not rows:
        return []
    number = int(version)
    if columns is None or rows == columns:
        statistics = DatasetService.get_dataset_statistics(view["dataset"], number)
        counts = statistics["groups"].get(rows, {}) if rows != "label" else statistics["classes"]
        without = statistics["unlabelled"] if rows == "label" else 0
        return one_field(counts, title_of(rows), statistics["num_signals"], without)
    try:
        found = DatasetService.get_crossing(view["dataset"], rows, columns, number)
    except Invalid as error:
        return error.message
    return crossing_table(found, view["dataset"], number)


def show_preview(version: Version, examples: str | int, same_scale: bool, view: View) -> Any:
    if not version or view["dataset"] is None:
        return []
    found = DatasetService.get_dataset_preview(view["dataset"], int(examples), int(version))
    return preview(found, same_scale=bool(same_scale))


def show_waveforms(
    version: Version, _pulse: Any, view: View, unmeasured: int | None
) -> tuple[Any, Any]:
    """Statistics of the samples; looked at again while a job measures those that were missing."""
    if not version or view["dataset"] is None:
        return [], None
    if ctx.triggered_id == Shell.pulse and not unmeasured:
        return no_update, no_update
    found = WaveformService.get_statistics(view["dataset"], int(version))
    if ctx.triggered_id == Shell.pulse and found["unmeasured"] == unmeasured:
        return no_update, no_update
    dataset = details(view)
    can_measure = dataset is not None and actor.may_change(dataset["owner_id"])
    return waveform_table(found, can_measure=can_measure), found["unmeasured"]


def measure(clicks: list[int | None], view: View) -> Any:
    if any(clicks):
        WaveformService.request_measurement(view["dataset"])
        tell("The samples are being measured. The table follows when that is done.", "info")
    return no_update


def register(app: Dash) -> None:
    shown = (Input(Page.version, "value"), State(Page.view, "data"))
    app.callback(
        Output(Ids.warnings, "children"),
        Output(Ids.rows, "options"),
        Output(Ids.rows, "value"),
        Output(Ids.columns, "options"),
        Output(Ids.columns, "value"),
        Output(Ids.left_out, "children"),
        *shown,
        State(Ids.rows, "value"),
        State(Ids.columns, "value"),
    )(show_counts)
    app.callback(
        Output(Ids.rows, "value", allow_duplicate=True),
        Output(Ids.columns, "value", allow_duplicate=True),
        Input(Ids.swap, "n_clicks"),
        State(Ids.rows, "value"),
        State(Ids.columns, "value"),
        prevent_initial_call=True,
    )(swap)
    app.callback(
        Output(Ids.crossing, "children"),
        Input(Ids.rows, "value"),
        Input(Ids.columns, "value"),
        *shown,
    )(show_crossing)
    app.callback(
        Output(Ids.preview, "children"),
        Input(Page.version, "value"),
        Input(Ids.examples, "value"),
        Input(Ids.same_scale, "value"),
        State(Page.view, "data"),
    )(show_preview)
    app.callback(
        Output(Ids.waveforms, "children"),
        Output(Ids.measured, "data"),
        Input(Page.version, "value"),
        Input(Shell.pulse, "data"),
        State(Page.view, "data"),
        State(Ids.measured, "data"),
    )(show_waveforms)
    app.callback(
        Output(Ids.measured, "data", allow_duplicate=True),
        Input({"type": Ids.measure, "of": ALL}, "n_clicks"),
        State(Page.view, "data"),
        prevent_initial_call=True,
    )(measure)
