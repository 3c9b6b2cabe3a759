"""What happens on the page of sources."""

from __future__ import annotations

import json
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from diagnostics.features.batch import fitting_window
from layouts import shell
from layouts.components.choices import with_the_rest
from layouts.components.links import path_to
from layouts.page import WRITERS
from layouts.sources import Ids, source_table
from services import actor
from services.dataset_service import DatasetService
from services.errors import Invalid
from services.feature_set_service import FeatureSetService
from services.paging import MOST_OFFERED
from services.recording_service import RecordingService
from services.source_service import SourceService
from services.sources.databases import SourceDatabaseService

MOST = 200
DATABASE = "database_view"


def show_sources(_pulse: Any, _changed: int, text: str | None) -> Component:
    wanted = (text or "").strip()
    return source_table(
        SourceService.list_sources(MOST, 0, wanted),
        SourceService.count_sources(wanted),
        may_add=_may_add(),
        is_narrowed=bool(wanted),
    )


def show_form(_id: str) -> bool:
    return not _may_add()


def offer(
    kind: str, asked: int | None = None
) -> tuple[bool, bool, bool, bool, list[dict[str, Any]], Any]:
    """The fields of a kind, and what there is of it; first what the address names."""
    is_table, by_windows = kind == "table", kind in ("dataset", "recording")
    options = _feature_sets() if kind == "feature_set" else _datasets() if by_windows else []
    there = [one["value"] for one in options]
    first = asked if asked in there else there[0] if there else None
    is_alone = is_table or kind == DATABASE
    return not is_table, is_alone, kind != "recording", not by_windows, options, first


def offer_databases(kind: str) -> tuple[bool, list[dict[str, Any]], Any]:
    if kind != DATABASE:
        return True, [], None
    names = SourceDatabaseService.list_databases()
    return False, [{"label": one, "value": one} for one in names], names[0] if names else None


def offer_tables(database: str | None) -> tuple[list[dict[str, Any]], Any]:
    if not database:
        return [], None
    options = []
    for one in SourceDatabaseService.list_tables(database):
        place = ".".join(filter(None, (one["schema"], one["name"])))
        value = json.dumps([one["schema"], one["name"]])
        options.append({"label": f"{place} (view)" if one["is_view"] else place, "value": value})
    return options, options[0]["value"] if options else None


def offer_order(table: str | None, database: str | None) -> tuple[list[dict[str, Any]], str]:
    """Columns to order by; at first one that holds moments, if there is one."""
    by_key = {"label": "its key, if it has one", "value": ""}
    if not table or not database:
        return [by_key], ""
    columns = SourceDatabaseService.list_columns(database, *json.loads(table))
    moments = [one["name"] for one in columns if one["type"].startswith(("date", "timestamp"))]
    options = [{"label": one["name"], "value": one["name"]} for one in columns if one["is_read"]]
    return [by_key, *options], moments[0] if moments else ""


def offer_recordings(kind: str, dataset: str | int | None) -> tuple[list[dict[str, Any]], Any]:
    if kind != "recording" or not dataset:
        return [], None
    found = RecordingService.list_recordings(int(dataset), limit=MOST)
    options = [{"label": one["name"], "value": one["id"]} for one in found]
    return options, options[0]["value"] if options else None


def offer_window(
    kind: str, dataset: str | int | None, recording: str | int | None, window: float | None
) -> Any:
    """A window that the recording, or the shortest of the data set, holds."""
    if kind == "recording" and recording:
        shortest = RecordingService.get_recording(int(recording))["sample_count"]
    elif kind == "dataset" and dataset:
        found = RecordingService.list_recordings(int(dataset), limit=1, sort="sample_count")
        shortest = found[0]["sample_count"] if found else 0
    else:
        return no_update
    return fitting_window(window, shortest) or no_update


