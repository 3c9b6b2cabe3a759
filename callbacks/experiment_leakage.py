"""The leakage guard of one experiment: followed, asked again, set against another split."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.errors import tell
from layouts import shell
from layouts.experiment import Ids as Page
from layouts.experiment import is_vote
from layouts.experiment_leakage import Ids, checks, gap, other_text
from models import JobStatus
from services import actor
from services.errors import NotFound
from services.experiment_service import ExperimentService
from services.leakage_service import LeakageService

UNCHANGED = (no_update,) * 7


def show(_pulse: dict[str, Any], chosen: int | None, drawn: Any) -> tuple[Any, ...]:
    """Drawn anew only when something has changed: what is replaced is folded up again."""
    try:
        experiment = ExperimentService.get_experiment(chosen or 0)
    except NotFound:
        return True, [], [], no_update, True, True, None
    found = LeakageService.get_gap(experiment["id"])
    job = LeakageService.find_job(experiment["id"])
    at_work = job is not None and job["status"] in (JobStatus.WAITING, JobStatus.RUNNING)
    may = actor.may_change(experiment["owner_id"])
    now = [
        experiment["leakage"],
        found and [found["by_windows"], found["by_group"], bool(found["scores"])],
        job and [job["id"], job["status"], job["fraction"]],
        may,
        experiment["has_checkpoint"],
    ]
    if drawn == now:
        return UNCHANGED
    return (
        False,
        checks(experiment["leakage"], job),
        gap(found),
        other_text(is_random=experiment["random_windows"]),
        not may or _is_there(found) or is_vote(experiment),
        not may or at_work or not experiment["has_checkpoint"],
        now,
    )


def compare(clicks: int | None, chosen: int | None, drawn: Any) -> tuple[Any, ...]:
    """Train the same under the other split; both come together on this page."""
    if not clicks or chosen is None:
        return UNCHANGED
    made = LeakageService.create_counterpart(chosen)
    tell(f"“{made['name']}” waits for a worker. Both results appear here.", "info")
    return show({}, chosen, drawn)


def check(clicks: int | None, chosen: int | None, drawn: Any) -> tuple[Any, ...]:
    if not clicks or chosen is None:
        return UNCHANGED
    LeakageService.request_check(chosen)
    tell("The split is being checked. The verdict appears here.", "info")
    return show({}, chosen, drawn)


def register(app: Dash) -> None:
    outputs = (
        (Ids.place, "hidden"),
        (Ids.shown, "children"),
        (Ids.gap, "children"),
        (Ids.other, "children"),
        (Ids.other, "hidden"),
        (Ids.again, "hidden"),
        (Ids.drawn, "data"),
    )
    app.callback(
        *[Output(*output) for output in outputs],
        Input(shell.Ids.pulse, "data"),
        Input(Page.chosen, "data"),
        State(Ids.drawn, "data"),
    )(show)
    for button, act in ((Ids.other, compare), (Ids.again, check)):
        app.callback(
            *[Output(*output, allow_duplicate=True) for output in outputs],
            Input(button, "n_clicks"),
            State(Page.chosen, "data"),
            State(Ids.drawn, "data"),
            # A double click asks once.
            running=[(Output(button, "disabled"), True, False)],
            prevent_initial_call=True,
        )(act)


def _is_there(found: Any) -> bool:
    """Whether there is a counterpart that is not lost."""
    if found is None:
        return False
    return all(
        found[side]["state"] not in ("failed", "cancelled") for side in ("by_windows", "by_group")
    )
