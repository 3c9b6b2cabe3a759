"""What happens with the session that is looked at on the page of streams."""

from __future__ import annotations

import time
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import streams
from layouts.components.choices import with_the_rest
from layouts.components.frame import alert
from layouts.components.links import path_to
from layouts.components.quantities import count
from layouts.figures.streams import MOST_COLUMNS, live_figure
from layouts.streams import state_badge
from layouts.streams_live import Ids, alerts_table, head, latency, statistics_table
from services import actor
from services.dataset_service import DatasetService
from services.errors import Invalid, NotFound
from services.paging import MOST_OFFERED
from services.recording_service import RecordingService
from services.source_service import SourceService
from services.streaming.replay_service import StreamReplayService
from services.streaming_service import StreamingService

SHOWN_POINTS = 400
SHOWN_ALERTS = 20
MOST_SOURCES = 500
CHANGES = {
    "pause": (StreamingService.pause_session, "takes no points now"),
    "resume": (StreamingService.resume_session, "takes points again"),
    "stop": (StreamingService.stop_session, "has ended"),
}
Shown = dict[str, Any]


def show_live(
    _tick: int | None, columns: list[str] | None, session_id: str | None, shown: Shown | None
) -> tuple[Any, ...]:
    """Draw what is new; nothing when there is nothing."""
    nothing = (no_update,) * 7
    if session_id is None:
        return nothing
    try:
        session = StreamingService.get_session(session_id)
    except NotFound as error:
        return alert(error.message, "warning"), *nothing[1:]
    present: Shown = {key: session[key] for key in ("id", "total_points", "status", "columns")} | {
        "drawn": columns
    }
    if present == shown:
        return nothing
    may = actor.may_change(session["owner_id"])
    names = session["columns"] or []
    chosen = [name for name in columns or names if name in names][:MOST_COLUMNS]
    live = StreamingService.get_live(session_id, SHOWN_POINTS)
    return (
        head(session, state_badge(session["status"]), may_change=may),
        live_figure(live["points"], chosen, live["limit"]),
        names,
        chosen if columns != chosen else no_update,
        statistics_table(session["statistics"]),
        latency(live["judged_after_ms"], _age(live["judged_at_ms"])),
        present | {"drawn": chosen},
    )


def show_alerts(
    _shown: Shown | None, clicks: list[int | None], session_id: str | None
) -> Component | Any:
    """Acknowledge the alert that was clicked, and list the newest."""
    if session_id is None:
        return no_update
    pressed = ctx.triggered_id
    if isinstance(pressed, dict) and any(clicks):
        StreamingService.acknowledge_alert(session_id, pressed["id"])
    try:
        alerts = StreamingService.list_alerts(session_id, SHOWN_ALERTS)
    except NotFound:
        return []
    return alerts_table(alerts, may_change=actor.may_change(actor.reader().user_id))


def change(clicks: list[int | None]) -> tuple[str, bool] | Any:
    """Pause, resume or stop the session; ask first whether to delete it."""
    pressed = ctx.triggered_id
    if not isinstance(pressed, dict) or not any(clicks):
        return no_update, no_update
    if pressed["verb"] == "delete":
        session = StreamingService.get_session(pressed["id"])
        title, number = streams.title_of(session), session["total_alerts"]
        return f"Delete the session {title} and its {number} alerts?", True
    done, told = CHANGES[pressed["verb"]]
    session = done(pressed["id"])
    tell(f"The session {streams.title_of(session)} {told}.", "info")
    return no_update, no_update


def delete(confirmed: int | None, session_id: str | None) -> str | Any:
    if not confirmed or session_id is None:
        return no_update
    StreamingService.delete_session(session_id)
    tell("The session and its alerts are deleted.", "info")
    return path_to("/streams")


def list_datasets(session_id: str | None) -> list[dict[str, Any]]:
    if session_id is None:
        return []
    datasets = DatasetService.list_names()
    options = [{"label": one["name"], "value": one["id"]} for one in datasets]
    return with_the_rest(options, cut=len(datasets) >= MOST_OFFERED)


