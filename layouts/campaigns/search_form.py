"""What the forms of a search over settings and of one over networks have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import dash_bootstrap_components as dbc
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import alert, empty_state, field, link_button

Values = Mapping[str, Any]
METRICS = (("val_accuracy", "Validation accuracy"), ("val_loss", "Validation loss"))
COSTS = (
    # A value that is empty would show nothing at all.
    ("none", "nothing"),
    ("parameters", "learned numbers of the network"),
    ("latency_ms", "time that a window takes"),
)


class SearchIds(Protocol):
    """Ids that both forms have, each under a name of its own."""

    none: str
    form: str
    version: str
    group_by: str
    validation_share: str
    test_share: str
    window: str
    more: str
    metric: str
    also: str
    parallel: str
    seed: str
    hours: str
    patience: str
    go: str


def no_data() -> Component:
    return empty_state(
        "No data to search on yet",
        "Import recordings and say what they show; a version of their data set can then be"
        " chosen here.",
        link_button("Import recordings", "/import", icon_name="upload"),
        icon_name="database",
    )


def group_options(version: Values) -> list[dict[str, str]]:
    """Fields by which recordings can be kept together."""
    return [
        {"label": f"{one['title']} ({one['different']} different)", "value": one["name"]}
        for one in version["fields"]
        if one["name"] != "label" and one["different"] > 1
    ]


def space_text(space: Values) -> str:
    """One entry of a space in a line, as one would write it.

    Examples
    --------
    >>> print(space_text({"window": {"type": "int", "low": 1, "high": 2}}))
    {
      "window": {"type": "int", "low": 1, "high": 2}
    }
    """
    lines = [f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in space.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def space_refused(sentence: str) -> Component:
    return alert(sentence, "danger")


def data_fields(ids: SearchIds) -> list[Component]:
    """Which recordings, and what is kept together."""
    return [
        field("Version of a data set", dbc.Select([], id=ids.version)),
        field("Keep together", dbc.Select([], id=ids.group_by), hint="No group is on two sides."),
    ]


def share_fields(ids: SearchIds) -> list[Component]:
    return [
        field("Share for validation", number(ids.validation_share, 0.2, 0, 1, 0.05)),
        field("Share for the test", number(ids.test_share, 0.2, 0, 1, 0.05)),
    ]


def window_field(ids: SearchIds) -> Component:
    return field("Window, samples", number(ids.window, 2048, 1024, 1_048_576, 1))


def other_settings(ids: SearchIds) -> Component:
    entry = dbc.Textarea(id=ids.more, value="{}", rows=5, className="wizard-json")
    return disclosure(
        "Other settings of all trials", field("As JSON, like in “New experiment”", entry)
    )


def judging_fields(ids: SearchIds) -> list[Component]:
    return [
        field("Judge by", dbc.Select(options(METRICS), "val_accuracy", id=ids.metric)),
        field("Keep low beside it", dbc.Select(options(COSTS), "none", id=ids.also)),
    ]


def limit_fields(ids: SearchIds) -> list[Component]:
    """How many at once, by which seed, and when it ends."""
    return [
        field("At once", number(ids.parallel, 1, 1, 64, 1), hint="On as many workers."),
        field("Seed", number(ids.seed, 0, 0, 2**31 - 1, 1)),
        field("Hours", number(ids.hours, None, 0, 8760, "any"), hint="Empty: no limit."),
        field(
            "Trials without a better one",
            number(ids.patience, None, 1, 20_000, 1),
            hint="Then it ends. Empty: never.",
        ),
    ]


def options(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": text, "value": value} for value, text in pairs]


def number(own: str, value: Any, low: float, high: float, step: Any) -> Component:
    return dbc.Input(id=own, type="number", value=value, min=low, max=high, step=step)
