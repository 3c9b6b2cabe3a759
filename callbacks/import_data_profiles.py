"""Saved profiles on the import page."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.import_data import SHARED
from layouts.import_data_profiles import NOT_CHOSEN, Ids, about, profile_options
from models import Role
from services import actor
from services.errors import Invalid, NotFound
from services.import_profile_service import BASE, ImportProfileService, ProfileView
from services.paging import MOST_OFFERED

NOTHING = (None, "", NOT_CHOSEN)


def show_profiles(_changed: int, chosen: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """All profiles; one that is gone is not chosen any more."""
    options = profile_options(ImportProfileService.list_profiles(MOST_OFFERED))
    known = {one["value"] for one in options}
    return options, chosen if chosen in known else NOT_CHOSEN


def show_about(chosen: str | None, _changed: int) -> tuple[Component, bool]:
    """What the chosen profile is for, and whether it cannot be deleted."""
    saved = _find(chosen)
    acting = actor.reader()
    mine = saved is not None and (acting.role is Role.ADMIN or acting.user_id == saved["owner_id"])
    return about(chosen or NOT_CHOSEN, saved), not mine


def save_profile(
    clicks: int | None, name: str | None, profile: str | None, changed: int, *typed: Any
) -> tuple[int | Any, str | Any, str | Any]:
    """Keep what is typed under a name, on top of the profile that is chosen."""
    if not clicks:
        return no_update, no_update, no_update
    base, saved = ImportProfileService.resolve("" if profile in NOTHING else str(profile))
    values = dict(zip(SHARED, typed, strict=True))
    given = {key: value for key, value in values.items() if value not in NOTHING}
    choices = {BASE: base, **saved, **given}
    profile_id = ImportProfileService.create_profile(name or "", choices)
    made = ImportProfileService.get_profile(profile_id)["name"]
    tell(f"The profile “{made}” is saved.")
    return changed + 1, "", made


def load_profile(
    contents: str | None, file_name: str | None, changed: int
) -> tuple[int | Any, None]:
    """Save a profile that came as JSON, under the name that it has in there."""
    if not contents:
        return no_update, None
    name = ImportProfileService.load_profile(_document(contents, file_name or "the file"))
    tell(f"The profile “{name}” is saved.")
    return changed + 1, None


def delete_profile(clicks: int | None, chosen: str | None, changed: int) -> int | Any:
    saved = _find(chosen)
    if not clicks or saved is None:
        return no_update
    ImportProfileService.delete_profile(saved["id"])
    tell(f"The profile “{saved['name']}” is deleted. What was imported with it stays.", "info")
    return changed + 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.profile, "options"),
        Output(Ids.profile, "value"),
        Input(Ids.changed, "data"),
        State(Ids.profile, "value"),
    )(show_profiles)
    app.callback(
        Output(Ids.about, "children"),
        Output(Ids.delete, "hidden"),
        Input(Ids.profile, "value"),
        Input(Ids.changed, "data"),
    )(show_about)
    app.callback(
        Output(Ids.changed, "data"),
        Output(Ids.name, "value"),
        Output(Ids.profile, "value", allow_duplicate=True),
        Input(Ids.save, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.profile, "value"),
        State(Ids.changed, "data"),
        *[State(one, "value") for one in SHARED.values()],
        prevent_initial_call=True,
    )(save_profile)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Output(Ids.load, "contents"),
        Input(Ids.load, "contents"),
        State(Ids.load, "filename"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(load_profile)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Input(Ids.delete, "n_clicks"),
        State(Ids.profile, "value"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(delete_profile)


def _find(chosen: str | None) -> ProfileView | None:
    if chosen in NOTHING:
        return None
    try:
        return ImportProfileService.find_profile(str(chosen))
    except NotFound:  # a built-in one
        return None


def _document(contents: str, file_name: str) -> Any:
    try:
        return json.loads(base64.b64decode(contents.partition(",")[2]))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise Invalid(f"“{file_name}” is no JSON file of a profile.") from error
