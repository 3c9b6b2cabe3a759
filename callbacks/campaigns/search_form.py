"""What happens alike in the forms of a search over settings and of one over networks."""

from __future__ import annotations

import json
from typing import Any

from dash import Dash, Input, Output

from layouts.campaigns.search_form import SearchIds, group_options, no_data
from layouts.components.choices import with_the_rest
from layouts.components.links import path_to
from layouts.components.versions import trainable_versions
from services.campaigns.views import CampaignView
from services.errors import Invalid, NotFound
from services.experiment_service import ExperimentService
from services.paging import MOST_OFFERED

DIRECTIONS = {"val_accuracy": "maximize", "val_loss": "minimize"}
# What keeps recordings together where nothing is chosen yet, the best first.
USUAL_GROUPS = ("bearing", "machine", "recording")


def show_versions(_path: str | None) -> tuple[Any, Any, Any, bool]:
    versions = ExperimentService.list_versions()
    if not versions:
        return [], None, no_data(), True
    options = with_the_rest(trainable_versions(versions), cut=len(versions) >= MOST_OFFERED)
    return options, versions[0]["version_id"], None, False


def show_groups(version_id: Any) -> tuple[Any, Any]:
    if not version_id:
        return [], None
    options = group_options(ExperimentService.describe_version(int(version_id)))
    names = [option["value"] for option in options]
    first = names[0] if names else None
    return options, next((name for name in USUAL_GROUPS if name in names), first)


def costs_of(chosen: str | None) -> list[str]:
    """What is to be low beside the score, if anything."""
    return [] if chosen in (None, "", "none") else [chosen]


def limits_of(asked: dict[str, Any]) -> dict[str, Any]:
    """How many trials at once, by which seed, and when the search ends."""
    return {name: asked[name] for name in ("seed", "parallel", "hours", "patience")}


def page_of(made: CampaignView | None) -> str:
    """Where the campaign is watched.

    Raises
    ------
    NotFound
        If there is none, for its data set is gone.
    """
    if made is None:
        raise NotFound("The data set is gone.")
    return path_to(f"/campaigns/{made['id']}")


def read_json(text: str | None, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise Invalid(f"The {what} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Invalid(f"The {what} must be a JSON object: {{…}}.")
    return found


def register_data(app: Dash, ids: SearchIds) -> None:
    """Fill in the versions of data sets, and the groups of the chosen one."""
    app.callback(
        Output(ids.version, "options"),
        Output(ids.version, "value"),
        Output(ids.none, "children"),
        Output(ids.form, "hidden"),
        Input(ids.go, "pathname"),
    )(show_versions)
    app.callback(
        Output(ids.group_by, "options"),
        Output(ids.group_by, "value"),
        Input(ids.version, "value"),
    )(show_groups)
