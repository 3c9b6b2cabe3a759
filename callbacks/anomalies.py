"""What happens on the page of detections."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from layouts import shell
from layouts.anomalies import (
    ALL,
    PAGE_SIZE,
    Ids,
    batch_table,
    comparison_table,
    detection_table,
    source_options,
)
from layouts.page import WRITERS
from services import actor
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomaly_service import AnomalyService
from services.errors import NotFound
from services.source_service import SourceService

MOST_SOURCES = 500
RECENT = 10


def show_detections(
    _pulse: Any, source: str | None, page: int | None
) -> tuple[Component, int, bool]:
    wanted = None if source in (None, "", ALL) else source
    first = ((page or 1) - 1) * PAGE_SIZE
    try:
        found = AnomalyService.list_briefs(wanted, PAGE_SIZE, first)
        total = AnomalyService.count_detections(wanted)
    except NotFound:
        found, total = [], 0
    pages = max(1, -(-total // PAGE_SIZE))
    has_sources = bool(SourceService.count_sources())
    return detection_table(found, has_sources=has_sources), pages, pages == 1


def show_others(_pulse: Any, source: str | None) -> tuple[Any, Any]:
    """The newest batches, and comparisons on the source or on all."""
    wanted = None if source in (None, "", ALL) else source
    try:
        comparisons = AnomalyComparisonService.list_comparisons(wanted, RECENT)
    except NotFound:
        comparisons = []
    batches = [] if wanted else AnomalyBatchService.list_batches(RECENT)
    return batch_table(batches), comparison_table(comparisons)


def offer_sources(_id: str, chosen: str) -> tuple[list[dict[str, str]], dict[str, str] | None]:
    options = source_options(SourceService.list_sources(MOST_SOURCES))
    if chosen not in {one["value"] for one in options}:
        options.append({"label": "another one", "value": chosen})
    hidden = None if actor.reader().role in WRITERS else {"display": "none"}
    return options, hidden


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.detections, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.source, "value"),
        Input(Ids.pages, "active_page"),
    )(show_detections)
    app.callback(
        Output(Ids.batches, "children"),
        Output(Ids.comparisons, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.source, "value"),
    )(show_others)
    app.callback(
        Output(Ids.source, "options"),
        Output(Ids.start, "style"),
        Input(Ids.source, "id"),
        State(Ids.source, "value"),
    )(offer_sources)
