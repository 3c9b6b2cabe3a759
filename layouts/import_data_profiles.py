"""Profiles on the import page: what each is for, and mappings that people save to use again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.importers.registry import PROFILES
from layouts.components.attributes import attributes
from layouts.components.frame import field, icon
from layouts.components.links import path_to

# A select shows nothing when its value is empty, so what is not chosen has a name.
NOT_CHOSEN = "-"
ANY = (
    "The first profile that recognises a file reads it; a file that none recognises is read "
    "as it is."
)
WHAT_FOR = {
    "cwru": "Files of the Case Western Reserve bearing data: label, size, position and load from "
    "their names, drive end, fan end and base as channels.",
    "mfpt": "Files of the MFPT challenge: the struct “bearing” with its rate and load.",
    "rotorscope": "Exports of this program: everything comes back as it was exported.",
    "pronostia": "Snapshots of the PRONOSTIA bearings (IEEE PHM 2012): bearing, nominal speed and "
    "load from their names; temperature files are left out.",
    "ims": "Snapshots of the IMS bearings (NASA), named for their time: four recordings of each "
    "file, one of each bearing.",
    "gearbox": "The gearbox data of OpenEI: healthy or broken tooth and the load from the name; "
    "type rate and unit.",
    "lstm_pfd": "HDF5 and MATLAB files of LSTM_PFD: every row of train, val and test becomes a "
    "recording with the name of its fault; type the unit.",
    "plain": "Any file: only what it declares itself is taken over; the rest is typed.",
}
WORDS = {
    "sample_rate_hz": "sampling rate",
    "unit": "unit",
    "speed_rpm": "speed",
    "pattern_on": "pattern looks at the",
}
UNITS = {"sample_rate_hz": " Hz", "speed_rpm": " rpm"}


class Ids:
    """``changed`` counts what was saved or deleted, so that the list is read again."""

    profile = "import-data-profile"
    about = "import-data-profile-about"
    changed = "import-data-profile-changed"
    name = "import-data-profile-name"
    save = "import-data-profile-save"
    delete = "import-data-profile-delete"
    load = "import-data-profile-load"


def profile_field() -> Component:
    """The choice of a profile, what the chosen one is for, and saving one."""
    select = dbc.Select(
        profile_options([]),
        NOT_CHOSEN,
        id=Ids.profile,
        persistence=True,
        persistence_type="session",
    )
    saving = html.Details(
        [
            html.Summary("Save or load a profile"),
            html.P(
                "Keeps the chosen profile and what is typed under “Where a file does not say it”. "
                "Everybody can use it; its owner and admins change it.",
                className="import-source",
            ),
            html.Div(
                [
                    field(
                        "Name of the profile",
                        dbc.Input(id=Ids.name, maxlength=60, autocomplete="off"),
                    ),
                    dbc.Button(
                        [icon("bookmark-plus"), " Save"],
                        id=Ids.save,
                        color="secondary",
                        outline=True,
                    ),
                    dcc.Upload(
                        dbc.Button(
                            [icon("upload"), " Load from JSON"], color="secondary", outline=True
                        ),
                        id=Ids.load,
                        accept=".json",
                        max_size=100_000,
                    ),
                ],
                className="field-row",
            ),
        ],
        className="import-saving",
    )
    return html.Div(
        [
            dcc.Store(id=Ids.changed, data=0),
            field("Profile", select, class_name="import-profile"),
            html.Div(id=Ids.about, **attributes(aria_live="polite")),
            html.Button(
                "Delete this profile",
                id=Ids.delete,
                type="button",
                className="link-button",
                hidden=True,
            ),
            saving,
        ]
    )


def profile_options(saved: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Built-in profiles, then the saved ones."""
    builtin = [{"label": one.title, "value": one.name} for one in PROFILES]
    own = [
        {"label": f"{one['name']} (saved by {one['owner_name']})", "value": one["name"]}
        for one in saved
    ]
    return [{"label": "whichever fits", "value": NOT_CHOSEN}, *builtin, *own]


def about(name: str, saved: Mapping[str, Any] | None) -> Component:
    """What the chosen profile is for; a saved one with its values, and how to take it along."""
    if saved is None:
        text = WHAT_FOR.get(name) or next((p.title for p in PROFILES if p.name == name), ANY)
        return html.P(text, className="import-source")
    address = path_to(f"/api/v1/import-profiles/{saved['id']}/file")
    return html.Div(
        [
            html.P(saved["description"]) if saved["description"] else None,
            html.P(f"Gives {_values(saved['choices'])}.", className="import-source"),
            html.A("Download as JSON", href=address, className="link-button"),
        ]
    )


def _values(choices: Mapping[str, Any]) -> str:
    titles = {one.name: one.title for one in PROFILES}
    parts = []
    for name, value in choices.items():
        if name == "profile":
            parts.append(f"profile {titles.get(str(value), value)}")
            continue
        if name == "pattern_on" and not choices.get("pattern"):
            continue
        shown = ", ".join(value) if isinstance(value, list) else value
        parts.append(f"{WORDS.get(name, name)} {shown}{UNITS.get(name, '')}")
    return ", ".join(parts) or "no values"
