"""The part of the page of a data set that says what is in a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.importers import attribute_titles
from layouts.components import frame
from layouts.components.frame import alert, field, icon
from layouts.components.links import page_link
from layouts.components.moments import duration
from layouts.components.quantities import count, quantity
from layouts.components.tables import scrolling, table
from layouts.figures.previews import preview_figure
from layouts.figures.template import graph_config

Values = Mapping[str, Any]

# What a warning is about, by its code.
PROBLEMS = {
    "missing_values": "Values that are NaN or infinite",
    "constant": "A constant channel",
    "few_levels": "A channel of a few values",
    "clipped": "A clipped channel",
    "frozen": "A channel that stands still for a while",
    "dropout": "Lost samples",
    "spikes": "Spikes",
    "offset": "An offset",
    "mains_hum": "Hum of the mains",
    "identical_channels": "Channels that are the same",
    "no_speed": "No speed",
    "implausible_rate": "A sampling rate to look at",
    "upsampled": "A stretched or filtered channel",
    "implausible_unit": "A unit to look at",
    "short": "Few turns of the shaft",
    "note": "Something to look at",
}
MOST_MESSAGES = 8
NO_VALUE = "–"
UNLABELLED = "no label"
FIELDS = {"label": "Class", "machine": "Machine", "bearing": "Bearing", "load": "Load"}
FIELDS |= {"sample_rate_hz": "Sampling rate, Hz", "origin": "Origin", "importer": "Importer"}
# Fields that the list of recordings can be filtered by under their own name.
OWN_COLUMNS = ("label", "machine", "bearing", "load", "origin", "importer", "sample_rate_hz")
QUANTITIES = (
    ("rms", "RMS", True),
    ("peak", "Peak", True),
    ("crest_factor", "Crest factor", False),
    ("kurtosis", "Kurtosis", False),
    ("skewness", "Skewness", False),
    ("mean", "Mean", True),
)

# The wheel scrolls the page past the many pictures.
_CONFIG: Any = {**graph_config("classes"), "scrollZoom": False}


class Ids:
    warnings = "dataset-content-warnings"
    rows = "dataset-content-rows"
    columns = "dataset-content-columns"
    swap = "dataset-content-swap"
    crossing = "dataset-content-crossing"
    left_out = "dataset-content-left-out"
    examples = "dataset-content-examples"
    same_scale = "dataset-content-same-scale"
    preview = "dataset-content-preview"
    waveforms = "dataset-content-waveforms"
    measure = "dataset-content-measure"
    measured = "dataset-content-measured"


def sections() -> list[Component]:
    """Warnings, and recordings by two fields."""
    choices = html.Div(
        [
            field("Rows", dbc.Select([], id=Ids.rows)),
            dbc.Button(
                icon("arrow-left-right", title="Swap rows and columns"),
                id=Ids.swap,
                color="secondary",
                outline=True,
            ),
            field("Columns", dbc.Select([], id=Ids.columns)),
        ],
        className="field-row mb-3",
    )
    table_place = dcc.Loading(html.Div(id=Ids.crossing), delay_show=300)
    counted = frame.section(
        "Recordings by", [choices, table_place, html.Div(id=Ids.left_out, className="form-text")]
    )
    return [html.Div(id=Ids.warnings), counted]


def waveform_sections() -> Component:
    """How the classes look, and what their samples amount to."""
    choices = html.Div(
        [
            field(
                "Recordings of each class",
                dbc.Select(
                    [{"label": str(n), "value": n} for n in (1, 2, 3, 5)], value=2, id=Ids.examples
                ),
            ),
            dbc.Checkbox(id=Ids.same_scale, label="The same scale for all", value=True),
        ],
        className="field-row mb-2",
    )
    preview = frame.section(
        "How the classes look", [choices, dcc.Loading(html.Div(id=Ids.preview), delay_show=300)]
    )
    statistics = frame.section(
        "Sample statistics",
        [
            html.P(
                "Median over the recordings of a class, beneath it the 5th to the 95th percentile. "
                "Over all samples of a recording, not of windows.",
                className="page-lead mb-2",
            ),
            dcc.Loading(html.Div(id=Ids.waveforms), delay_show=300),
        ],
    )
    return html.Div([dcc.Store(id=Ids.measured), preview, statistics])


def title_of(name: str) -> str:
    """A field as it is called on the page."""
    return FIELDS.get(name) or attribute_titles.title_of(name)


def field_options(statistics: Values) -> list[dict[str, str]]:
    """Fields to choose rows and columns from, class first."""
    names = ["label", *statistics["groups"]]
    if len(statistics["sample_rates_hz"]) > 1:
        names.append("sample_rate_hz")
    if len(statistics["origins"]) > 1:
        names.append("origin")
    return [{"label": title_of(name), "value": name} for name in names]


def left_out(statistics: Values) -> str:
    """What cannot be chosen, and why."""
    names = ", ".join(title_of(name) for name in statistics["left_out"])
    return (
        f"Not counted, since nearly every recording has a value of its own: {names}."
        if names
        else ""
    )


def crossing_table(found: Values, dataset_id: int, version: int) -> Component:
    """Counts with their sums; each leads to the recordings that were counted."""
    rows, columns, counts = found["row_values"], found["column_values"], found["counts"]
    if not rows:
        return html.P("There are no recordings to count.")
    most = max((number for line in counts for number in line), default=1)

    def cell(number: int, row: str | None, column: str | None) -> Component:
        shade = {"--share": f"{number / most:.3f}"} if row and column else {}
        kind = "counted" if row and column else "count-sum"
        if not number:
            return html.Td(html.Span("0", className="count-none"), className=f"number {kind}")
        query = {**_query(found["rows"], row), **_query(found["columns"], column)}
        link = page_link(count(number), f"/datasets/{dataset_id}", {"version": version, **query})
        return html.Td(link, className=f"number {kind}", style=shade)

    body = [
        html.Tr(
            [
                html.Th(_value(row, found["rows"]), scope="row"),
                *(cell(n, row, column) for column, n in zip(columns, line, strict=True)),
                cell(sum(line), row, None),
            ]
        )
        for row, line in zip(rows, counts, strict=True)
    ]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    foot = [cell(number, None, column) for column, number in zip(columns, sums, strict=True)]
    all_of_them = html.Td(count(sum(sums)), className="number count-sum")
    drawn = html.Table(
        [
            html.Thead(_crossing_head(found)),
            html.Tbody(body),
            html.Tfoot(html.Tr([html.Th("All", scope="row"), *foot, all_of_them])),
        ],
        className="plain-table crossing-table",
    )
    return scrolling(drawn, f"{title_of(found['rows'])} against {title_of(found['columns'])}")


def _crossing_head(found: Values) -> list[Component]:
    rows, columns = title_of(found["rows"]), title_of(found["columns"])
    names = [_value(name, found["columns"]) for name in found["column_values"]]
    titles = [html.Th(name, scope="col", className="number") for name in [*names, "All"]]
    return [
        html.Tr([html.Td(), html.Th(columns, colSpan=len(titles), className="crossing-title")]),
        html.Tr([html.Th(rows, scope="col"), *titles]),
    ]


def one_field(counts: Mapping[str, int], title: str, total: int, unlabelled: int = 0) -> Component:
    """Where there is nothing to set a field against: how many recordings have which value."""
    # Not under their words: a class may have that name.
    known: list[tuple[Any, int]] = [*counts.items()]
    if unlabelled:
        known.append((html.Em(UNLABELLED), unlabelled))
    most = max((number for _, number in known), default=1)
    rows = [
        [
            name,
            count(number),
            f"{100 * number / total:.1f} %",
            html.Div(
                html.Div(style={"width": f"{100 * number / most:.1f}%"}), className="count-bar"
            ),
        ]
        for name, number in known
    ]
    heads = (title, "Recordings", "Share", "")
    return table(heads, rows, label=f"Recordings by {title}", numbers={1, 2})


def warnings(groups: Sequence[Values], dataset_id: int, version: int, total: int) -> Any:
    """Quality warnings by kind, each with the way to its recordings."""
    if not groups:
        return []
    parts = []
    for group in groups:
        title = PROBLEMS.get(group["code"], group["code"])
        query = {"version": version, "warning": f"equals:{group['code']}"}
        number = group["count"]
        which = "1 recording" if number == 1 else f"{count(number)} recordings"
        told = [
            html.Li(text if times == 1 else f"{text} ({count(times)} recordings)")
            for text, times in list(group["messages"].items())[:MOST_MESSAGES]
        ]
        more = len(group["messages"]) - MOST_MESSAGES
        if more > 0:
            told.append(html.Li(f"and {more} more kinds of text"))
        parts.append(
            html.Li(
                [
                    html.Strong(f"{title}: "),
                    page_link(which, f"/datasets/{dataset_id}", query),
                    f" of {count(total)}",
                    html.Details([html.Summary("What was found"), html.Ul(told)]) if told else None,
                ]
            )
        )
    return alert(
        [html.Strong("Quality warnings"), html.Ul(parts, className="warning-groups")], "warning"
    )


def preview(found: Values, *, same_scale: bool) -> Component:
    """Waveforms of a few recordings of each class."""
    drawn = preview_figure(found["classes"], same_scale=same_scale)
    links: list[Any] = []
    for one in found["classes"]:
        for recording in one["recordings"]:
            query = {"dataset": found["dataset_id"], "recording": recording["recording_id"]}
            links += [page_link(recording["name"], "/signals", query), " · "]
    parts: list[Component] = [
        dcc.Graph(
            figure=drawn,
            config=_CONFIG,
            className="preview-graph",
            style={"height": f"{drawn.layout.height}px"},
        ),
        html.P(["Look at them: ", *links[:-1]], className="form-text"),
    ]
    if found["more_classes"]:
        parts.append(html.P(f"{found['more_classes']} more classes are not shown."))
    return html.Div(parts)


def waveform_table(found: Values, *, can_measure: bool) -> Component:
    """Statistics of the samples by channel and class."""
    parts: list[Component] = []
    if found["unmeasured"]:
        parts.append(_unmeasured(found["unmeasured"], can_measure=can_measure))
    channels = {(row["channel"], row["unit"]) for row in found["rows"]}
    rows = [
        [
            row["label"] or UNLABELLED,
            *([f"{row['channel']}"] if len(channels) > 1 else []),
            count(row["recordings"]),
            duration(row["duration_s"]),
            *(
                _spread(row["spreads"][name], row["unit"] if has_unit else "")
                for name, _, has_unit in QUANTITIES
            ),
            _range(row["minimum"], row["maximum"], row["unit"]),
        ]
        for row in found["rows"]
    ]
    if rows:
        heads = ["Class", *(["Channel"] if len(channels) > 1 else []), "Recordings", "Length"]
        heads += [title for _, title, _ in QUANTITIES] + ["Samples from … to"]
        first = len(heads) - len(QUANTITIES) - 3
        numbers = set(range(first, len(heads)))
        drawn = table(heads, rows, label="Sample statistics", numbers=numbers)
        parts.append(html.Div(drawn, className="unbroken"))
    if not parts:
        parts.append(html.P("There are no recordings to measure."))
    return html.Div(parts)


def _unmeasured(number: int, *, can_measure: bool) -> Component:
    channels = "1 channel was" if number == 1 else f"{count(number)} channels were"
    text = f"{channels} not measured yet: they came before statistics were kept."
    button = dbc.Button("Measure them", id={"type": Ids.measure, "of": "dataset"}, size="sm")
    return alert([text, " ", button if can_measure else ""], "info")


def _range(low: float, high: float, unit: str) -> str:
    return f"{quantity(low, unit, 3)} … {quantity(high, unit, 3)}"


def _spread(values: Values, unit: str) -> Component:
    """The median, and the ends beneath it where there are any: one recording has none."""
    parts: list[Any] = [quantity(values["median"], unit, 3)]
    ends = _range(values["low"], values["high"], unit)
    if values["low"] < values["high"]:
        parts.append(html.Small(ends, className="spread-ends"))
    return html.Span(parts, className="spread")


def _query(name: str, value: str | None) -> dict[str, str]:
    """A cell of the table as a filter of the list of recordings."""
    if value is None:
        return {}
    column = name if name in OWN_COLUMNS else f"attribute.{name}"
    return {column: "blank" if value == NO_VALUE else f"equals:{value}"}


def _value(value: str, name: str) -> str:
    return UNLABELLED if value == NO_VALUE and name == "label" else value
