"""What the wizard shows of the data, the split and the choices; drawn from plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from diagnostics.training.card import Family, Text
from diagnostics.training.classifiers import CLASSIFIERS
from layouts.components.estimate import expected_rows
from layouts.components.frame import alert, badge, definition_list, empty_state, link_button
from layouts.components.leak import MARKED, leak_badge
from layouts.components.quantities import count, plural, quantity
from layouts.components.tables import table
from layouts.experiment_settings import settings_list
from layouts.new_experiment import Ids, number

CARDS = {card.name: card for card in CLASSIFIERS}
SIDES = {
    "train": ("training", "info", "mortarboard"),
    "validation": ("validation", "warning", "eye"),
    "test": ("test", "success", "clipboard-check"),
}
GROUPS_SHOWN = 100
Values = Mapping[str, Any]


def no_data() -> Component:
    return empty_state(
        "No data to train on yet",
        "Import recordings and say what they show; a version of their data set can then be"
        " chosen here.",
        link_button("Import recordings", "/import", icon_name="upload"),
        icon_name="database",
    )


def data_card(version: Values) -> Component:
    """What the chosen version holds."""
    rates = ", ".join(quantity(rate, "Hz") for rate in version["rates_hz"])
    fields = [
        (entry["title"], _values_text(entry))
        for entry in version["fields"]
        if entry["name"] != "recording"
    ]
    marked = [("Origin", badge("generated", "info", icon_name="cpu"))]
    rows: list[tuple[str, Any]] = [
        *(marked if version["generated"] else []),
        ("Recordings", count(version["recording_count"])),
        ("Sampling rate", rates or "–"),
        ("Shortest recording", quantity(version["shortest_s"], "s", 3)),
        ("Channels", ", ".join(version["channels"]) or "–"),
        *fields,
    ]
    return definition_list(rows)


def parameters(classifier: str, given: Values) -> list[Component]:
    """A field for each parameter of the classifier."""
    card = CARDS[classifier]
    parts = [_line(text, given.get(text.name, text.default)) for text in card.texts]
    for parameter in card.parameters:
        entry = number(
            {"type": Ids.parameter, "name": parameter.name},
            given.get(parameter.name, parameter.default),
            parameter.minimum,
            parameter.maximum,
            1 if parameter.whole else "any",
        )
        bounds = f"{parameter.minimum:g} to {parameter.maximum:g}."
        # The label is around its field: one that names the id of a pattern is not found.
        label = html.Label([html.Span(parameter.title, className="form-label"), entry])
        hint = html.Div(f"{parameter.help} {bounds}".strip(), className="form-text")
        parts.append(html.Div([label, hint], className="field wizard-parameter"))
    return parts


def _line(text: Text, value: str) -> Component:
    entry = dbc.Input(
        id={"type": Ids.parameter, "name": text.name}, value=value, type="text", debounce=True
    )
    label = html.Label([html.Span(text.title, className="form-label"), entry])
    hint = html.Div(text.help, className="form-text")
    return html.Div([label, hint], className="field wizard-parameter wizard-line")


def is_network(classifier: str) -> bool:
    return CARDS[classifier].family is Family.NETWORK


def sides(preview: Values) -> Component:
    """Recordings, windows and groups of each side, and what to know about the split."""
    rows = [_side(name, preview["rows"]) for name in SIDES]
    leak = preview["leakage"]["verdict"]
    # Until the training has looked at signals, only what leaks by itself can be told.
    marks = [html.Div(leak_badge(leak))] if leak in MARKED else []
    level = "danger" if leak == "known" else "warning"
    warnings = [alert(text, level) for text in preview["warnings"]]
    return html.Div([html.H2("What will be learned and tested"), *rows, *marks, *warnings])


def planned(plan: Values) -> Component:
    """How many trainings there will be, and how large each is."""
    folds, seeds = len(plan["folds"]), len(plan["seeds"])
    each = [sum(fold["windows"].values()) for fold in plan["folds"]]
    of = f"{folds} folds × {seeds} {'seed' if seeds == 1 else 'seeds'}"
    told = of if folds > 1 else f"{seeds} seeds on one split"
    rows = [
        html.Div(
            [
                badge(f"{plan['runs']} trainings", "info", icon_name="layers"),
                html.Span(f"{told}, started as one repeated experiment"),
            ],
            className="wizard-side",
        ),
        *(_planned_side(name, plan["folds"]) for name in SIDES),
    ]
    if not any(each):
        rows = rows[:1]
    warnings = [alert(text, "warning") for text in plan["warnings"]]
    return html.Div([html.H2("What will be learned and tested"), *rows, *warnings])


def fold_table(plan: Values) -> Component | None:
    """One row per fold with what its test holds; nothing without folds."""
    if len(plan["folds"]) < 2:
        return None
    classes = list(plan["class_names"])
    rows = [
        [
            f"Fold {fold['fold']}",
            count(fold["groups"]),
            *(count(fold["classes"][name]) if fold["classes"][name] else "–" for name in classes),
            count(fold["windows"]["test"]),
        ]
        for fold in plan["folds"]
    ]
    head = ["Tested in", "Groups", *classes, "Windows"]
    return html.Div(
        [
            html.H3("Recordings tested in each fold, by class"),
            table(head, rows, numbers=range(1, len(head)), label="Recordings by class and fold"),
        ]
    )


def _planned_side(name: str, folds: Sequence[Values]) -> Component:
    windows = [fold["windows"][name] for fold in folds]
    low, high = count(min(windows)), count(max(windows))
    told = f"{low} windows" if low == high else f"{low} to {high} windows"
    return html.Div(
        [side_badge(name), html.Span(f"{told} in each training" if max(windows) else "none")],
        className="wizard-side",
    )


def not_possible(sentence: str) -> Component:
    return html.Div(
        [
            html.H2("What will be learned and tested"),
            html.Div(alert(sentence, "info"), className="wizard-gap"),
        ]
    )


def preview_table(preview: Values) -> Component:
    """One row per group with its side, and how many recordings of each class it has."""
    # By side too: with random windows a group lies on all of them.
    cells: dict[tuple[str, str], Counter[str]] = {}
    windows: Counter[tuple[str, str]] = Counter()
    for row in preview["rows"]:
        cell = (row["side"], row["group"])
        cells.setdefault(cell, Counter())[row["target"]] += row["recordings"]
        windows[cell] += row["windows"]
    order = sorted(cells, key=lambda cell: (list(SIDES).index(cell[0]), cell[1]))
    classes = list(preview["class_names"])
    drawn = [
        [
            side_badge(side),
            group,
            *[str(cells[side, group][name] or "–") for name in classes],
            count(windows[side, group]),
        ]
        for side, group in order[:GROUPS_SHOWN]
    ]
    head = ["Side", "Group", *classes, "Windows"]
    parts: list[Component] = [
        html.H3("Recordings by class and group"),
        table(head, drawn, numbers=range(2, len(head)), label="Recordings by class and group"),
    ]
    if len(order) > GROUPS_SHOWN:
        parts.append(
            html.P(f"The first {GROUPS_SHOWN} of {len(order)} groups.", className="figure-note")
        )
    return html.Div(parts)


def side_badge(side: str) -> Component:
    text, level, icon_name = SIDES[side]
    return badge(text, level, icon_name=icon_name)


def window_hint(window: object, rate_hz: float | None) -> str:
    """How long a window lasts."""
    if not isinstance(window, int | float) or not rate_hz:
        return "1024 or more."
    return f"{quantity(window / rate_hz, 's', 3)} at {quantity(rate_hz, 'Hz')}."


def rate_hint(rates_hz: Sequence[float]) -> str:
    if not rates_hz:
        return ""
    listed = ", ".join(quantity(rate, "Hz") for rate in rates_hz)
    if len(rates_hz) == 1:
        return f"All recordings have {listed}. Fill this in only to go lower."
    return f"The recordings have {listed}: they are filtered and resampled to one rate."


def level_warning(classifier: str, normalisation: str) -> Component | None:
    """Features of windows that were normalised one by one know nothing of the level."""
    if is_network(classifier) or normalisation != "window":
        return None
    return alert(
        "Each window is brought to mean 0 and deviation 1, so RMS, mean and standard deviation"
        " are the same for all windows and tell this classifier nothing. Choose the training"
        " part as normalisation in the step “Windows” to keep the level.",
        "warning",
    )


def review(experiment: Values) -> list[Component]:
    """Everything that was chosen, and what is odd about it."""
    config = experiment["config"]
    warning = level_warning(config["classifier"], config["normalisation"])
    rows = settings_list(experiment)
    if len(experiment.get("seeds", ())) > 1:
        seeds = ", ".join(map(str, experiment["seeds"]))
        rows = [("Seeds", seeds) if row[0] == "Seed" else row for row in rows]
    return [definition_list(rows), *([warning] if warning else [])]


def estimated(estimate: Values | None, runs: int) -> Component:
    """How long it will take, and from what this is known."""
    rows = definition_list(expected_rows(estimate, runs))
    return html.Div([html.H3("What it will take"), rows], className="wizard-gap")


def suggested_name(config: Values, dataset_name: str) -> str:
    """What an experiment is called when nobody says otherwise."""
    title = CARDS[config["classifier"]].title
    split = config["split"]
    if split["by"] == "groups":
        held = ", ".join(split["test"][:3]) + ("…" if len(split["test"]) > 3 else "")
        out = f"{config['group_by']} {held} held out"
    elif split["by"] == "windows":
        out = "random windows (known leak)"
    elif split["by"] == "folds":
        folds = f"{split['folds']} folds by {config['group_by']}"
        out = f"fold {split['fold']} of {folds}" if split["fold"] else folds
    else:
        out = f"{100 * split['test']:.0f} % by {config['group_by']} held out"
    return f"{title}, {dataset_name}, {out}"[:120]


def _side(name: str, rows: Sequence[Values]) -> Component:
    mine = [row for row in rows if row["side"] == name]
    recordings = sum(row["recordings"] for row in mine)
    windows = sum(row["windows"] for row in mine)
    groups = len({row["group"] for row in mine})
    text = (
        f"{plural(recordings, 'recording')} of {plural(groups, 'group')}, {count(windows)} windows"
    )
    return html.Div(
        [side_badge(name), html.Span(text if mine else "none")], className="wizard-side"
    )


def _values_text(entry: Values) -> str:
    values = entry["values"]
    if not values:
        return f"{count(entry['different'])} different"
    shown = [f"{name} ({number})" for name, number in list(values.items())[:8]]
    if len(values) > 8:
        shown.append(f"and {len(values) - 8} more")
        shown = _reach(values) or shown
    if entry["missing"]:
        shown.append(f"unknown ({entry['missing']})")
    return ", ".join(shown)


def _reach(values: Iterable[str]) -> list[str]:
    """From where to where many numbers go; nothing if they are no numbers."""
    try:
        known = {float(value): value for value in values}
    except ValueError:
        return []
    return [f"{known[min(known)]} to {known[max(known)]}, {count(len(known))} different"]
