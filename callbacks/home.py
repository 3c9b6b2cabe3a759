"""What happens on the first page."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import home, shell
from layouts.home import Ids
from layouts.page import WRITERS
from models import JobKind
from services import actor
from services.home_service import HomeService
from services.job_service import ACTIVE, JobService
from services.synthesis_service import DEMO_SUBJECT, SynthesisService

RUNNING_SHOWN = 8


def show_overview(
    _pulse: dict[str, Any],
) -> tuple[Component, list[Component], Component, Component]:
    """Everything on the page; asked for again whenever a job begins, moves or ends."""
    overview = HomeService.get_overview()
    may_change = actor.reader().role in WRITERS
    demo = JobService.find_latest(DEMO_SUBJECT, JobKind.GENERATE_DEMO)
    generating = demo is not None and demo["status"] in ACTIVE
    return (
        home.figures(overview),
        home.begin(overview["steps"], may_change=may_change, generating=generating),
        home.latest(overview["latest"], overview["experiment_count"], may_change=may_change),
        home.running(JobService.list_jobs(RUNNING_SHOWN, 0, ACTIVE)),
    )


def generate_demo(clicks: int | None) -> None:
    if clicks:
        SynthesisService.request_demo_dataset()
        tell("The demo data set is being generated. It appears among the data sets.", "info")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.figures, "children"),
        Output(Ids.begin, "children"),
        Output(Ids.latest, "children"),
        Output(Ids.jobs, "children"),
        Input(shell.Ids.pulse, "data"),
    )(show_overview)
    app.callback(Input(Ids.demo, "n_clicks"), prevent_initial_call=True)(generate_demo)