def list_recordings(dataset_id: int | None) -> list[dict[str, Any]]:
    if dataset_id is None:
        return []
    found = RecordingService.list_recordings(dataset_id, limit=1000)
    # 0 stands for all of them: a field that can be emptied has a link that tells nobody its name.
    whole = {"label": "all, by name", "value": 0}
    return [whole, *({"label": one["name"], "value": one["id"]} for one in found)]


def replay(
    _clicks: int | None,
    session_id: str,
    dataset_id: int | None,
    recording_id: int | None,
    samples: int | None,
    speed: float,
) -> None:
    """Start a job that sends the windows of recordings as points."""
    if dataset_id is None or samples is None:
        raise Invalid("Choose a data set, and how many samples a window has (256 or more).")
    chosen = recording_id or None
    StreamReplayService.request_replay(session_id, dataset_id, chosen, samples, speed)
    tell("The replay is a job: at the top is how far it is.", "info", path_to("/jobs"))


def list_sources(session_id: str | None) -> list[dict[str, Any]]:
    """Sources that have rows."""
    if session_id is None:
        return []
    found = SourceService.list_sources(limit=MOST_SOURCES)
    return [
        {"label": f"{one['name']}, {count(one['row_count'])} rows", "value": one["id"]}
        for one in found
        if one["row_count"]
    ]


def replay_table(_clicks: int | None, session_id: str, source_id: str | None, speed: float) -> None:
    """Start a job that sends the rows of a source as points."""
    if source_id is None:
        raise Invalid("Choose a source; there is one for each table on the page Sources.")
    StreamReplayService.request_table_replay(session_id, source_id, None, speed)
    tell("The replay is a job: at the top is how far it is.", "info", path_to("/jobs"))


def _age(moment_ms: float | None) -> float | None:
    return None if moment_ms is None else max(0.0, time.time() * 1000 - moment_ms)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.chart, "figure"),
        Output(Ids.columns, "options"),
        Output(Ids.columns, "value"),
        Output(Ids.numbers, "children"),
        Output(Ids.latency, "children"),
        Output(Ids.shown, "data"),
        Input(streams.Ids.tick, "n_intervals"),
        Input(Ids.columns, "value"),
        Input(streams.Ids.chosen, "data"),
        State(Ids.shown, "data"),
    )(show_live)
    app.callback(
        Output(Ids.alerts, "children"),
        Input(Ids.shown, "data"),
        Input({"type": Ids.acknowledge, "id": ALL}, "n_clicks"),
        State(streams.Ids.chosen, "data"),
    )(show_alerts)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Input({"type": Ids.verb, "verb": ALL, "id": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(change)
    app.callback(
        Output(Ids.gone, "href"),
        Input(Ids.confirm, "submit_n_clicks"),
        State(streams.Ids.chosen, "data"),
        prevent_initial_call=True,
    )(delete)
    app.callback(Output(Ids.dataset, "options"), Input(streams.Ids.chosen, "data"))(list_datasets)
    app.callback(Output(Ids.recording, "options"), Input(Ids.dataset, "value"))(list_recordings)
    app.callback(
        Input(Ids.replay, "n_clicks"),
        State(streams.Ids.chosen, "data"),
        State(Ids.dataset, "value"),
        State(Ids.recording, "value"),
        State(Ids.samples, "value"),
        State(Ids.speed, "value"),
        prevent_initial_call=True,
    )(replay)
    app.callback(Output(Ids.source, "options"), Input(streams.Ids.chosen, "data"))(list_sources)
    app.callback(
        Input(Ids.replay_table, "n_clicks"),
        State(streams.Ids.chosen, "data"),
        State(Ids.source, "value"),
        State(Ids.table_speed, "value"),
        prevent_initial_call=True,
    )(replay_table)