def make(
    clicks: int | None,
    kind: str,
    upload: dict[str, Any] | None,
    number: str | int | None,
    recording: str | int | None,
    window: float | None,
    name: str | None,
    codes: str | None,
    changed: int,
    database: str | None = None,
    table: str | None = None,
    order: str | None = None,
) -> tuple[Any, Any]:
    if not clicks or ctx.triggered_id != Ids.make:
        return no_update, no_update
    if kind == DATABASE:
        if not database or not table:
            raise Invalid("Choose a database and a table or view of it.")
        schema, place = json.loads(table)
        config: dict[str, Any] = {"database": database, "schema": schema, "table": place}
        config["order_by"] = order or ""
    elif kind == "table":
        if not upload:
            raise Invalid("Choose a file first, and wait until it has arrived.")
        config = {"upload_id": upload["id"]}
    else:
        chosen = recording if kind == "recording" else number
        if not chosen:
            raise Invalid("There is nothing of this kind yet to make a source from.")
        config = {f"{kind}_id": int(chosen)}
        if kind != "feature_set" and window:
            config["window"] = int(window)
    source_id = SourceService.create_source(kind, config, name or "", missing_codes=_codes(codes))
    tell("The source is being read.", "info")
    return changed + 1, path_to(f"/sources/{source_id}")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.place, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.text, "value"),
    )(show_sources)
    app.callback(Output(Ids.form, "hidden"), Input(Ids.form, "id"))(show_form)
    app.callback(
        Output(Ids.of_table, "hidden"),
        Output(Ids.of_other, "hidden"),
        Output(Ids.of_recording, "hidden"),
        Output(Ids.of_windows, "hidden"),
        Output(Ids.object, "options"),
        Output(Ids.object, "value"),
        Input(Ids.kind, "value"),
        State(Ids.asked, "data"),
    )(offer)
    app.callback(
        Output(Ids.recording, "options"),
        Output(Ids.recording, "value"),
        Input(Ids.kind, "value"),
        Input(Ids.object, "value"),
    )(offer_recordings)
    app.callback(
        Output(Ids.window, "value"),
        Input(Ids.kind, "value"),
        Input(Ids.object, "value"),
        Input(Ids.recording, "value"),
        State(Ids.window, "value"),
    )(offer_window)
    app.callback(
        Output(Ids.changed, "data"),
        Output(shell.Ids.location, "pathname", allow_duplicate=True),
        Input(Ids.make, "n_clicks"),
        State(Ids.kind, "value"),
        State(Ids.upload, "data"),
        State(Ids.object, "value"),
        State(Ids.recording, "value"),
        State(Ids.window, "value"),
        State(Ids.name, "value"),
        State(Ids.codes, "value"),
        State(Ids.changed, "data"),
        State(Ids.database, "value"),
        State(Ids.view, "value"),
        State(Ids.order, "value"),
        prevent_initial_call=True,
    )(make)
    app.callback(
        Output(Ids.of_view, "hidden"),
        Output(Ids.database, "options"),
        Output(Ids.database, "value"),
        Input(Ids.kind, "value"),
    )(offer_databases)
    app.callback(
        Output(Ids.view, "options"),
        Output(Ids.view, "value"),
        Input(Ids.database, "value"),
    )(offer_tables)
    app.callback(
        Output(Ids.order, "options"),
        Output(Ids.order, "value"),
        Input(Ids.view, "value"),
        State(Ids.database, "value"),
    )(offer_order)


def _codes(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _feature_sets() -> list[dict[str, Any]]:
    return [
        {"label": f"{one['name']}, version {one['number']}", "value": one["id"]}
        for one in FeatureSetService.list_feature_sets(MOST)
    ]


def _datasets() -> list[dict[str, Any]]:
    datasets = DatasetService.list_names()
    options = [{"label": one["name"], "value": one["id"]} for one in datasets]
    return with_the_rest(options, cut=len(datasets) >= MOST_OFFERED)


def _may_add() -> bool:
    return actor.reader().role in WRITERS
