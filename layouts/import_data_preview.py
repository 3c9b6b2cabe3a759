"""The table of what was found in files: one page of them, problems first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.signals.signal import Unit
from layouts.components.frame import badge, icon
from layouts.components.quantities import count, plural, quantity
from layouts.components.tables import scrolling, table
from layouts.import_data import KEPT, Ids
from layouts.import_data_profiles import NOT_CHOSEN

MOST_WARNINGS = 4
# Each part of a page costs the browser something whenever anything on it changes.
MOST_RECORDINGS = 10
MOST_VARIABLES = 20
TITLES = {"sample_rate_hz": "Sampling rate", "unit": "Unit", "speed_rpm": "Speed", "label": "Label"}
HEAD = ("File", "Recordings", "Channels", *TITLES.values(), "Warnings")

Values = Mapping[str, Any]


def summary(preview: Values, lacks: Values) -> Component:
    """Counts over all files, and what warnings they share. ``lacks`` is still to be typed."""
    total, looked_at = preview["file_count"], preview["looked_at"]
    parts = [f"{plural(preview['recordings'], 'recording')} in {plural(looked_at, 'file')}."]
    if total > looked_at:
        parts.append(
            f"Of {count(total)} files {count(looked_at)} were looked into, evenly spread; "
            "the others are read when they are imported."
        )
    if preview["left_out"]:
        were = "was" if preview["left_out"] == 1 else "were"
        parts.append(f"{plural(preview['left_out'], 'file')} of other kinds {were} left out.")
    if preview["unreadable"]:
        parts.append(f"{plural(preview['unreadable'], 'file')} cannot be read.")
    if lacks["count"]:
        verb = "needs" if lacks["count"] == 1 else "need"
        parts.append(f"{plural(lacks['count'], 'file')} {verb} a value that only you can know.")
    return html.Div(
        [
            html.P(" ".join(parts), className="import-summary", role="status"),
            _grouped(preview["warnings"]),
        ]
    )


def preview_table(
    files: Sequence[Values],
    shared: Values,
    own: Mapping[str, Values],
    labels: Mapping[str, str],
    common: Collection[str] = (),
) -> Component:
    """One row for each file. ``labels`` are those that a pattern found, by file and recording.

    ``shared`` and ``own`` are the values typed so far, ``own`` by file. Warnings of the codes
    in ``common`` are told above the table.
    """
    if not files:
        return html.P("No file is like that.", className="import-source")
    rows = [_row(file, shared, own.get(file["key"], {}), labels, common) for file in files]
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in HEAD]))
    drawn = html.Table([head, html.Tbody(rows)], className="plain-table")
    return scrolling(drawn, "What was found in the files")


def lacking(lacks: Values) -> str:
    """A sentence about what must still be typed; empty when nothing must."""
    if not lacks["count"]:
        return ""
    more = lacks["count"] - 1
    also = f" {plural(more, 'more file')} {'needs' if more == 1 else 'need'} something, too."
    needs = " and ".join(_words(lacks["names"]))
    return f"{lacks['file_name']} needs {needs}.{also if more else ''}"


def _grouped(warnings: Sequence[Values]) -> Component | None:
    """Each kind of warning once, with the number of files that it is about."""
    items = [
        html.Li(
            [
                icon("exclamation-triangle", title="Warning"),
                html.Span(
                    [html.Strong(f"{plural(one['files'], 'file')}: "), one["message"]],
                ),
            ]
        )
        for one in warnings
        if one["files"] > 1
    ]
    return html.Ul(items, className="import-warnings is-wide") if items else None


def _row(
    file: Values,
    shared: Values,
    own: Values,
    labels: Mapping[str, str],
    common: Collection[str],
) -> Component:
    told: Component | None = None
    if file["error"]:
        told = html.Span([icon("x-octagon"), " ", file["error"]], className="job-error")
    elif file["describes"]:
        told = html.Span(f"Describes {file['describes']}.", className="job-told")
    if told is not None:
        # One cell over all columns: what is wrong is read without scrolling sideways.
        whole = html.Div([_name(file), told], className="import-told")
        return html.Tr(html.Td(whole, colSpan=len(HEAD)))
    still = _still(file, shared, own)
    recordings = file["recordings"]
    cells: list[Any] = [
        [_name(file), _details(file, own)],
        count(file["recording_count"]),
        _channels(file, own),
        _rate(file, own, shared, "sample_rate_hz" in still),
        _unit(file, own, shared, "unit" in still),
        _speed(file, own, shared),
        _label(file, own, shared, labels),
        _warnings(recordings, common),
    ]
    return html.Tr([html.Td(cell) for cell in cells])


def _name(file: Values) -> Component:
    return html.Div(html.Span(file["file_name"], className="import-file"))


def _still(file: Values, shared: Values, own: Values) -> list[str]:
    return [name for name in file["missing"] if not own.get(name) and not shared.get(name)]


def _words(names: Sequence[str]) -> list[str]:
    return [{"sample_rate_hz": "its sampling rate", "unit": "its unit"}[name] for name in names]


def _channels(file: Values, own: Values) -> Component:
    """The channels; which columns of a table are some is for the person to say."""
    recordings = file["recordings"]
    variables = list(dict.fromkeys(c["variable"] for r in recordings for c in r["channels"]))
    if file["profile"] == "plain" and len(recordings) == 1 and len(variables) > 1:
        component_id = _own_id(file, "channels")
        chosen = [name for name in own.get("channels") or [] if name in variables]
        control = dcc.Dropdown(
            variables,
            chosen,
            id=component_id,
            multi=True,
            placeholder=f"all {len(variables)}",
            **KEPT,
        )
        label = f"Channels of {file['file_name']}"
        return html.Div([_hidden_label(label, component_id), control], className="import-channels")
    names = Counter(", ".join(c["name"] for c in r["channels"]) for r in recordings)
    shown = [html.Div(text) for text, _ in names.most_common(2)]
    more = len(names) - len(shown)
    return html.Div([*shown, html.Div(f"and {more} other sets") if more > 0 else None])


def _rate(file: Values, own: Values, shared: Values, asked: bool) -> Component:
    if "sample_rate_hz" in file["missing"]:
        return _asked(file, own, "sample_rate_hz", shared.get("sample_rate_hz"), asked)
    found = [r["sample_rate_hz"] for r in file["recordings"]]
    return _found(
        [quantity(one["value"], "Hz", 6) for one in found], [one["source"] for one in found]
    )


def _unit(file: Values, own: Values, shared: Values, asked: bool) -> Component:
    if "unit" in file["missing"]:
        return _asked(file, own, "unit", shared.get("unit"), asked)
    found = [c["unit"] for r in file["recordings"] for c in r["channels"]]
    return _found([one["value"] for one in found], [one["source"] for one in found])


def _speed(file: Values, own: Values, shared: Values) -> Component:
    found = [fact for r in file["recordings"] if (fact := r["facts"].get("speed_rpm"))]
    if not found:
        return _asked(file, own, "speed_rpm", shared.get("speed_rpm"), False)
    texts = [f"{one['value']:g} rpm" for one in found]
    lacking = len(file["recordings"]) - len(found)
    note = f"{lacking} without" if lacking else ""
    return _found(texts, [one["source"] for one in found], note)


def _label(file: Values, own: Values, shared: Values, labels: Mapping[str, str]) -> Component:
    texts, sources = [], []
    for recording in file["recordings"]:
        by_pattern = labels.get(f"{file['file_name']}\n{recording['key']}")
        fact = recording["facts"].get("label")
        if by_pattern is not None:
            texts.append(by_pattern)
            sources.append("pattern")
        elif fact:
            texts.append(fact["value"])
            sources.append(fact["source"])
    if not texts:
        return _asked(file, own, "label", shared.get("label"), False)
    return _found(texts, sources)


def _found(texts: Sequence[str], sources: Sequence[str], note: str = "") -> Component:
    """The values that were found, and where."""
    different = Counter(texts)
    shown = [
        text if len(different) == 1 else f"{text} × {n}" for text, n in different.most_common(4)
    ]
    if len(different) > len(shown):
        shown.append(f"and {len(different) - len(shown)} others")
    origin = "; ".join(dict.fromkeys(sources))
    lines: list[Component] = [html.Div(text) for text in [*shown, note] if text]
    return html.Div([*lines, html.Div(origin, className="import-source")])


def _asked(file: Values, own: Values, name: str, shared: Any, asked: bool) -> Component:
    """An entry for what the file does not say."""
    entry = _entry(file, own, name, placeholder=str(shared) if shared else "")
    parts: list[Any] = [entry]
    if asked:
        parts.append(badge("must be typed", "warning", icon_name="pencil"))
    elif shared and not own.get(name):
        parts.append(html.Div("typed for all", className="import-source"))
    return html.Div(parts, className="import-asked")


def _entry(file: Values, own: Values, name: str, placeholder: str = "") -> Component:
    component_id = _own_id(file, name)
    label = f"{TITLES[name]} of {file['file_name']}"
    control: Component
    if name == "unit":
        options = [{"label": placeholder or "unit", "value": NOT_CHOSEN}]
        options += [{"label": unit.value, "value": unit.value} for unit in Unit]
        control = dbc.Select(
            options, own.get(name) or NOT_CHOSEN, id=component_id, size="sm", **KEPT
        )
    else:
        number = {"type": "number", "min": 0, "step": "any"} if name != "label" else {}
        unit = {"sample_rate_hz": "Hz", "speed_rpm": "rpm"}.get(name, "none")
        control = dbc.Input(
            id=component_id,
            value=own.get(name),
            placeholder=placeholder or unit,
            debounce=True,
            size="sm",
            **number,
            **KEPT,
        )
    return html.Div([_hidden_label(label, component_id), control])


def _own_id(file: Values, name: str) -> dict[str, str]:
    return {"type": Ids.own, "file": file["key"], "name": name}


def _hidden_label(text: str, component_id: dict[str, str]) -> Component:
    # A label finds its control by the text that Dash makes of such an id in the page.
    target = json.dumps(component_id, sort_keys=True, separators=(",", ":"))
    return dbc.Label(text, html_for=target, class_name="visually-hidden")


def _details(file: Values, own: Values) -> Component:
    variables = [
        [v["name"], " × ".join(str(n) for n in v["shape"]), v["dtype"], v["note"]]
        for v in file["variables"][:MOST_VARIABLES]
    ]
    declared = [name for name in TITLES if not _is_asked(file, name)]
    change = html.Div(
        [
            html.Div([html.Span(f"{TITLES[name]} instead"), _entry(file, own, name)])
            for name in declared
        ],
        className="import-instead",
    )
    known = [
        [r["title"], count(r["sample_count"]), _facts(r)]
        for r in file["recordings"][:MOST_RECORDINGS]
    ]
    more = file["recording_count"] - len(known)
    profile = f"Read as {file['importer']}, profile {file['profile']}."
    return html.Details(
        [
            html.Summary("Details"),
            html.P(" ".join([profile, *file["notes"]]), className="import-source"),
            change,
            table(
                ("Variable", "Shape", "Type", ""),
                variables,
                label=f"Variables of {file['file_name']}",
            ),
            table(
                ("Recording", "Samples", "Known"),
                known,
                label=f"Recordings of {file['file_name']}",
                numbers={1},
            ),
            html.P(f"and {more} more") if more > 0 else None,
        ],
        className="import-details",
    )


def _is_asked(file: Values, name: str) -> bool:
    """Whether the row has an entry for it outside the details."""
    if name in ("sample_rate_hz", "unit"):
        return name in file["missing"]
    return not any(name in recording["facts"] for recording in file["recordings"])


def _facts(recording: Values) -> str:
    known = {**recording["facts"], **recording["attributes"]}
    return "; ".join(
        f"{name.replace('_', ' ')}: {_plain(one['value'])} ({one['source']})"
        for name, one in known.items()
    )


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _warnings(recordings: Sequence[Values], common: Collection[str]) -> Component:
    messages = Counter(
        w["message"] for r in recordings for w in r["warnings"] if w["code"] not in common
    )
    texts = [
        text if n == 1 or len(recordings) == 1 else f"{text} ({n} recordings)"
        for text, n in messages.most_common()
    ]
    return told(texts)


def told(texts: Sequence[str], total: int = 0) -> Component:
    """Warnings; ``total`` is how many there are, where not all of them were kept."""
    items = [
        html.Li([icon("exclamation-triangle", title="Warning"), html.Span(text)])
        for text in texts[:MOST_WARNINGS]
    ]
    more = max(total, len(texts)) - len(items)
    if more > 0:
        items.append(html.Li(f"and {count(more)} more"))
    return (
        html.Ul(items, className="import-warnings")
        if items
        else html.Span("none", className="import-source")
    )
