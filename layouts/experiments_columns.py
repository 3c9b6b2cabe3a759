"""Columns of the table of experiments, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.training.classifiers import NAMED
from layouts.components.experiment_state import EXPERIMENT_STATES
from layouts.components.leak import SHORT, VERDICTS
from layouts.components.links import path_to
from layouts.components.versions import version_name
from layouts.evaluation_numbers import interval_text, score_text

CLASSIFIER_TITLES = {card.name: card.title for card in NAMED}
# Before the name of a metric or setting that is a column of its own.
VALUE = "value."
# Column, heading, whether it is shown at first.
COLUMNS: tuple[tuple[str, str, bool], ...] = (
    ("name", "Name", True),
    ("state", "State", True),
    ("classifier", "Classifier", True),
    ("tags", "Tags", True),
    ("dataset", "Data", True),
    ("group_by", "Split by", True),
    ("score", "Test balanced accuracy", True),
    ("recordings", "n", True),
    ("leak", "Leaks", True),
    ("owner", "Owner", True),
    ("created", "Made", True),
)
# How searches call what a column is sorted by.
SORTED_AS = {
    "name": "name",
    "state": "status",
    "classifier": "model",
    "dataset": "dataset",
    "group_by": "group_by",
    "score": "balanced_accuracy",
    "recordings": "test_recordings",
    "leak": "leak",
    "owner": "owner",
    "created": "created",
}
LOOKS: dict[str, dict[str, Any]] = {
    "name": {"cellRenderer": "ExperimentLink", "minWidth": 200, "flex": 2},
    "state": {"cellRenderer": "ExperimentState", "minWidth": 130},
    "classifier": {"tooltipField": "classifier"},
    "tags": {"cellRenderer": "ExperimentTags", "sortable": False, "minWidth": 120},
    "dataset": {"cellRenderer": "ExperimentData", "tooltipField": "dataset", "minWidth": 150},
    "group_by": {"tooltipField": "group_by"},
    "score": {
        "headerTooltip": "Mean share of recordings found over the classes, on the test side",
        "cellRenderer": "ExperimentScore",
        "type": "numericColumn",
        "minWidth": 165,
    },
    "recordings": {
        "headerTooltip": "Recordings on the test side",
        "type": "numericColumn",
        "maxWidth": 70,
        "minWidth": 70,
    },
    "leak": {
        "headerTooltip": "What the leakage guard says of the split",
        "cellRenderer": "ExperimentLeak",
        "tooltipField": "leak_text",
        "minWidth": 115,
    },
    "owner": {"minWidth": 80},
    "created": {"cellRenderer": "ExperimentMoment", "minWidth": 170},
}


def shown_columns(text: str) -> list[str]:
    """The columns that an address names; those that are shown at first without any."""
    known = {name for name, *_ in COLUMNS}
    named = [name for name in text.split(",") if name in known or name.startswith(VALUE)]
    return named or [name for name, _, shown in COLUMNS if shown and name != "name"]


def column_definitions(chosen: Sequence[str], sort: str = "") -> list[dict[str, Any]]:
    """The name, the chosen ones in their usual order, then metrics and settings."""
    columns = [
        {"colId": name, "field": name, "headerName": title, **LOOKS[name]}
        for name, title, _ in COLUMNS
        if name == "name" or name in chosen
    ]
    for name in (one for one in chosen if one.startswith(VALUE)):
        title = name.removeprefix(VALUE)
        columns.append(
            {"colId": name, "field": name, "headerName": value_title(title), "tooltipField": name}
        )
    for column in columns:
        if sort and column["colId"] == sort.removeprefix("-"):
            column["initialSort"] = "desc" if sort.startswith("-") else "asc"
    return columns


def column_options(values: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Columns to choose from; the name is always there."""
    own = [{"label": title, "value": name} for name, title, _ in COLUMNS[1:]]
    return own + [{"label": value_title(name), "value": VALUE + name} for name in values]


def value_title(name: str) -> str:
    """A metric or setting as a heading."""
    return name.replace("_", " ")


def chosen_values(columns: Sequence[str]) -> list[str]:
    """The metrics and settings among the columns."""
    return [name.removeprefix(VALUE) for name in columns if name.startswith(VALUE)]


def searched_as(sort: str) -> str:
    """An order of the table as a search has it; nothing for a column that has none."""
    minus, column = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    if column.startswith(VALUE):
        return minus + column.removeprefix(VALUE)
    return minus + SORTED_AS[column] if column in SORTED_AS else ""


def grid_rows(experiments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain values for the grid."""
    return [_row(experiment) for experiment in experiments]


def _row(experiment: Mapping[str, Any]) -> dict[str, Any]:
    text, level, icon_name = EXPERIMENT_STATES[experiment["state"]]
    if experiment["state"] == "training":
        text = f"training, {100 * experiment['fraction']:.0f} %"
    return {
        "id": str(experiment["id"]),
        "name": experiment["name"],
        "href": path_to(f"/experiments/{experiment['id']}"),
        "archived": experiment["archived"],
        "state": text,
        "level": level,
        "icon": icon_name,
        "classifier": CLASSIFIER_TITLES.get(experiment["classifier"], experiment["classifier"]),
        "tags": [_tag(tag) for tag in experiment["tags"]],
        "dataset": version_name(experiment),
        "generated": experiment["generated"],
        "dataset_href": path_to(f"/datasets/{experiment['dataset_id']}"),
        "group_by": "random windows" if experiment["random_windows"] else experiment["group_by"],
        **_leak(experiment["leak"]),
        "owner": experiment["owner_name"],
        "created": experiment["created_at"].isoformat(),
        **_score(experiment["summary"]),
        **{VALUE + name: _plain(value) for name, value in experiment["values"].items()},
    }


def _tag(tag: Mapping[str, Any]) -> dict[str, str]:
    href = path_to("/experiments", {"query": f"tag:{tag['slug']}"})
    return {"name": tag["name"], "color": tag["color"], "href": href}


def _score(summary: Mapping[str, Any] | None) -> dict[str, Any]:
    """Balanced accuracy over recordings, which does not reward naming the largest class."""
    if summary is None:
        return {"score": None, "score_text": "", "interval": "", "recordings": None}
    score = summary["recordings"]["balanced_accuracy"]
    low, high, n = score["low"], score["high"], summary["n"]["recordings"]
    interval = "no interval" if low is None else interval_text(low, high, n).replace("–", " to ")
    return {
        "score": score["value"],
        "score_text": score_text(score["value"], n),
        "interval": interval,
        "recordings": n,
    }


def _leak(leak: str | None) -> dict[str, str]:
    text, level, icon_name = VERDICTS[leak or ""]
    looks = {"leak_text": text, "leak_level": level, "leak_icon": icon_name}
    return {"leak": SHORT[leak or ""], **looks}


def _plain(value: float | str | None) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value or "")
