"""The parts of a feature set's page that a job computes: a method, a button, what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import field, icon, section
from layouts.components.job_state import job_progress
from layouts.components.links import page_link, path_to
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import scrolling, table
from layouts.figures import features as figures
from layouts.figures.features import title_of
from layouts.figures.template import graph_config
from layouts.jobs import job_actions

Values = Mapping[str, Any]

MOST_PAIRS = 12
FEW_LEFT_OUT = 4


class Ids:
    """``map`` is the scatter plot, which the browser listens to."""

    projection_method = "feature-set-projection-method"
    projection_run = "feature-set-projection-run"
    projection_told = "feature-set-projection-told"
    projection_result = "feature-set-projection-result"
    projection_shown = "feature-set-projection-shown"
    correlation_method = "feature-set-correlation-method"
    correlation_run = "feature-set-correlation-run"
    correlation_told = "feature-set-correlation-told"
    correlation_result = "feature-set-correlation-result"
    correlation_shown = "feature-set-correlation-shown"
    importance_method = "feature-set-importance-method"
    importance_run = "feature-set-importance-run"
    importance_told = "feature-set-importance-told"
    importance_result = "feature-set-importance-result"
    importance_shown = "feature-set-importance-shown"
    selection_method = "feature-set-selection-method"
    selection_run = "feature-set-selection-run"
    selection_told = "feature-set-selection-told"
    selection_result = "feature-set-selection-result"
    selection_shown = "feature-set-selection-shown"
    most = "feature-set-most"
    threshold = "feature-set-threshold"
    changed = "feature-set-changed"
    map = "feature-set-map"


@dataclass(frozen=True)
class Panel:
    """What a kind of analysis is called on the page, and its methods."""

    kind: str
    title: str
    verb: str
    lead: str
    methods: Mapping[str, str]

    def id(self, part: str) -> str:
        """Of ``method``, ``run``, ``told``, ``result`` or ``shown``."""
        found: str = getattr(Ids, f"{self.kind}_{part}")
        return found


PANELS = (
    Panel(
        "projection",
        "Map of the windows",
        "Draw",
        "Windows with like features lie near each other. A click on a point opens its window on "
        "the signals page.",
        {"pca": "Principal components", "tsne": "t-SNE"},
    ),
    Panel(
        "correlation",
        "Correlation",
        "Compute",
        "Features that go together say much the same: one of them is enough.",
        {"pearson": "Pearson, of the numbers", "spearman": "Spearman, of their ranks"},
    ),
    Panel(
        "importance",
        "Importance",
        "Rate",
        "What each feature says about the class, on groups apart.",
        {
            "mutual_info": "Mutual information",
            "random_forest": "Random forest",
            "permutation": "Permutation, on groups held out",
        },
    ),
    Panel(
        "selection",
        "Selection",
        "Select",
        "Learned on some groups and tried on the others. The chosen features become the next "
        "version of this set.",
        {
            "mrmr": "mRMR: relevant, and not the same twice",
            "mutual_info": "Mutual information, one by one",
            "variance": "Variance, without a look at the class",
            "rfe": "Recursive elimination with a forest",
        },
    ),
)


def place() -> Component:
    drawn = [_panel(panel) for panel in PANELS]
    return html.Div([dcc.Store(id=Ids.changed, data=0), *drawn], className="features-body")


def progress(job: Values | None, shown_at: Any, *, may: bool = False) -> Component | str:
    """Of a job that has not ended, or that ended badly after the newest answer."""
    if job is None or job["status"] == "done":
        return ""
    ended = job["finished_at"]
    if ended is not None and shown_at is not None and ended < shown_at:
        return ""
    actions = job_actions(job) if may and ended is None else []
    return html.Div([job_progress(job), html.Div(actions, className="section-actions")])


def result(panel: Panel, view: Values | None, address: Values) -> list[Any]:
    """What a method saw, with what it could not use."""
    if view is None:
        return [html.P("Nothing has been computed yet.", className="page-lead")]
    seen, method = view["result"], view["method"]
    drawers = {
        "projection": _projection,
        "correlation": _correlation,
        "importance": _importance,
        "selection": _selection,
    }
    by = f"{panel.methods.get(method, method)}, asked for by {view['owner_name']}, "
    notes: list[Component] = [html.P(text) for text in seen["notes"]]
    left_out = seen["left_out"]
    if left_out:
        notes += _left_out(left_out)
    told = html.Div(
        [html.P([by, moment(view["created_at"]), "."]), *notes], className="features-notes"
    )
    return [*drawers[panel.kind](seen, method, address), told]


def _left_out(left_out: Mapping[str, str]) -> list[Component]:
    """A few names with their reason; of many how many there are, and all when one asks."""
    by_reason: dict[str, list[str]] = {}
    for name, why in left_out.items():
        by_reason.setdefault(why.rstrip("."), []).append(title_of(name))
    # Names of features hold commas.
    reasons = {why: "; ".join(names) for why, names in by_reason.items()}
    if len(left_out) <= FEW_LEFT_OUT:
        return [html.P(f"Left out, {why[0].lower()}{why[1:]}: {n}.") for why, n in reasons.items()]
    listed = html.Ul([html.Li(f"{why}: {names}.") for why, names in reasons.items()])
    return [disclosure(f"{count(len(left_out))} features are left out", listed)]


def _panel(panel: Panel) -> Component:
    options = [{"label": title, "value": name} for name, title in panel.methods.items()]
    controls = [
        field("Method", dbc.Select(options, next(iter(panel.methods)), id=panel.id("method")))
    ]
    if panel.kind == "selection":
        number = {"type": "number", "debounce": True}
        most = dbc.Input(id=Ids.most, value=15, min=1, max=1000, step=1, **number)
        least = dbc.Input(id=Ids.threshold, value=0.01, min=0, step="any", **number)
        controls += [field("At most", most), field("Threshold", least)]
    controls.append(
        dbc.Button(
            [icon("play"), f" {panel.verb}"],
            id=panel.id("run"),
            color="secondary",
            style={"display": "none"},
        )
    )
    return section(
        panel.title,
        [
            html.P(panel.lead, className="page-lead mb-2"),
            dcc.Store(id=panel.id("shown")),
            html.Div(controls, className="field-row mb-2"),
            html.Div(id=panel.id("told")),
            html.Div(id=panel.id("result")),
        ],
    )


def _projection(seen: Values, method: str, address: Values) -> list[Any]:
    where = {**address, "path": path_to("/signals")}
    graph = dcc.Graph(
        id=Ids.map,
        figure=figures.projection(seen, method, where),
        config=graph_config("map"),
        style={"height": "460px"},
    )
    parts: list[Any] = [graph]
    for number, weights in enumerate(seen["loadings"][:2], start=1):
        parts_of = [f"{title_of(name)} {weight:+.2f}" for name, weight in weights.items()]
        told = "; ".join(parts_of).replace("-0.", "−0.")
        parts.append(html.P(f"Component {number} follows {told}.", className="plot-note"))
    return parts


def _correlation(seen: Values, _method: str, _address: Values) -> list[Any]:
    rows = len(seen["names"])
    graph = dcc.Graph(
        figure=figures.correlation(seen),
        config=graph_config("correlation"),
        style={"height": f"{160 + 18 * max(8, rows)}px", "minWidth": f"{240 + 16 * rows}px"},
    )
    parts: list[Any] = [scrolling(graph, "Correlation of features")]
    pairs = [[title_of(a), title_of(b), f"{value:.2f}"] for a, b, value in seen["alike"]]
    if pairs:
        heads = ("Feature", "Feature", "Coefficient")
        parts.append(html.H3("Say much the same"))
        parts.append(table(heads, pairs[:MOST_PAIRS], label="Features that are alike", numbers={2}))
        if len(pairs) > MOST_PAIRS:
            more = f"{count(len(pairs) - MOST_PAIRS)} more pairs with 0.95 or above."
            parts.append(html.P(more, className="figure-note"))
    return parts


def _importance(seen: Values, method: str, _address: Values) -> list[Any]:
    height = figures.tall(min(figures.MOST_BARS, len(seen["scores"])))
    graph = dcc.Graph(
        figure=figures.importance(seen, method),
        config=graph_config("importance"),
        style={"height": f"{height}px"},
    )
    told = []
    if seen["folds"] > 1:
        told.append(f"Mean of {seen['folds']} folds; the lines are their standard deviation.")
    if seen["held_out_recall"] is not None:
        told.append(
            f"On groups that it had not seen the forest told {100 * seen['held_out_recall']:.0f} %"
            " of each class right on average; guessing gives"
            f" {100 / max(1, seen['classes']):.0f} %."
        )
    return [graph, html.P(" ".join(told), className="plot-note")]


def _selection(seen: Values, _method: str, _address: Values) -> list[Any]:
    rows = [
        [str(number), title_of(name), html.Code(name), f"{seen['scores'][name]:.3g}"]
        for number, name in enumerate(seen["names"], start=1)
    ]
    told = [_recall("the chosen features", seen["recall_chosen"])]
    told.append(_recall("all features", seen["recall_all"]))
    made = page_link("Open the set of the chosen features", f"/features/{seen['feature_set_id']}")
    return [
        table(
            ("", "Feature", "Definition", "Score"), rows, label="Chosen features", numbers={0, 3}
        ),
        html.P(" ".join(filter(None, told)), className="plot-note"),
        html.P(["Held out: ", _listed(seen["held_out_groups"]), "."], className="plot-note"),
        html.P(made),
    ]


def _recall(what: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"On the groups held out, a forest with {what} has a mean recall of {100 * value:.0f} %."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"
