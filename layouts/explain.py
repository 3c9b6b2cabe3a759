"""The explain page: which stretches of a recording a network took for a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.doubt import doubt
from layouts.components.frame import (
    alert,
    badge,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.links import number_of, numbers_in, page_link
from layouts.components.moments import moment
from layouts.explain_asking import methods_choice, parameters_choice
from layouts.explain_comparison import comparison, features
from layouts.explain_many import job_with_link, several
from layouts.figures import explanation as figures
from layouts.figures.template import graph_config
from layouts.page import Group, Page

SIDE_WORDS = {
    "test": "held out",
    "validation": "validation",
    "train": "trained with",
    "windows": "in training and test",
}


NAMED = "*"
"""In place of a class: the one that the classifier names."""


class Ids:
    """``view`` holds what the address says, ``window`` the window that was chosen, ``asked``
    changes when an explanation was asked for, ``shown`` says what is on the screen."""

    view = "explain-view"
    experiment = "explain-experiment"
    recording = "explain-recording"
    target = "explain-class"
    run = "explain-run"
    asked = "explain-asked"
    parameters = "explain-own-parameters"
    window = "explain-window"
    shown = "explain-shown"
    state = "explain-state"
    result = "explain-result"
    recent = "explain-recent"
    overview = "explain-overview"
    previous = "explain-previous"
    next = "explain-next"
    address = "explain-address"


def build(experiment: str = "", recording: str = "", window: str = "", **others: str) -> Component:
    """The query names what to show, so that a link opens the same view."""
    view = {
        "experiment": number_of(experiment),
        "recording": number_of(recording),
        "class": others.get("class") or None,
        "window": number_of(window),
        "more": numbers_in(others.get("more", "")),
        "methods": [name for name in others.get("methods", "").split(",") if name],
    }
    run = dbc.Button(run_label(), id=Ids.run, disabled=True)
    return html.Div(
        [
            page_head(
                "Explain",
                lead="What of a recording spoke for a class, by several methods side by side; "
                "whether that is the fault frequency, and whether the explanation is any good.",
                actions=[run],
            ),
            *[dcc.Store(id=name, data=data) for name, data in _stores(view).items()],
            section("What to explain", [_choices(), methods_choice(), parameters_choice()]),
            html.Div(id=Ids.state),
            html.Div(id=Ids.result),
            several(),
            html.Div(id=Ids.recent),
        ],
        className="explain-page",
    )


def recording_label(row: Mapping[str, Any]) -> str:
    """How a recording is offered: its use in the experiment, its name, its class if known."""
    used = SIDE_WORDS.get(row["side"], "not of this experiment")
    return " · ".join(part for part in (used, row["name"], row["true_class"]) if part)


def run_label(*, done: bool = False) -> list[Any]:
    """What the button says."""
    return [icon("check-lg"), " Explained"] if done else [icon("lightbulb"), " Explain"]


def nothing_trained() -> Component:
    """In place of a result while there is no network to explain."""
    return empty_state(
        "No trained network yet",
        "Train a network or a random forest first. Its decisions can be explained here, "
        "recording by recording.",
        link_button("New experiment", "/new-experiment", icon_name="plus-lg"),
        icon_name="lightbulb",
    )


def not_explained(class_name: str | None, missing: Sequence[str], *, may_ask: bool) -> Component:
    """The recording was not explained for the class by these methods yet."""
    if not missing:
        return empty_state("No method chosen", "Choose one or more methods.", icon_name="lightbulb")
    if may_ask:
        names = ", ".join(missing)
        about = f"“{class_name}”" if class_name else "the class that it names"
        text = f"Press Explain, and the result of {names} for {about} is made and kept."
    else:
        text = "Your role lets you look at explanations. Ask an analyst to make this one."
    return empty_state("Not explained yet", text, icon_name="lightbulb")


def progress(job: Mapping[str, Any]) -> Component:
    """The job that explains, or why it failed."""
    return section("Explaining", job_with_link(job))


def result(
    view: Mapping[str, Any], side_by_side: Mapping[str, Any] | None = None
) -> list[Component]:
    """Verdict, the recording, one window, and what the methods say of it."""
    parts = [_verdict(view), _recording(view), _window(view)]
    if side_by_side is not None:
        begin = view["starts_s"][view["chosen"]]
        told = f"{begin:.3f} to {begin + view['window_s']:.3f} s"
        parts += comparison(side_by_side, _amplitude(view), told)
    return parts


def feature_result(views: Sequence[Mapping[str, Any]]) -> list[Component]:
    """What moved a classifier on features."""
    return features(views)


def recent(
    rows: Sequence[Mapping[str, Any]], names: Mapping[int, str], titles: Mapping[str, str]
) -> Component | list[Any]:
    """Explanations of the experiment that are there already."""
    if not rows:
        return []
    links = [
        html.Li(
            [
                page_link(
                    f"{names.get(row['signal_id'], 'Recording')} for “{row['target_class']}”, "
                    f"{titles.get(row['method'], row['method'])}",
                    "/explain",
                    {
                        "experiment": row["experiment_id"],
                        "recording": row["signal_id"],
                        "class": row["target_class"],
                        "methods": row["method"],
                    },
                ),
                " ",
                moment(row["created_at"]),
            ]
        )
        for row in rows
    ]
    return section("Explained before", html.Ul(links, className="recent-explanations"))


def _stores(view: Mapping[str, Any]) -> dict[str, Any]:
    empty = (Ids.asked, Ids.window, Ids.shown, Ids.address)
    return {Ids.view: view, Ids.parameters: {}, **dict.fromkeys(empty)}


def _choices() -> Component:
    return html.Div(
        [
            field("Experiment", dbc.Select(id=Ids.experiment)),
            field(
                "Recording, held-out ones first",
                dbc.Select(id=Ids.recording),
                hint="Any other: open it under Signals, choose the classifier there, and follow "
                "“Explain this” under the answer.",
            ),
            field("What speaks for", dbc.Select(id=Ids.target)),
        ],
        className="explain-choices",
    )


def _verdict(view: Mapping[str, Any]) -> Component:
    names, shares = view["class_names"], view["probabilities"]
    winner = names[max(range(len(names)), key=lambda number: shares[number])]
    rows = [
        _share(name, share, is_target=name == view["target_class"])
        for name, share in zip(names, shares, strict=True)
    ]
    return section(
        f"{view['recording']}: “{winner}”",
        [
            html.P([*_story(view, winner), *_mark(view)]),
            html.Div(rows, className="class-shares"),
            *[alert(text) for text in _remarks(view, winner)],
        ],
    )


def _story(view: Mapping[str, Any], winner: str) -> list[Any]:
    truth = view["true_class"]
    explained = len(view["starts_s"])
    told: list[Any] = [f"By the vote of {explained:,} windows the network says “{winner}”"]
    if truth:
        right = winner == truth
        mark = icon("check-circle" if right else "x-octagon", title="right" if right else "wrong")
        told += [", and the label says “", truth, "” ", mark]
    side = view["side"]
    used = f" The recording was {_SIDE_TOLD[side]}." if side in _SIDE_TOLD else ""
    unsure = doubt(view["probabilities"])
    return [html.Span(told), f". {unsure}" if unsure else ".", used]


def _mark(view: Mapping[str, Any]) -> list[Any]:
    """That the recording was never measured."""
    return [" ", badge("generated", "info", icon_name="cpu")] if view["generated"] else []


_SIDE_TOLD = {
    "test": "held out: the network has not seen it before",
    "validation": "used for validation",
    "train": "used for training, so the network may simply know it",
    "windows": "in training and test by random windows, so the network may simply know it",
}


def _remarks(view: Mapping[str, Any], winner: str) -> list[str]:
    target, explained = view["target_class"], len(view["starts_s"])
    found: list[str] = []
    if not view["top"]:
        found.append(
            f"Nothing that the last layer found speaks for “{target}”: no colour is drawn."
        )
    elif target != winner:
        found.append(f"The colour shows what speaks for “{target}”, which is not what it says.")
    if explained < view["available"]:
        found.append(
            f"{explained:,} of {view['available']:,} windows were explained, evenly spread over "
            "the recording."
        )
    return found


def _share(name: str, share: float, *, is_target: bool) -> Component:
    bar = html.Div(
        html.Div(style={"width": f"{100 * share:.1f}%"}),
        className="share-bar",
        **attributes(aria_hidden="true"),
    )
    label: list[Any] = [name, html.Small(" explained")] if is_target else [name]
    return html.Div(
        [html.Span(label), bar, html.Span(f"{share:.2f}", className="share-number")],
        className="class-share is-explained" if is_target else "class-share",
    )


def _recording(view: Mapping[str, Any]) -> Component:
    drawn = figures.recording(
        view["whole"],
        view["starts_s"],
        view["window_s"],
        view["of_target"],
        view["chosen"],
        amplitude=_amplitude(view),
        class_name=view["target_class"],
        top=view["top"],
    )
    config = graph_config("explanation")
    config["scrollZoom"] = False  # the page is scrolled over it
    return section(
        "The whole recording",
        [
            html.Div(
                dcc.Graph(id=Ids.overview, figure=drawn, config=config, style={"height": "340px"}),
                className="explain-wave",
            ),
            html.P("Press a bar to look at its window.", className="plot-note"),
        ],
    )


def _window(view: Mapping[str, Any]) -> Component:
    begin = view["starts_s"][view["chosen"]]
    end = begin + view["window_s"]
    signal = {
        "recording": view["recording_id"],
        "channel": view["channel_position"],
        "start": f"{begin:.6g}",
        "stop": f"{end:.6g}",
    }
    drawn = figures.window(
        view["close"], amplitude=_amplitude(view), top=view["top"], name=view["title"]
    )
    return section(
        f"Window {view['chosen'] + 1:,} of {len(view['starts_s']):,}: {begin:.3f} to {end:.3f} s",
        [
            html.Div(
                dcc.Graph(figure=drawn, config=graph_config("window"), style={"height": "340px"}),
                className="explain-wave",
            ),
            html.P(
                [
                    _how_fine(view),
                    "Colours compare within this network and class only. They show what the "
                    "network used, which need not be the fault. ",
                    page_link("Open this time in Signals", "/signals", signal),
                    ". Explained ",
                    moment(view["created_at"]),
                    ".",
                ],
                className="plot-note",
            ),
        ],
        actions=[
            _step(Ids.previous, "chevron-left", "Previous window"),
            _step(Ids.next, "chevron-right", "Next window"),
        ],
    )


def _how_fine(view: Mapping[str, Any]) -> str:
    if not view["layer"]:
        return f"{view['title']} tells {view['positions']:,} values per window apart. "
    finest = 1000 * view["window_s"] / view["positions"]
    return (
        f"The layer “{view['layer']}” gives {view['positions']:,} values per window: stretches "
        f"shorter than {finest:.2g} ms cannot be told apart, and each value has seen more of the "
        "signal than it is drawn over. "
    )


def _amplitude(view: Mapping[str, Any]) -> str:
    return f"{view['channel']} [{view['unit']}]"


def _step(component_id: str, icon_name: str, label: str) -> Component:
    return html.Button(
        icon(icon_name),
        id=component_id,
        className="btn btn-outline-secondary btn-sm",
        type="button",
        **attributes(aria_label=label),
    )


PAGE = Page("explain", "Explain", "/explain", build, Group.UNDERSTAND, "lightbulb")
