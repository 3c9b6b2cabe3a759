"""Deployments: variants of a trained classifier side by side, and the models that answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.heads import HEADS
from layouts import deployment_batches, deployment_trying
from layouts.components.frame import (
    alert,
    badge,
    empty_state,
    field,
    link_button,
    page_head,
    section,
)
from layouts.components.job_state import job_progress
from layouts.components.links import page_link, path_to
from layouts.components.moments import moment
from layouts.components.quantities import count, file_size
from layouts.components.tables import table
from layouts.figures.deployments import trade_off
from layouts.figures.template import graph_config
from layouts.page import Group, Page

Values = Mapping[str, Any]
LEAD = (
    "Trained networks made smaller and faster, classical classifiers as they are; all held against"
    " the original on its own test, and served to other programs."
)
VERDICTS = {
    "non-inferior": ("not worse", "success", "check-circle"),
    "undecided": ("undecided", "secondary", "question-circle"),
    "worse": ("worse", "danger", "x-octagon"),
}
FULL = "fp32"


class Ids:
    view = "deployments-view"
    experiment = "deployments-experiment"
    form = "deployments-form"
    kind = "deployments-kind"
    about = "deployments-about"
    amount = "deployments-amount"
    epochs = "deployments-epochs"
    make = "deployments-make"
    progress = "deployments-progress"
    variants = "deployments-variants"
    publishing = "deployments-publishing"
    variant = "deployments-variant"
    name = "deployments-name"
    publish = "deployments-publish"
    delete = "deployments-delete"
    time = "deployments-time"
    times = "deployments-times"
    confirm = "deployments-confirm"
    trade_off = "deployments-trade-off"
    models = "deployments-models"
    serving = "deployments-serving"
    model = "deployments-model"
    version = "deployments-version"
    production = "deployments-production"
    staging = "deployments-staging"
    back = "deployments-back"
    delete_model = "deployments-delete-model"
    confirm_model = "deployments-confirm-model"
    moving = "deployments-moving"
    samples = "deployments-samples"
    try_it = "deployments-try"
    answer = "deployments-answer"
    snippet = "deployments-snippet"
    changed = "deployments-changed"


def build(experiment: str = "", **_view: Any) -> Component:
    """The address names the experiment that is looked at."""
    choose = dcc.Dropdown(
        [],
        id=Ids.experiment,
        clearable=False,
        placeholder="Choose a trained classifier",
        labels={"search": "Search by name or number"},
    )
    return html.Div(
        [
            page_head("Deployments", lead=LEAD),
            dcc.Store(id=Ids.view, data=experiment),
            dcc.Store(id=Ids.changed, data=0),
            dcc.ConfirmDialog(id=Ids.confirm),
            dcc.ConfirmDialog(id=Ids.confirm_model),
            section(
                "Variants",
                [
                    field("Experiment", choose),
                    _making(),
                    _publishing(),
                    html.Div(id=Ids.times, role="status"),
                ],
            ),
            section("Models that answer", [html.Div(id=Ids.models), _serving()]),
            deployment_batches.build(),
        ],
        className="features-page",
    )


def _making() -> Component:
    kind = dbc.Select([], id=Ids.kind)
    amount = dbc.Input(id=Ids.amount, type="number", min=5, max=95, step=5, value=30)
    epochs = dbc.Input(id=Ids.epochs, type="number", min=0, max=100, step=1, value=5)
    button = dbc.Button("Make variant", id=Ids.make, color="primary", disabled=True)
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [
                            field("Kind", kind),
                            field("Share to prune, %", amount),
                            field("Epochs to learn on", epochs),
                            button,
                        ],
                        className="field-row mt-3",
                    ),
                    html.P(id=Ids.about, className="figure-note"),
                ],
                id=Ids.form,
                hidden=True,
            ),
            html.Div(id=Ids.progress, role="status"),
            html.Div(id=Ids.variants),
        ]
    )


def _publishing() -> Component:
    name = dbc.Input(id=Ids.name, maxlength=60, autoComplete="off", placeholder="pump-bearing")
    return html.Div(
        [
            field("Variant", dbc.Select([], id=Ids.variant)),
            field("Name of the model", name),
            dbc.Button("Publish as the next version", id=Ids.publish, color="primary"),
            dbc.Button("Time it now", id=Ids.time, color="secondary", outline=True),
            dbc.Button("Delete the variant", id=Ids.delete, color="danger", outline=True),
        ],
        id=Ids.publishing,
        className="field-row mt-3",
        hidden=True,
    )


def _serving() -> Component:
    samples = dbc.Textarea(id=Ids.samples, rows=4, placeholder="0.012, -0.034, …", spellCheck=False)
    moving = html.Div(
        [
            field("Model", dbc.Select([], id=Ids.model)),
            field("Version", dbc.Select([], id=Ids.version)),
            html.Div(
                [
                    dbc.Button("Make it production", id=Ids.production, color="primary"),
                    dbc.Button("Make it staging", id=Ids.staging, color="secondary", outline=True),
                    dbc.Button(
                        "Roll production back", id=Ids.back, color="secondary", outline=True
                    ),
                    dbc.Button(
                        "Delete the model", id=Ids.delete_model, color="danger", outline=True
                    ),
                ],
                id=Ids.moving,
                className="field-row",
            ),
        ],
        className="field-row mt-3",
    )
    trying = html.Div(
        [
            html.H3("Try it", className="h5 mt-3"),
            deployment_trying.build(),
            field("Or samples of one channel, parted by commas, spaces or lines", samples),
            dbc.Button("Ask about the samples", id=Ids.try_it, color="primary", className="mt-2"),
            html.Div(id=Ids.answer, role="status", className="mt-3"),
            html.H3("From a program", className="h5 mt-3"),
            html.Div(id=Ids.snippet),
        ]
    )
    return html.Div([moving, trying], id=Ids.serving, hidden=True)


def no_networks() -> Component:
    return empty_state(
        "No trained classifier yet",
        "Train one; its variants are made here.",
        link_button("New experiment", "/new-experiment", icon_name="plus-lg"),
        icon_name="box-seam",
    )


def no_variants() -> Component:
    return empty_state(
        "No variant of this experiment yet",
        "Make the one in full precision first: the others are held against it.",
        icon_name="box-seam",
    )


def progress(job: Values | None) -> list[Component]:
    """The job that makes a variant, while it runs or when it failed."""
    if job is None or job["status"] in ("done", "cancelled"):
        return []
    if job["status"] == "failed":
        return [alert(job["error"] or "The variant could not be made.", "danger")]
    return [html.Div([html.Span(job["title"]), job_progress(job)])]


def variant_table(variants: Sequence[Values], recommended: int | None) -> list[Component]:
    """All variants of an experiment, in numbers that were measured on this machine."""
    if not variants:
        return [no_variants()]
    head = [
        "Variant",
        "Size",
        "Numbers",
        "Zeros",
        "1 window, p50 / p95 / p99",
        "Windows/s, batch 32",
        "Peak memory, 1 / 32",
        "Accuracy",
        "Macro F1",
        "Beside full precision",
        "Verdict",
        "Largest difference",
    ]
    rows = [_row(one, recommended, _with_heads(variants)) for one in variants]
    parts: list[Component] = [
        table(head, rows, numbers=range(1, 9), label="Variants"),
        html.P(_told(variants), className="figure-note"),
        *_trade_off(variants),
    ]
    eager = next((one["measured"]["eager"] for one in variants if "eager" in one["measured"]), None)
    if eager is not None:
        parts.append(
            html.P(
                f"{_original(variants)} takes {eager['p50_ms']:.2f} ms (p50) for one window with"
                " one thread.",
                className="figure-note",
            )
        )
    parts.append(_recommendation(variants, recommended))
    return parts


def times(variant: Values | None, job: Values | None) -> list[Component]:
    """What was measured on demand, beside what was measured when the variant was made."""
    if variant is None or job is None or job["status"] == "cancelled":
        return []
    if job["status"] != "done":
        return [html.Div([html.Span(job["title"]), job_progress(job)], className="mt-3")]
    before = {(one["batch"], one["threads"]): one for one in variant["measured"]["timings"]}
    rows = [
        [
            count(one["batch"]),
            count(one["threads"]),
            f"{one['p50_ms']:.2f} / {one['p95_ms']:.2f} / {one['p99_ms']:.2f} ms",
            count(round(one["throughput"])),
            "–"
            if (then := before.get((one["batch"], one["threads"]))) is None
            else f"{then['p50_ms']:.2f} ms",
        ]
        for one in job["result"]["timings"]
    ]
    heads = ["Windows in a call", "Threads", "p50 / p95 / p99", "Windows/s", "p50 when it was made"]
    return [
        html.H3(f"{variant['title']} (no. {variant['id']}), timed again", className="h5 mt-3"),
        table(heads, rows, numbers=range(5), label="Times of the variant"),
        html.P(
            [
                f"On {job['result']['machine']}, ",
                moment(job["finished_at"]),
                ", with noise in the windows: what is in them changes no time. Other work of the"
                " machine does.",
            ],
            className="figure-note",
        ),
    ]


def _original(variants: Sequence[Values]) -> str:
    if variants[-1]["manifest"].get("features"):
        return "The classifier in scikit-learn, its features included,"
    return "The network in torch, its normalisation included,"


def _trade_off(variants: Sequence[Values]) -> list[Component]:
    """Drawn when there is something to choose between."""
    points = [
        {
            "title": f"{one['title']} (no. {one['id']})",
            "ms": _timing(one["measured"], 1)["p50_ms"],
            "accuracy": 100 * one["measured"]["judged"]["accuracy"],
            "megabytes": one["size_bytes"] / 1e6,
        }
        for one in variants
        if not one["outdated"]
    ]
    if len(points) < 2:
        return []
    return [
        dcc.Graph(
            figure=trade_off(points),
            id=Ids.trade_off,
            config=graph_config("variants"),
            style={"height": "380px"},
        ),
        html.P(
            "Each point is a variant; the line joins those that no other one beats in both.",
            className="figure-note",
        ),
    ]


def _with_heads(variants: Sequence[Values]) -> bool:
    return any(one["manifest"].get("heads") for one in variants)


def _row(one: Values, recommended: int | None, others_estimate: bool) -> list[Any]:
    measured, judged = one["measured"], one["measured"]["judged"]
    first = _timing(measured, 1)
    many = _timing(measured, 32)
    name: list[Any] = [f"{one['title']} (no. {one['id']})"]
    if one["id"] == recommended:
        name.append(html.Div(badge("recommended", "success", icon_name="star")))
    if learned := one["manifest"].get("tuned_epochs"):
        name.append(html.Div(f"learned on for {learned} epoch{'' if learned == 1 else 's'}"))
    if others_estimate and not one["manifest"].get("heads"):
        name.append(html.Div("names the class only"))
    if one["outdated"]:
        name.append(html.Div(badge("of an earlier training", "warning")))
    low, high = judged["low"], judged["high"]
    interval = "no interval" if low is None else f"{100 * low:+.1f} to {100 * high:+.1f}"
    frozen = one["agreement"]["frozen"]
    return [
        html.Div(name),
        file_size(one["size_bytes"]),
        count(measured["numbers"]),
        f"{100 * measured['sparsity']:.0f} %",
        f"{first['p50_ms']:.2f} / {first['p95_ms']:.2f} / {first['p99_ms']:.2f} ms",
        "–" if many is None else count(round(many["throughput"])),
        " / ".join(file_size(one) for one in measured.get("memory_bytes", {}).values()) or "–",
        f"{100 * judged['accuracy']:.1f} % of {count(judged['recordings'])}",
        f"{judged['macro_f1']:.3f}",
        "–"
        if one["kind"] == FULL
        else f"{100 * judged['difference']:+.1f} points ({interval})".replace("-", "−"),
        "–" if one["kind"] == FULL else badge(*VERDICTS[judged["verdict"]][:2]),
        html.Span(
            f"{one['agreement']['max_difference']:.1g}"
            + _of_estimates(one)
            + (f"; fixed: {', '.join(frozen)}" if frozen else "")
        ),
    ]


def _of_estimates(one: Values) -> str:
    """How far what stands beside the class is off, where the file has it."""
    heads = one["manifest"].get("heads")
    if not heads:
        return ""
    names = " and ".join(HEADS[head["name"]].title.lower() for head in heads)
    return f"; {names}: {one['agreement']['estimate_difference']:.1g}"


def _timing(measured: Values, batch: int) -> Any:
    """With one thread; the first that was measured for a batch of 1."""
    return next((t for t in measured["timings"] if (t["batch"], t["threads"]) == (batch, 1)), None)


def _told(variants: Sequence[Values]) -> str:
    last = variants[-1]
    return (
        f"Measured on {last['measured']['machine']}, one thread. Accuracy is over the recordings"
        " of the test, by the vote of their windows; beside it the difference in points with its"
        " 95 % interval over groups. Not worse: the lower end is no more than 2 points below full"
        " precision. Where no recording came out otherwise, the interval says how many groups"
        " still could, unseen. Memory is what a process takes beyond the runtime,"
        " for batches of 1 and 32. The largest difference is of probabilities, over"
        " the few windows that a file is tried with"
        + (
            "; that of what is estimated beside the class is in deviations of the training part."
            if _with_heads(variants)
            else "."
        )
        + (
            " Times include the features, memory does not."
            if last["manifest"].get("features")
            else ""
        )
        + (
            " The variants were not all made with the same temperature, so their probabilities"
            " differ by that as well: make them anew to hold them against each other."
            if len({one["manifest"].get("temperature", 1.0) for one in variants}) > 1
            else ""
        )
    )


def _recommendation(variants: Sequence[Values], recommended: int | None) -> Component:
    if recommended is not None:
        name = next(one["title"] for one in variants if one["id"] == recommended)
        return alert(f"{name} was faster here than full precision, and is not worse.", "success")
    if not any(one["kind"] == FULL and not one["outdated"] for one in variants):
        return alert("Make the variant in full precision: without it nothing is recommended.")
    if variants[-1]["manifest"].get("features"):
        return alert("A classifier on features is exported as it is: there is nothing to choose.")
    if all(one["kind"] == FULL for one in variants):
        return alert("Only full precision is there. Make another variant to hold against it.")
    return alert(
        "No variant was both faster here and shown to be not worse: full precision is the one to"
        " take."
    )


def models_table(models: Sequence[Values]) -> Component:
    if not models:
        return empty_state(
            "Nothing is served yet",
            "Publish a variant under a name; programs ask that name.",
            icon_name="broadcast",
        )
    rows = [
        [
            model["name"],
            version["number"],
            version["title"],
            page_link(version["experiment"], f"/experiments/{version['experiment_id']}"),
            [
                badge(alias, "success" if alias == "production" else "info")
                for alias in version["aliases"]
            ]
            or "–",
            moment(version["created_at"]),
            html.A(
                "Download",
                href=path_to(
                    f"/api/v1/models/{model['name']}/bundle", {"version": version["number"]}
                ),
            ),
        ]
        for model in models
        for version in model["versions"]
    ]
    head = ["Model", "Version", "Variant", "From", "Answers as", "Published", "Bundle"]
    return table(head, rows, numbers={1}, label="Models that answer")


def snippet(root: str, name: str, manifest: Values, version: str | None = None) -> list[Component]:
    """How programs ask; both work when pasted, with a key and a file of samples.

    Without a version they ask the one in production.
    """
    rate, units = manifest["sample_rate_hz"], manifest["units"]
    query = f"sample_rate_hz={rate:g}" + (f"&unit={_quoted(units[0])}" if units else "")
    query += f"&version={version}" if version else ""
    address = f"{root}/api/v1/models/{name}/predict?{query}"
    curl = (
        'curl -X POST -H "Authorization: Bearer $ROTORSCOPE_KEY" \\\n'
        '  -H "Content-Type: application/x-npy" \\\n'
        f'  --data-binary @samples.npy "{address}"'
    )
    python = (
        "import os, pathlib, urllib.request\n"
        "request = urllib.request.Request(\n"
        f'    "{address}",\n'
        '    data=pathlib.Path("samples.npy").read_bytes(),\n'
        '    headers={"Authorization": "Bearer " + os.environ["ROTORSCOPE_KEY"],\n'
        '             "Content-Type": "application/x-npy"},\n'
        ")\n"
        "print(urllib.request.urlopen(request).read().decode())"
    )
    unit = f" in {units[0]}" if units else ""
    asked = f"version {version}, as none is in production" if version else "what is in production"
    return [
        html.P(
            f"samples.npy holds at least {count(manifest['window'])} samples{unit} at {rate:g} Hz;"
            f" ROTORSCOPE_KEY is an API key with the scope models:read. Asked is {asked}.",
            className="figure-note",
        ),
        html.Pre(curl, className="log-tail", tabIndex="0"),
        html.Pre(python, className="log-tail", tabIndex="0"),
    ]


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


PAGE = Page(
    "deployments",
    "Deployments",
    "/deployments",
    build,
    Group.OPERATE,
    "box-seam",
)
