"""A served model is tried on a recording from the page of deployments."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from layouts.components.choices import with_the_rest
from layouts.components.recordings import choice_label
from layouts.deployment_trying import Ids, said
from layouts.deployments import Ids as PageIds
from services.dataset_service import DatasetService
from services.deployment.trying_service import TryRecordingService
from services.errors import Invalid
from services.paging import MOST_OFFERED
from services.signal_view_service import SignalViewService

Options = list[dict[str, Any]]


def offer_datasets(name: str | None, chosen: str | None) -> tuple[Options, str | None, bool]:
    """Data sets; the newest until another is chosen. Hidden without a model or data."""
    listed = DatasetService.list_names() if name else []
    found = [one for one in listed if one["recording_count"]]
    options = [{"label": one["name"], "value": str(one["id"])} for one in found]
    if chosen not in [one["value"] for one in options]:
        chosen = str(max(one["id"] for one in found)) if found else None
    return with_the_rest(options, cut=len(listed) >= MOST_OFFERED), chosen, not found


def offer_recordings(
    search: str | None, dataset: str | None, chosen: str | None
) -> tuple[Options, Any]:
    """Recordings of a data set that a text finds."""
    if dataset is None:
        raise PreventUpdate
    searched = ctx.triggered_id == Ids.recording
    kept = int(chosen) if searched and chosen else None
    found = SignalViewService.list_choices(int(dataset), kept, (searched and search) or "")
    options = [{"label": choice_label(one), "value": str(one["id"])} for one in found]
    if searched:
        return options, no_update
    values = [one["value"] for one in options]
    return options, chosen if chosen in values else next(iter(values), None)


def ask(clicks: int | None, name: str | None, version: str | None, recording: str | None) -> Any:
    """Ask the chosen version about the first windows of the recording."""
    if not clicks:
        return no_update
    if not name or not version or not recording:
        raise Invalid("Choose a model, its version, and a recording to ask about.")
    return said(TryRecordingService.ask_recording(name, int(recording), version))


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.dataset, "options"),
        Output(Ids.dataset, "value"),
        Output(Ids.form, "hidden"),
        Input(PageIds.model, "value"),
        State(Ids.dataset, "value"),
    )(offer_datasets)
    app.callback(
        Output(Ids.recording, "options"),
        Output(Ids.recording, "value"),
        Input(Ids.recording, "search_value"),
        Input(Ids.dataset, "value"),
        State(Ids.recording, "value"),
    )(offer_recordings)
    app.callback(
        Output(Ids.answer, "children"),
        Input(Ids.go, "n_clicks"),
        State(PageIds.model, "value"),
        State(PageIds.version, "value"),
        State(Ids.recording, "value"),
        running=[(Output(Ids.go, "disabled"), True, False)],
        prevent_initial_call=True,
    )(ask)
