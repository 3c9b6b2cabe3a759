"""A served model is asked about a whole data set from the page of deployments."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.errors import tell
from layouts import shell
from layouts.components.choices import with_the_rest
from layouts.components.versions import filled_versions
from layouts.deployment_batches import Ids, batch_table
from layouts.deployments import Ids as PageIds
from layouts.page import WRITERS
from services import actor
from services.deployment.batch_service import BatchPredictionService
from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.paging import MOST_OFFERED

SHOWN = 20


def offer_versions(name: str | None) -> tuple[list[dict[str, Any]], bool]:
    """Data sets with recordings; the form is hidden without a model, and from viewers."""
    if not name or actor.reader().role not in WRITERS:
        return [], True
    versions = ExperimentService.list_versions()
    options = filled_versions(versions)
    return with_the_rest(options, cut=len(versions) >= MOST_OFFERED), not options


def show_batches(_pulse: Any, _asked: int) -> Any:
    found = BatchPredictionService.list_batches(SHOWN)
    total = BatchPredictionService.count_batches() if len(found) == SHOWN else len(found)
    return batch_table(found, total)


def ask(
    clicks: int | None, name: str | None, number: str | None, version_id: int | None, asked: int
) -> Any:
    if not clicks:
        return no_update
    if not name or not number or version_id is None:
        raise Invalid("Choose a model, its version, and a data set to ask about.")
    batch_id = BatchPredictionService.request_batch(name, int(version_id), number)
    tell(f"Batch no. {batch_id} asks about the data set; it stands in the list below.", "info")
    return asked + 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.version, "options"),
        Output(Ids.form, "hidden"),
        Input(PageIds.model, "value"),
    )(offer_versions)
    app.callback(
        Output(Ids.table, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.asked, "data"),
    )(show_batches)
    app.callback(
        Output(Ids.asked, "data"),
        Input(Ids.go, "n_clicks"),
        State(PageIds.model, "value"),
        State(PageIds.version, "value"),
        State(Ids.version, "value"),
        State(Ids.asked, "data"),
        running=[(Output(Ids.go, "disabled"), True, False)],
        prevent_initial_call=True,
    )(ask)
