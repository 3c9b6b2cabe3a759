"""Feature sets: those that are kept, and a form that extracts another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.features.batch import SHORTEST
from diagnostics.features.catalogue import Domain, features_of
from diagnostics.features.config import MOST_OVERLAP
from layouts.components.channels import channel_title, channel_told
from layouts.components.frame import empty_state, field, icon, link_button, page_head, section
from layouts.components.job_state import job_progress
from layouts.components.links import number_of, page_link
from layouts.components.moments import moment
from layouts.components.quantities import count, quantity
from layouts.components.tables import pagination, table
from layouts.jobs import job_actions
from layouts.page import Group, Page

Values = Mapping[str, Any]

LEAD = (
    "Numbers that say something about a machine, of each window of each recording: to compare "
    "classes, to see which windows are alike, and for classical models."
)
TITLES = {
    "all": "All but orders",
    "time": "Time",
    "frequency": "Frequency",
    "envelope": "Envelope",
    "wavelet": "Wavelet and cepstrum",
    "bispectrum": "Bispectrum",
    "order": "Orders of shaft and bearing",
}
# What a select has for "nobody chose": an empty value shows nothing.
USUAL = "-"
PAGE_SIZE = 50
AT_FIRST = [domain.value for domain in Domain if domain is not Domain.ORDER]


class Ids:
    """``changed`` counts what was started here."""

    place = "features-place"
    pages = "features-pages"
    pager = "features-pager"
    known = "features-known"
    dataset = "features-dataset"
    changed = "features-changed"
    progress = "features-progress"
    form = "features-form"
    version = "features-version"
    name = "features-name"
    domains = "features-domains"
    channel = "features-channel"
    window = "features-window"
    overlap = "features-overlap"
    group = "features-group"
    told = "features-told"
    start = "features-start"


def build(dataset: str = "", **_view: Any) -> Component:
    """The address may name the data set to extract from."""
    return html.Div(
        [
            page_head("Features", lead=LEAD),
            dcc.Store(id=Ids.known),
            dcc.Store(id=Ids.dataset, data=number_of(dataset)),
            dcc.Store(id=Ids.changed, data=0),
            html.Div(id=Ids.progress),
            html.Div(id=Ids.place),
            html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
            html.Div(section("Extract features", _form()), id=Ids.form, hidden=True),
        ],
        className="features-page",
    )


def feature_sets(
    sets: Sequence[Values], *, may_add: bool, has_data: bool, is_first: bool
) -> Component:
    """A page of sets, newest first, or what to do while there is none; ``is_first`` says that
    one is on its way."""
    if not sets and is_first:
        told = "It appears here when it is done."
        return empty_state("The first feature set is being extracted", told, icon_name="table")
    if not sets:
        return _nothing_yet(may_add=may_add, has_data=has_data)
    rows = [
        [
            page_link(f"{one['name']}", f"/features/{one['id']}"),
            str(one["number"]),
            page_link(
                f"{one['dataset_name']}, version {one['dataset_version']}",
                f"/datasets/{one['dataset_id']}",
                {"version": one["dataset_version"]},
            ),
            ", ".join(TITLES.get(name, name) for name in one["domains"]),
            count(one["feature_count"]),
            count(one["row_count"]),
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in sets
    ]
    heads = ("Name", "Version", "Data", "Domains", "Features", "Windows", "By", "Made")
    return section("Feature sets", table(heads, rows, label="Feature sets", numbers={1, 4, 5}))


def progress(jobs: Sequence[Values], may: Sequence[bool]) -> Component | list[Any]:
    """Of the extractions that run or wait, and what became of one that failed."""
    if not jobs:
        return []
    parts = [
        html.Div(
            [
                html.Strong(job["title"]),
                job_progress(job),
                html.Div(job_actions(job) if mine else [], className="section-actions"),
            ]
        )
        for job, mine in zip(jobs, may, strict=True)
    ]
    follow = page_link("All jobs", "/jobs")
    return section("Extractions", [*parts, html.P(follow, className="figure-note")])


def channel_options(names: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """A choice for each channel, by what the recordings call it."""
    return [
        {"label": channel_title(place, given), "value": str(place)}
        for place, given in enumerate(names)
    ]


def group_options(fields: Sequence[Values]) -> list[dict[str, Any]]:
    """By what windows are kept together; usually the widest that is known."""
    titles = {"bearing": "bearing", "machine": "machine", "recording": "recording"}
    usual = {"label": "the bearing, else the machine, else the recording", "value": USUAL}
    known = [
        {"label": f"{titles[one['name']]} ({count(one['different'])})", "value": one["name"]}
        for one in fields
        if one["name"] in titles
    ]
    return [usual, *known]


def choice_told(version: Values, channel: int, window: Any, overlap: Any) -> str:
    """Which channel is meant where recordings call it differently, and what a window is."""
    names = version["channel_names"]
    of_channel = channel_told(channel, names[channel]) if channel < len(names) else ""
    return f"{of_channel} {window_told(version, window, overlap)}".strip()


def window_told(version: Values, window: Any, overlap: Any) -> str:
    """How long a window lasts at the rates of a version, and how many there are at least."""
    if not isinstance(window, int | float) or window < SHORTEST:
        return f"A window has {SHORTEST} samples or more."
    times = [quantity(window / rate, "s", 3) for rate in version["rates_hz"][:3]]
    told = f"A window lasts {' or '.join(times)}."
    shortest = version["shortest_s"] * max(version["rates_hz"], default=0.0)
    if window > shortest:
        told += " Recordings that are shorter are left out."
    if isinstance(overlap, int | float) and overlap > 0:
        told += " Windows that overlap say much the same: they add rows, not evidence."
    return told


def _form() -> Component:
    options = [
        {"label": f"{TITLES[domain]} ({len(features_of(domain))})", "value": domain.value}
        for domain in Domain
    ]
    domains = html.Fieldset(
        [
            html.Legend("Domains", className="form-label"),
            dbc.Checklist(options, AT_FIRST, id=Ids.domains, inline=True),
            dbc.FormText(
                "Orders need the speed of each recording, and those of the bearing its geometry; "
                "where they are not known the numbers stay empty."
            ),
        ]
    )
    number = {"type": "number", "debounce": True}
    fields = html.Div(
        [
            field("Data set", dbc.Select([], id=Ids.version), class_name="features-wide"),
            field("Name", dbc.Input(id=Ids.name, maxlength=120, autocomplete="off")),
            field("Channel", dbc.Select([], id=Ids.channel), class_name="features-wide"),
            field(
                "Window [samples]",
                dbc.Input(id=Ids.window, value=4096, min=SHORTEST, step=1, **number),
            ),
            field(
                "Overlap [%]",
                dbc.Input(id=Ids.overlap, value=0, min=0, max=100 * MOST_OVERLAP, step=1, **number),
            ),
            field("Kept together", dbc.Select([], id=Ids.group), class_name="features-wide"),
        ],
        className="features-fields",
    )
    start = dbc.Button(
        [icon("table"), " Extract"], id=Ids.start, color="primary", disabled=True, class_name="mt-3"
    )
    told = html.P(id=Ids.told, className="plot-note", role="status")
    return html.Div([fields, told, domains, start])


def _nothing_yet(*, may_add: bool, has_data: bool) -> Component:
    if not has_data:
        return empty_state(
            "No recordings yet",
            "Features are extracted from recordings. Import some, or generate a demo data set.",
            link_button("Import recordings", "/import", icon_name="upload") if may_add else None,
            icon_name="table",
        )
    told = "Choose a data set and domains below." if may_add else "An analyst can extract some."
    return empty_state("No feature sets yet", told, icon_name="table")


PAGE = Page("features", "Features", "/features", build, Group.DATA, "table")
