"""One data set: what is in it, its recordings, its versions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import dataset_content, dataset_exports, dataset_recordings, dataset_versions
from layouts.components.frame import (
    alert,
    badge,
    definition_list,
    empty_state,
    field,
    link_button,
    page_head,
    section,
)
from layouts.components.links import number_of, page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.quantities import count, quantity
from layouts.components.tables import table
from layouts.page import Group, Page

Values = Mapping[str, Any]


# What of it people ask for; all of it stands below.
MADE_BY = {
    "generator": "Generator",
    "version": "Version of the generator",
    "numpy": "Version of NumPy",
    "seed": "Seed",
}


class Ids:
    """``stamp`` changes when a new version was made; ``view`` is what the address says.

    The version that is chosen here is the one that all of the page shows.
    """

    view = "dataset-view"
    stamp = "dataset-stamp"
    head = "dataset-head"
    version = "dataset-version"
    figures = "dataset-figures"
    body = "dataset-body"
    nothing = "dataset-nothing"
    uses = "dataset-uses"
    provenance = "dataset-provenance"
    act = "dataset-act"
    asked = "dataset-asked"
    confirm = "dataset-confirm"
    edit = "dataset-edit"
    editor = "dataset-editor"
    name = "dataset-name"
    description = "dataset-description"
    save = "dataset-save"
    put_away = "dataset-put-away"
    refusal = "dataset-refusal"


def build(dataset_id: str = "", version: str = "", search: str = "", **query: Any) -> Component:
    """The query names version, search, filters by column, and the versions to compare."""
    view = {
        "dataset": number_of(dataset_id),
        "version": number_of(version),
        "compare": _two_numbers(str(query.pop("compare", ""))),
        "filters": dataset_recordings.filter_model(query),
        # A link to this page with other filters makes a new view of it in the same place.
        "opened": uuid4().hex,
    }
    version_field = field("Version", dbc.Select([], id=Ids.version), class_name="dataset-version")
    return html.Div(
        [
            dcc.Store(id=Ids.view, data=view),
            dcc.Store(id=Ids.stamp, data=0),
            dcc.Store(id=Ids.asked),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Dataset"), id=Ids.head),
            _editor(),
            html.Div(id=Ids.refusal),
            html.Div(id=Ids.nothing),
            html.Div(
                [
                    version_field,
                    html.Div(id=Ids.figures),
                    *dataset_content.sections(),
                    dataset_recordings.section(search),
                    dataset_content.waveform_sections(),
                    dataset_versions.section(),
                    dataset_exports.section(),
                ],
                id=Ids.body,
                hidden=True,
            ),
            html.Div(id=Ids.uses),
            html.Div(id=Ids.provenance),
        ],
        className="dataset-page",
    )


def _ways_on(dataset_id: int, *, may_work: bool) -> list[Component]:
    """What is done with recordings next."""
    ways = [("Look at the signals", "/signals", "soundwave")]
    if may_work:
        ways += [
            ("Extract features", "/features", "table"),
            ("Train a classifier", "/new-experiment", "mortarboard"),
        ]
    return [
        link_button(title, f"{path}?dataset={dataset_id}", icon_name=name, color="secondary")
        for title, path, name in ways
    ]


def head(dataset: Values, *, can_change: bool, may_work: bool = False) -> Component:
    """``can_change``: the data set itself; ``may_work``: go on with what is in it."""
    lead: list[Any] = []
    if dataset["description"]:
        lead.append(html.Span(dataset["description"], className="dataset-description"))
    if dataset["origin"] == "generated":
        lead.append(badge("generated", "info", icon_name="cpu"))
    if dataset["archived_at"] is not None:
        lead.append(badge("archived", "secondary", icon_name="archive"))
    actions = _actions(dataset) if can_change else []
    if dataset["version"] is not None:
        going_on = may_work and dataset["archived_at"] is None
        actions += _ways_on(dataset["id"], may_work=going_on)
    if can_change and dataset["archived_at"] is None:
        address = f"/import?dataset={dataset['id']}"
        actions.append(link_button("Import", address, icon_name="box-arrow-in-down"))
    return page_head(dataset["name"], lead=lead or None, actions=actions)


def figures(dataset: Values, statistics: Values, version: int | None) -> Component:
    rates = ", ".join(quantity(rate, "Hz", 6) for rate in statistics["sample_rates_hz"][:4])
    cards = [
        ("Recordings", count(statistics["num_signals"]), f"by {dataset['owner_name']}"),
        ("Classes", str(len(statistics["classes"])), "labels in this version"),
        ("Length", duration(statistics["duration_s"]), "of signal"),
        ("Sampling rates", rates or "–", ", ".join(statistics["units"])),
        ("Version", str(version or "–"), f"of {dataset['version'] or '–'}"),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(title, className="figure-note"),
                    html.Span(value, className="figure-value"),
                    html.Span(note, className="figure-note"),
                ],
                className="section-card figure-card",
            )
            for title, value, note in cards
        ],
        className="card-grid",
    )


def nothing_yet(dataset: Values, *, can_change: bool) -> Component:
    address = f"/import?dataset={dataset['id']}"
    action = link_button("Import recordings", address, icon_name="box-arrow-in-down")
    return empty_state(
        "This data set is empty",
        "Import files; each import makes a version with all recordings that are good.",
        action if can_change else None,
    )


def not_there(number: object) -> Component:
    return empty_state(
        "There is no such data set",
        f"Data set {number} was deleted or never existed.",
        link_button("All data sets", "/datasets", icon_name="collection"),
    )


def uses(experiments: Sequence[Values], total: int) -> Component | list[Any]:
    """The experiments that were made on the data set."""
    if not experiments:
        return []
    rows = [
        [
            [
                page_link(one["name"], f"/experiments/{one['id']}"),
                *([" ", badge("archived", icon_name="archive")] if one["archived"] else []),
            ],
            f"Version {one['version']}",
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in experiments
    ]
    heads = ("Experiment", "Made on", "By", "Made")
    parts: list[Component] = [table(heads, rows, label="Experiments on this data set")]
    if total > len(rows):
        more = path_to("/experiments")
        parts.append(
            html.P([f"And {total - len(rows)} more: see ", page_link("experiments", more)])
        )
    return section("Experiments that use it", parts)


def refusal(name: str, experiments: Sequence[Values], total: int) -> Component:
    """Why a data set cannot be deleted, with the way to what needs it."""
    listed: list[Any] = []
    for one in experiments:
        listed += [page_link(one["name"], f"/experiments/{one['id']}"), ", "]
    more = f" and {total - len(experiments)} more" if total > len(experiments) else ""
    made = "1 experiment was" if total == 1 else f"{total} experiments were"
    text = [f"“{name}” cannot be deleted: {made} made on it: ", *listed[:-1], more]
    return alert(
        [*text, ". Archive it instead: it goes out of the lists, and the experiments stay."],
        "warning",
    )


def provenance(made: Values | None) -> Component | list[Any]:
    """How a generated data set came about."""
    if not made:
        return []
    details = [(title, str(made[key])) for key, title in MADE_BY.items() if key in made]
    whole = json.dumps(made, indent=2, ensure_ascii=False, sort_keys=True)
    return section(
        "How it was generated",
        [
            definition_list(details),
            html.Details(
                [html.Summary("All of it"), html.Pre(whole, className="log-tail", tabIndex="0")],
                className="mt-2",
            ),
        ],
    )


def _two_numbers(text: str) -> list[int] | None:
    one, _, other = text.partition("-")
    older, newer = number_of(one), number_of(other)
    return [older, newer] if older is not None and newer is not None else None


def _editor() -> Component:
    """Name and description, to be changed by the owner."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Name and description")),
            dbc.ModalBody(
                [
                    field("Name", dbc.Input(id=Ids.name, maxlength=120)),
                    field(
                        "Description",
                        dbc.Textarea(id=Ids.description, maxlength=10_000, rows=6),
                        class_name="mt-3",
                    ),
                ]
            ),
            dbc.ModalFooter(
                [
                    dbc.Button("Leave as it is", id=Ids.put_away, color="secondary", outline=True),
                    dbc.Button("Save", id=Ids.save),
                ]
            ),
        ],
        id=Ids.editor,
        is_open=False,
    )


def _actions(dataset: Values) -> list[Component]:
    archived = dataset["archived_at"] is not None
    verbs = {
        "restore" if archived else "archive": "Restore" if archived else "Archive",
        "delete": "Delete",
    }
    edit = dbc.Button(
        "Edit", id={"type": Ids.edit, "of": "dataset"}, color="secondary", outline=True
    )
    return [
        *([] if archived else [edit]),
        *_verbs(verbs),
    ]


def _verbs(verbs: Mapping[str, str]) -> list[Component]:
    return [
        dbc.Button(
            text,
            id={"type": Ids.act, "verb": verb},
            color="danger" if verb == "delete" else "secondary",
            outline=True,
        )
        for verb, text in verbs.items()
    ]


PAGE = Page(
    "dataset",
    "Dataset",
    "/datasets/<dataset_id>",
    build,
    Group.DATA,
    "collection",
    parent=("Datasets", "/datasets"),
    in_navigation=False,
)
