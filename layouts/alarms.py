"""Alarms: what is wrong now, what was, and what people made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.alarm_state import (
    ALARM_STATES,
    SEVERITIES,
    alarm_badge,
    object_link,
    severity_badge,
)
from layouts.components.frame import definition_list, empty_state, field, page_head, section
from layouts.components.links import number_of, page_link
from layouts.components.moments import duration, moment
from layouts.components.tables import pagination, scrolling
from layouts.page import Group, Page

PAGE_SIZE = 25
# No source in particular: a choice without a value would be drawn empty.
ANY = "any"
OPEN = ["raised", "acknowledged", "shelved"]
ORDERS = {
    "-last_seen_at": "seen last",
    "-severity": "gravest first",
    "-first_seen_at": "newest first",
    "-count": "seen most often",
    "object": "by object",
}
SHELVES = {1: "1 hour", 8: "8 hours", 24: "1 day", 168: "7 days", 720: "30 days"}
TITLES = ("Severity", "What", "Object", "State", "Times", "First seen", "Last seen")


class Ids:
    """``stamp`` counts what was changed here, after which table and detail are drawn anew."""

    chosen = "alarms-chosen"
    stamp = "alarms-stamp"
    states = "alarms-states"
    severities = "alarms-severities"
    kind = "alarms-kind"
    text = "alarms-text"
    order = "alarms-order"
    found = "alarms-found"
    pages = "alarms-pages"
    pager = "alarms-pager"
    table = "alarms-table"
    detail = "alarms-detail"
    note = "alarms-note"
    hours = "alarms-hours"
    fault = "alarms-fault"
    acknowledge = "alarms-acknowledge"
    shelve = "alarms-shelve"
    clear = "alarms-clear"
    confirm = "alarms-confirm"


def build(
    id: str | None = None, states: str | None = None, kind: str = "", **_view: Any
) -> Component:
    """The address may name an alarm, states with commas between them (or ``any``), a kind."""
    given = [] if states == "any" else [s for s in (states or "").split(",") if s in ALARM_STATES]
    chosen_states = given if states else OPEN
    return html.Div(
        [
            page_head(
                "Alarms",
                lead="What is wrong with machines, streams and this installation. It stays one "
                "alarm for as long as it lasts, and counts.",
            ),
            dcc.Store(id=Ids.chosen, data=number_of(id)),
            dcc.Store(id=Ids.stamp, data=0),
            html.Div(id=Ids.detail),
            section(
                "All alarms",
                [
                    _filters(chosen_states, kind),
                    html.Div(id=Ids.table),
                    html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
                ],
            ),
        ]
    )


def table(alarms: Sequence[Mapping[str, Any]], *, is_narrowed: bool) -> Component:
    if not alarms and is_narrowed:
        return empty_state(
            "No alarm fits",
            "Choose other states, severities or words to see more.",
            icon_name="funnel",
        )
    if not alarms:
        return empty_state(
            "Nothing is wrong",
            "What is wrong with this installation, with a machine or with a stream is told here "
            "as long as it lasts. Choose the state “cleared” to see what was.",
            icon_name="check-circle",
        )
    head = html.Tr([html.Th(title, scope="col") for title in TITLES])
    parts = [html.Thead(head), html.Tbody([_row(alarm) for alarm in alarms])]
    return scrolling(html.Table(parts, className="plain-table alarms-table"), "Alarms")


def detail(alarm: Mapping[str, Any], *, can_change: bool) -> Component:
    """One alarm with what can be done about it."""
    items: list[tuple[str, Any]] = [
        ("Severity", severity_badge(alarm["severity"])),
        ("State", _state(alarm)),
        ("Object", object_link(alarm["object"], alarm["details"].get("name"))),
        ("Source", alarm["kind"]),
        ("First seen", moment(alarm["first_seen_at"])),
        ("Last seen", moment(alarm["last_seen_at"])),
        ("Lasted", duration(_lasted_s(alarm))),
        ("Seen", "once" if alarm["count"] == 1 else f"{alarm['count']} times"),
    ]
    detection = alarm["details"].get("detection_id")
    if detection:
        items.append(("Found by", page_link("the detection", f"/anomalies/{detection}")))
    if alarm["changed_at"] is not None:
        items.append(("Changed by", alarm["changed_by_name"] or "the system"))
        items.append(("Changed", moment(alarm["changed_at"])))
    if alarm["note"]:
        items.append(("Note", alarm["note"]))
    if alarm["confirmed_fault"]:
        items.append(("Found", alarm["confirmed_fault"]))
    parts: list[Any] = [html.P(alarm["message"], className="alarm-message"), definition_list(items)]
    if can_change:
        parts.append(_changes(alarm))
    return section(f"Alarm {alarm['id']}", parts, actions=[page_link("Close", "/alarms")])


def found_text(total: int) -> str:
    return f"{total} {'alarm' if total == 1 else 'alarms'}"


def kind_options(kinds: Sequence[str]) -> list[dict[str, str]]:
    return [{"label": "all", "value": ANY}, *({"label": kind, "value": kind} for kind in kinds)]


def _filters(states: Sequence[str], kind: str) -> Component:
    given = [kind] if kind else []
    return html.Div(
        [
            _choice("State", Ids.states, list(ALARM_STATES), states),
            _choice("Severity", Ids.severities, list(SEVERITIES), ()),
            field("Source", dbc.Select(kind_options(given), kind or ANY, id=Ids.kind)),
            field("Part of the text", dbc.Input(id=Ids.text, type="search", debounce=400)),
            field(
                "Order",
                dbc.Select(
                    [{"label": text, "value": order} for order, text in ORDERS.items()],
                    "-last_seen_at",
                    id=Ids.order,
                ),
            ),
            html.Span(id=Ids.found, className="job-told", role="status"),
        ],
        className="field-row mb-3",
    )


def _choice(title: str, component_id: str, options: list[str], chosen: Sequence[str]) -> Component:
    """None chosen asks for all. No list that folds away: there are few, and all matter."""
    boxes = dbc.Checklist(options, list(chosen), id=component_id, inline=True)
    return html.Fieldset([html.Legend(title), boxes], className="alarms-choice")


def _row(alarm: Mapping[str, Any]) -> Component:
    cells: list[Any] = [
        severity_badge(alarm["severity"]),
        page_link(alarm["message"], "/alarms", {"id": alarm["id"]}),
        object_link(alarm["object"], alarm["details"].get("name")),
        _state(alarm),
        str(alarm["count"]),
        moment(alarm["first_seen_at"]),
        moment(alarm["last_seen_at"]),
    ]
    return html.Tr([html.Td(cell) for cell in cells])


def _state(alarm: Mapping[str, Any]) -> Component:
    shown = alarm_badge(alarm["state"])
    if alarm["shelved_until"] is None:
        return shown
    return html.Span([shown, " until ", moment(alarm["shelved_until"])])


def _lasted_s(alarm: Mapping[str, Any]) -> float:
    end = alarm["cleared_at"] or alarm["last_seen_at"]
    return float((end - alarm["first_seen_at"]).total_seconds())


def _changes(alarm: Mapping[str, Any]) -> Component:
    """The fields are there in every state, so that the buttons always find them."""
    is_over = alarm["state"] == "cleared"
    cannot = {"disabled": is_over}
    note = dbc.Textarea(id=Ids.note, maxlength=2_000, rows=2)
    hours = [{"label": text, "value": str(number)} for number, text in SHELVES.items()]
    buttons = [
        dbc.Button(
            "Acknowledge",
            id=Ids.acknowledge,
            color="primary",
            disabled=is_over or alarm["state"] == "acknowledged",
        ),
        field("Shelve for", dbc.Select(hours, "8", id=Ids.hours, **cannot)),
        dbc.Button("Shelve", id=Ids.shelve, color="secondary", outline=True, **cannot),
        dbc.Button("Clear", id=Ids.clear, color="secondary", outline=True, **cannot),
    ]
    found = [
        field(
            "What was found",
            dbc.Input(id=Ids.fault, value=alarm["confirmed_fault"] or "", maxlength=200),
            hint="Such as “outer race”; “none” when it was a false alarm.",
        ),
        dbc.Button("Keep", id=Ids.confirm, color="secondary", outline=True),
    ]
    return html.Div(
        [
            field("Note", note, hint="Kept with what you do next."),
            html.Div(buttons, className="field-row alarms-actions"),
            html.Div(found, className="field-row alarms-actions"),
        ],
        className="alarms-changes",
    )


PAGE = Page("alarms", "Alarms", "/alarms", build, Group.OPERATE, "bell")
