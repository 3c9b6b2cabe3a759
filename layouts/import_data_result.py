"""What became of the files of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, icon, link_button, section
from layouts.components.links import path_to
from layouts.components.quantities import count, plural
from layouts.components.tables import table
from layouts.import_data_preview import told

Values = Mapping[str, Any]


def result(job: Values, outcome: Values | None, dataset_name: str) -> Component:
    """What an import came to: counts, then the files that people should read about."""
    if outcome is None:
        return alert([html.Strong("The import failed. "), job["error"] or ""], "danger")
    rows = [
        # Those that were kept before their number was have none.
        [file["file_name"], _sentence(file), told(file["warnings"], file.get("warning_count", 0))]
        for file in outcome["files"]
    ]
    more = outcome["file_count"] - len(rows)
    parts: list[Any] = [
        _summary(outcome, dataset_name),
        table(("File", "Result", "Warnings"), rows, label="Result of the import"),
    ]
    if more > 0:
        parts.append(html.P(f"and {plural(more, 'more file')} with nothing else to tell."))
    address = f"/datasets/{outcome['dataset_id']}"
    return section(
        "Result",
        parts,
        actions=[link_button("Open the data set", address, icon_name="collection")],
    )


def _summary(outcome: Values, dataset_name: str) -> Component:
    them = "it" if outcome["imported"] == 1 else "them"
    made = (
        f"Version {outcome['version']} of “{dataset_name}” has {them}."
        if outcome["version"]
        else "There is no new version."
    )
    number, refused = plural(outcome["imported"], "recording"), outcome["refused_files"]
    texts = [
        f" {plural(refused, 'file')} could not be imported as a whole." if refused else "",
        _counted(outcome["known"], "recording", "in the data set already"),
        _counted(outcome["twice"], "recording", "more than once in this import"),
        _counted(outcome["left_out"], "file", "of another kind and left out"),
    ]
    if any(file["refused"] and file["upload_id"] for file in outcome["files"]):
        texts.append(" What was refused stays under “Files”, to be tried again or removed.")
    level = "warning" if refused else "success"
    head: list[Any] = [html.Strong(f"{number} imported. "), made, *texts]
    return alert([html.Div(head), *_elsewhere(outcome)], level)


def _counted(number: int, word: str, what: str) -> str:
    return f" {plural(number, word)} {_were(number)} {what}." if number else ""


def _elsewhere(outcome: Values) -> list[Component]:
    """Links to the data sets that have some of the recordings, too."""
    others: Sequence[Values] = outcome["elsewhere"]
    if not others:
        return []
    what = (
        f"{plural(outcome['skipped'], 'recording')} {_were(outcome['skipped'])} left out, "
        "since these data sets have the same: "
        if outcome["skipped"]
        else "Some of them are in other data sets, too: "
    )
    links: list[Any] = []
    for other in others:
        address = path_to(f"/datasets/{other['dataset_id']}")
        links += [dcc.Link(other["name"], href=address), f" ({count(other['count'])})", ", "]
    return [html.Div([what, *links[:-1], "."])]


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _sentence(file: Values) -> Component:
    name = "x-octagon" if file["refused"] else "check-circle"
    level = "job-error" if file["refused"] else ""
    parts: list[Any] = [html.Div([icon(name), " ", file["sentence"]], className=level)]
    if len(file["refused"]) > 1:
        rest = html.Ul([html.Li(text) for text in file["refused"]])
        parts.append(html.Details([html.Summary("Each of them"), rest]))
    return html.Div(parts)
