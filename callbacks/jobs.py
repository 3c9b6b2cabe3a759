"""What happens on the jobs page."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, ctx
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import alert
from layouts.jobs import PAGE_SIZE, Ids, detail, table
from services import actor
from services.errors import NotFound
from services.job_service import JobService

VERBS = {
    "cancel": (JobService.cancel, "is asked to stop"),
    "retry": (JobService.retry, "waits for a worker"),
    "resume": (JobService.resume, "goes on"),
}


def show_jobs(
    _pulse: dict[str, Any], statuses: list[str] | None, mine: bool, page: int | None
) -> tuple[Component, int, bool]:
    owner = actor.reader().user_id if mine else None
    chosen = tuple(statuses or ())
    jobs = JobService.list_jobs(PAGE_SIZE, ((page or 1) - 1) * PAGE_SIZE, chosen, None, owner)
    total = JobService.count_jobs(chosen, None, owner)
    pages = max(1, -(-total // PAGE_SIZE))
    return table(jobs, [actor.may_change(job["owner_id"]) for job in jobs]), pages, pages == 1


def show_detail(_pulse: dict[str, Any], chosen: int | None) -> Component | list[Any]:
    if chosen is None:
        return []
    try:
        job = JobService.get_job(chosen)
    except NotFound as error:
        return alert(error.message, "warning")
    return detail(job, JobService.list_log(chosen), can_change=actor.may_change(job["owner_id"]))


def act(clicks: list[int | None]) -> None:
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return
    change, told = VERBS[chosen["verb"]]
    job = change(int(chosen["id"]))
    tell(f"“{job['title']}” {told}.", "info")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.statuses, "value"),
        Input(Ids.mine, "value"),
        Input(Ids.pages, "active_page"),
    )(show_jobs)
    app.callback(
        Output(Ids.detail, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.chosen, "data"),
    )(show_detail)
    app.callback(
        Input({"type": Ids.act, "verb": ALL, "id": ALL}, "n_clicks"), prevent_initial_call=True
    )(act)
