"""The inbox: everything that one was told, and what is unread of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, field, icon, link_button, page_head, section
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.tables import pagination
from layouts.page import Page

PAGE_SIZE = 25
# An empty value would be shown as an empty field.
ALL = "all"
ICONS = {
    "success": "check-circle",
    "info": "info-circle",
    "warning": "exclamation-triangle",
    "error": "x-octagon",
}


class Ids:
    unread = "inbox-unread"
    type = "inbox-type"
    mark_all = "inbox-mark-all"
    list = "inbox-list"
    told = "inbox-told"
    pages = "inbox-pages"
    pager = "inbox-pager"
    mark = "inbox-mark"
    asked = "inbox-asked"


def build(type: str | None = None, unread: str | None = None, **_view: Any) -> Component:
    return html.Div(
        [
            page_head(
                "Inbox",
                lead="What you were told of. What that is, you choose under Settings, "
                "Notifications.",
                actions=[
                    link_button(
                        "Settings", "/settings/notifications", icon_name="gear", color="secondary"
                    ),
                    dbc.Button("Mark all as read", id=Ids.mark_all, color="primary"),
                ],
            ),
            dcc.Store(id=Ids.asked, data=type),
            section(
                "Notices",
                [
                    _filters(is_unread=unread == "1"),
                    html.Div(id=Ids.told, role="status", className="page-lead"),
                    html.Div(id=Ids.list),
                    html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
                ],
            ),
        ]
    )


def notice_list(notices: Sequence[Mapping[str, Any]], *, is_filtered: bool) -> Component:
    if not notices:
        return _nothing(is_filtered=is_filtered)
    return html.Ul([_row(notice) for notice in notices], className="inbox-list")


def type_choices(types: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": "all", "value": ALL}, *({"label": t, "value": n} for n, t in types)]


def _nothing(*, is_filtered: bool) -> Component:
    if is_filtered:
        return empty_state("No such notice", "Choose another type, or show the read ones, too.")
    return empty_state(
        "Nothing yet",
        "The end of your trainings and other jobs is told here, and changes of your account.",
        link_button("Train a network", "/experiments/new"),
    )


def _filters(*, is_unread: bool) -> Component:
    return html.Div(
        [
            field("About", dbc.Select([{"label": "all", "value": ALL}], ALL, id=Ids.type)),
            dbc.Checkbox(id=Ids.unread, label="Only unread", value=is_unread),
        ],
        className="field-row mb-3",
    )


def _row(notice: Mapping[str, Any]) -> Component:
    text: Any = notice["text"]
    said = page_link(text, notice["link"]) if notice["link"] else html.Span(text)
    is_read = notice["is_read"]
    button = dbc.Button(
        "Mark as unread" if is_read else "Mark as read",
        id={"type": Ids.mark, "id": notice["id"], "to": "unread" if is_read else "read"},
        size="sm",
        color="secondary",
        outline=True,
    )
    state = "" if is_read else html.Span("unread", className="inbox-state")
    about = html.Div(
        [state, html.Span(notice["title"]), moment(notice["created_at"])], className="inbox-about"
    )
    return html.Li(
        [
            icon(ICONS.get(notice["level"], ICONS["info"]), title=notice["level"]),
            html.Div([said, about], className="inbox-text"),
            button,
        ],
        className=f"inbox-row level-{notice['level']}" + ("" if is_read else " is-unread"),
    )


PAGE = Page("inbox", "Inbox", "/inbox", build, icon="bell", in_navigation=False)
