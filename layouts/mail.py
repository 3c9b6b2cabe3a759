"""Mail for admins: whether it works, what waits, what left, and the digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import (
    alert,
    badge,
    definition_list,
    empty_state,
    field,
    page_head,
    section,
)
from layouts.components.links import number_of, page_link
from layouts.components.moments import duration, moment
from layouts.components.tables import pagination, table
from layouts.page import ADMINS, Group, Page

PAGE_SIZE = 25
# An empty value would be shown as an empty field.
ALL = "all"
STATES = {
    "waiting": ("waits", "warning", "hourglass"),
    "sent": ("sent", "success", "check-circle"),
    "failed": ("failed", "danger", "x-octagon"),
}
TIMES = {ALL: "at any time", "day": "in a day", "week": "in a week", "month": "in 30 days"}
Choices = Sequence[tuple[Any, str]]


class Ids:
    test = "mail-test"
    test_number = "mail-test-number"
    test_clock = "mail-test-clock"
    test_result = "mail-test-result"
    state = "mail-state"
    chosen = "mail-chosen"
    detail = "mail-detail"
    status = "mail-status"
    type = "mail-type"
    person = "mail-person"
    table = "mail-table"
    pages = "mail-pages"
    pager = "mail-pager"
    again = "mail-again"
    refresh = "mail-refresh"
    digest_state = "mail-digest-state"
    digest_type = "mail-digest-type"
    digest_person = "mail-digest-person"
    digest_time = "mail-digest-time"
    digest_table = "mail-digest-table"
    digest_pages = "mail-digest-pages"
    digest_pager = "mail-digest-pager"
    digest_write = "mail-digest-write"
    digest_told = "mail-digest-told"
    digest_history = "mail-digest-history"


def build(id: str | None = None, **_view: Any) -> Component:
    test = dbc.Button("Send a test to me", id=Ids.test, color="primary")
    refresh = dbc.Button("Look again", id=Ids.refresh, color="secondary", outline=True)
    return html.Div(
        [
            page_head(
                "Mail", lead="What this installation sends to people.", actions=[refresh, test]
            ),
            dcc.Store(id=Ids.test_number),
            dcc.Store(id=Ids.chosen, data=number_of(id)),
            # Only while a test is on its way.
            dcc.Interval(id=Ids.test_clock, interval=1000, disabled=True),
            html.Div(id=Ids.test_result, role="status"),
            section("State", html.Div(id=Ids.state)),
            html.Div(id=Ids.detail),
            section(
                "Mails",
                [_filters(), html.Div(id=Ids.table), _pager(Ids.pages, Ids.pager)],
            ),
            _digests(),
        ]
    )


def state(of: Mapping[str, Any]) -> list[Component]:
    parts: list[Component] = []
    if not of["provider"]:
        parts.append(
            alert(
                "No mail is sent: MAIL_PROVIDER is not set. Set it to smtp or sendgrid, with what "
                "that needs, and start the installation again.",
                "warning",
            )
        )
    if of["late"]:
        parts.append(
            alert(
                f"{of['late']} mails have waited for more than five minutes. Either more than 100 "
                "a minute are to be sent, or the process “beat” does not run.",
                "warning",
            )
        )
    items = [
        ("Sent by", of["provider"] or "nothing"),
        ("Sender", of["sender"] or "–"),
        ("Waiting", str(of["waiting"])),
        ("Failed", str(of["failed"])),
        ("Sent in 24 hours", str(of["sent_today"])),
    ]
    return [*parts, definition_list(items)]


def mail_table(mails: Sequence[Mapping[str, Any]]) -> Component:
    if not mails:
        return empty_state(
            "No mail here",
            "People choose under Settings, Notifications, what they get mail about. A test shows "
            "whether mail works.",
            icon_name="envelope",
        )
    head = ("Subject", "To", "State", "Tries", "Made", "Sent or next try", "")
    return table(head, [_row(mail) for mail in mails], label="Mails", numbers=(3,))


def detail(mail: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]]) -> Component:
    """One mail and every try to send it."""
    items = [
        ("To", f"{mail['user_name']}, {mail['to_email']}"),
        ("About", mail["title"]),
        ("State", _state(mail)),
        ("Made", moment(mail["created_at"])),
    ]
    rows = [
        [
            moment(one["at"]),
            "taken" if one["ok"] else "refused",
            one["provider"],
            duration(one["seconds"]),
            one["answer"],
        ]
        for one in attempts
    ]
    head = ("When", "Outcome", "By", "Took", "Answer")
    log = table(head, rows, label="Tries") if rows else html.P("Not tried yet.")
    return section(
        mail["subject"], [definition_list(items), html.H3("Tries", className="mt-3"), log]
    )


def test_result(mail: Mapping[str, Any]) -> Component:
    """How far a test is."""
    if mail["status"] == "sent":
        return alert(f"The test was sent to {mail['to_email']}. Look into that mailbox.", "success")
    if mail["status"] == "failed":
        return alert(f"The test was not sent. {mail['error']}", "danger")
    return alert("The test waits for the sender. The process “beat” has to run for that.", "info")


def digest_state(stats: Mapping[str, Any]) -> Component:
    return definition_list(
        [
            ("Wait for a digest", str(stats["pending_count"])),
            ("Told by a digest", str(stats["included_count"])),
            ("New in 24 hours", str(stats["today_count"])),
        ]
    )


def digest_table(entries: Sequence[Mapping[str, Any]]) -> Component:
    if not entries:
        return html.P("Nothing waits for a digest.", className="page-lead")
    rows = [
        [
            page_link(one["text"], one["link"]) if one["link"] else one["text"],
            one["title"],
            one["user_name"],
            one["period"],
            moment(one["created_at"]),
        ]
        for one in entries
    ]
    return table(("What", "Event", "For", "Digest", "When"), rows, label="What waits for digests")


def digest_history(digests: Sequence[Any]) -> Component:
    if not digests:
        return html.P("No digest has been written yet.", className="page-lead")
    rows = [
        [
            one.local_date,
            one.user_name,
            one.period,
            str(one.entry_count),
            _badge(one.status),
            moment(one.sent_at, missing="not yet"),
        ]
        for one in digests
    ]
    head = ("Day", "For", "Digest", "Notices", "State", "Sent")
    return table(head, rows, label="Digests", numbers=(3,))


def options(choices: Choices) -> list[dict[str, Any]]:
    """Of a filter, with the choice of all."""
    every = {"label": "all", "value": ALL}
    return [every, *({"label": text, "value": str(value)} for value, text in choices)]


def _filters() -> Component:
    states = [(name, text) for name, (text, *_) in STATES.items()]
    return html.Div(
        [
            field("State", dbc.Select(options(states), ALL, id=Ids.status)),
            field("About", dbc.Select(options([]), ALL, id=Ids.type)),
            field("To", dbc.Select(options([]), ALL, id=Ids.person)),
        ],
        className="field-row mb-3",
    )


def _digests() -> Component:
    times = [{"label": text, "value": name} for name, text in TIMES.items()]
    filters = html.Div(
        [
            field("Event", dbc.Select(options([]), ALL, id=Ids.digest_type)),
            field("For", dbc.Select(options([]), ALL, id=Ids.digest_person)),
            field("Happened", dbc.Select(times, ALL, id=Ids.digest_time)),
        ],
        className="field-row mb-3",
    )
    write = dbc.Button(
        "Write what is due", id=Ids.digest_write, color="secondary", outline=True, size="sm"
    )
    return section(
        "Digests",
        [
            html.Div(id=Ids.digest_told, role="status"),
            html.Div(id=Ids.digest_state),
            html.H3("What waits"),
            filters,
            html.Div(id=Ids.digest_table),
            _pager(Ids.digest_pages, Ids.digest_pager),
            html.H3("Written", className="mt-3"),
            html.Div(id=Ids.digest_history),
        ],
        actions=[write],
    )


def _pager(pages: str, around: str) -> Component:
    return html.Div(pagination(pages), id=around, hidden=True)


def _row(mail: Mapping[str, Any]) -> list[Any]:
    waits, sent_at = mail["status"] == "waiting", mail["sent_at"]
    again: Any = ""
    if mail["status"] == "failed":
        known_as = {"type": Ids.again, "id": mail["id"]}
        again = dbc.Button("Send again", id=known_as, size="sm", color="secondary", outline=True)
    return [
        page_link(mail["subject"], "/mail", {"id": mail["id"]}),
        html.Span(mail["user_name"], title=mail["to_email"]),
        _state(mail),
        str(mail["attempts"]),
        moment(mail["created_at"]),
        moment(mail["next_attempt_at"] if waits else sent_at, missing="–"),
        again,
    ]


def _state(mail: Mapping[str, Any]) -> Component:
    told = mail["error"] if mail["status"] != "sent" else None
    error = html.Div(told, className="job-error") if told else ""
    return html.Div([_badge(mail["status"]), error])


def _badge(status: str) -> Component:
    text, level, icon_name = STATES[status]
    return badge(text, level, icon_name=icon_name)


PAGE = Page("mail", "Mail", "/mail", build, Group.ADMIN, "envelope", roles=ADMINS)
