"""What happens on the page of one data set as a whole; its parts have files of their own."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.components.choices import with_the_rest
from layouts.components.frame import page_head
from layouts.components.links import path_to
from layouts.components.versions import numbered_versions
from layouts.dataset import (
    Ids,
    figures,
    head,
    not_there,
    nothing_yet,
    provenance,
    refusal,
    uses,
)
from layouts.page import WRITERS
from layouts.shell import Ids as Shell
from services import actor
from services.dataset_service import DatasetService
from services.datasets.views import DatasetDetails
from services.paging import MOST_OFFERED

QUESTIONS = {
    "archive": "Archive “{name}”? It goes out of the lists; experiments on it stay.",
    "restore": "Bring “{name}” back into the lists?",
    "delete": "Delete “{name}” with its {recording_count} recordings and their files? "
    "This cannot be undone.",
}
MOST_USES = 20


def show_dataset(
    view: dict[str, Any], stamp: int
) -> tuple[Component, list[dict[str, Any]], int | None, bool, Component | list[Any], Any, Any]:
    """Heading, versions to choose from, and what uses the data set."""
    dataset = details(view)
    if dataset is None:
        return page_head("Dataset"), [], None, True, not_there(view["dataset"]), [], []
    can_change = actor.may_change(dataset["owner_id"])
    numbers = [one["number"] for one in dataset["versions"]]
    # Who has just made a version wants to see it.
    wanted = view["version"] if stamp == 0 else None
    chosen = wanted if wanted in numbers else dataset["version"]
    told: Component | list[Any] = [] if numbers else nothing_yet(dataset, can_change=can_change)
    used = uses(
        DatasetService.list_experiments(dataset["id"], MOST_USES), dataset["experiment_count"]
    )
    return (
        head(dataset, can_change=can_change, may_work=actor.reader().role in WRITERS),
        with_the_rest(
            numbered_versions(dataset["versions"]), cut=len(dataset["versions"]) >= MOST_OFFERED
        ),
        chosen,
        not numbers,
        told,
        used,
        provenance(dataset["provenance"]),
    )


def show_figures(version: str | int | None, view: dict[str, Any]) -> Component | list[Any]:
    """The counts of the version that is shown."""
    dataset = details(view)
    if dataset is None or not version:
        return []
    statistics = DatasetService.get_dataset_statistics(dataset["id"], int(version))
    return figures(dataset, statistics, int(version))


def ask_first(
    clicks: list[int | None], view: dict[str, Any]
) -> tuple[str | Any, bool | Any, str | Any, Any]:
    """A question before what cannot be undone, or what stands in the way of it."""
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return no_update, no_update, no_update, no_update
    verb = chosen["verb"]
    dataset = details(view)
    if dataset is None:
        return no_update, no_update, no_update, no_update
    if verb == "delete" and dataset["experiment_count"]:
        named = DatasetService.list_experiments(dataset["id"], MOST_USES)
        told = refusal(dataset["name"], named, dataset["experiment_count"])
        return no_update, no_update, no_update, told
    question = QUESTIONS[verb].format(
        name=dataset["name"], recording_count=dataset["recording_count"]
    )
    return question, True, verb, []


def act(
    confirmed: int | None, verb: str | None, view: dict[str, Any], stamp: int
) -> tuple[int | Any, str | Any]:
    dataset_id = view["dataset"]
    if not confirmed or verb is None:  # the dialogue has only just been put into the page
        return no_update, no_update
    if verb == "delete":
        DatasetService.delete_dataset(dataset_id, delete_file=True)
        tell("The data set is deleted.")
        return no_update, path_to("/datasets")
    if verb == "archive":
        DatasetService.archive_dataset(dataset_id)
        tell("The data set is archived.")
    else:
        DatasetService.restore_dataset(dataset_id)
        tell("The data set is back.")
    return stamp + 1, no_update


def open_editor(
    clicks: list[int | None], put_away: int | None, view: dict[str, Any]
) -> tuple[bool, str | Any, str | Any]:
    """Name and description as they are, to be changed; or the editor away."""
    if ctx.triggered_id == Ids.put_away:
        return False, no_update, no_update
    dataset = details(view) if any(clicks) else None
    if dataset is None:
        return False, no_update, no_update
    return True, dataset["name"], dataset["description"]


def save(
    clicks: int | None,
    name: str | None,
    description: str | None,
    view: dict[str, Any],
    stamp: int,
) -> tuple[int | Any, bool | Any]:
    if not clicks:
        return no_update, no_update
    DatasetService.edit_dataset(view["dataset"], name=name or "", description=description or "")
    tell("Saved.")
    return stamp + 1, False


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.body, "hidden"),
        Output(Ids.nothing, "children"),
        Output(Ids.uses, "children"),
        Output(Ids.provenance, "children"),
        Input(Ids.view, "data"),
        Input(Ids.stamp, "data"),
    )(show_dataset)
    app.callback(
        Output(Ids.figures, "children"), Input(Ids.version, "value"), State(Ids.view, "data")
    )(show_figures)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Output(Ids.asked, "data"),
        Output(Ids.refusal, "children"),
        Input({"type": Ids.act, "verb": ALL}, "n_clicks"),
        State(Ids.view, "data"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Ids.stamp, "data"),
        Output(Shell.location, "pathname", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.asked, "data"),
        State(Ids.view, "data"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(act)
    app.callback(
        Output(Ids.editor, "is_open"),
        Output(Ids.name, "value"),
        Output(Ids.description, "value"),
        Input({"type": Ids.edit, "of": ALL}, "n_clicks"),
        Input(Ids.put_away, "n_clicks"),
        State(Ids.view, "data"),
        prevent_initial_call=True,
    )(open_editor)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Ids.editor, "is_open", allow_duplicate=True),
        Input(Ids.save, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.description, "value"),
        State(Ids.view, "data"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(save)


def details(view: dict[str, Any]) -> DatasetDetails | None:
    """The data set of the page, if there is one."""
    if view["dataset"] is None:
        return None
    return DatasetService.get_dataset_details(view["dataset"])
