"""The feature set that an experiment of the wizard learns from, where it learns from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.card import Family
from layouts.components.frame import alert, definition_list, field
from layouts.components.quantities import count
from layouts.experiment_settings import CARDS, feature_columns
from layouts.new_experiment_classifier import choices

Values = Mapping[str, Any]

# What a network and the basic features of every window need no set for.
WITHOUT = ""
USUAL = "random_forest"


class Ids:
    """``known`` holds what can be chosen, ``card`` what is said of the chosen set."""

    set = "new-experiment-feature-set"
    known = "new-experiment-feature-sets"
    card = "new-experiment-feature-set-card"
    windows_note = "new-experiment-windows-note"
    windows_fields = "new-experiment-windows-fields"


def set_field() -> Component:
    """A list of the feature sets of the chosen version; without one, samples are looked at."""
    return html.Div(
        [
            dcc.Store(id=Ids.known, data=[]),
            field(
                "Learn from",
                dcc.Dropdown(id=Ids.set, value=WITHOUT, clearable=False),
                hint="A stored feature set is for classifiers on features: forest, support vector"
                " machine, boosting, regression.",
            ),
            html.Div(id=Ids.card, role="status"),
        ],
        className="wizard-gap",
    )


def set_options(sets: Sequence[Values]) -> list[dict[str, str]]:
    """The sets, newest first, behind the choice of none."""
    nothing = {"label": "Waveforms, or basic features of them", "value": WITHOUT}
    return [nothing, *({"label": _label(one), "value": one["content_hash"]} for one in sets)]


def set_card(chosen: Values | None) -> Component | None:
    """What the chosen set holds."""
    if chosen is None:
        return None
    rows = [
        ("Columns", feature_columns(chosen["features"])),
        ("Windows", f"{count(chosen['config']['window'])} samples{_overlap(chosen['config'])}"),
        ("Group", str(chosen["config"].get("group_by") or "–")),
    ]
    return definition_list(rows)


def windows_note(chosen: Values | None) -> Component | None:
    """Why there is nothing to choose about windows."""
    if chosen is None:
        return None
    return alert(
        f"Windows, channel and rate are those of the feature set “{chosen['name']}”, version"
        f" {chosen['number']}: {count(chosen['config']['window'])}"
        f" samples{_overlap(chosen['config'])}, channel {chosen['config']['channel']}. Its columns"
        " are normalised by the training part alone.",
        "info",
    )


def classifier_options(*, on_set: bool) -> list[dict[str, Any]]:
    """All classifiers; networks cannot be chosen where a feature set is."""
    found = choices()
    if not on_set:
        return found
    return [{**one, "disabled": not looks_at_features(one["value"])} for one in found]


def looks_at_features(classifier: str | None) -> bool:
    return classifier is not None and CARDS[classifier].family is Family.CLASSICAL


def _label(one: Values) -> str:
    gone = ", deleted" if one["feature_set_id"] is None else ""
    return f"{one['name']}, version {one['number']}: {count(len(one['features']))} features{gone}"


def _overlap(config: Values) -> str:
    return f", {100 * config['overlap']:.0f} % overlap" if config.get("overlap") else ""
