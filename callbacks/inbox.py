"""What happens in the inbox."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.inbox import ALL as EVERY
from layouts.inbox import PAGE_SIZE, Ids, notice_list, type_choices
from services.notice_service import NoticeService
from services.notifications.event_types import title_of


def show_types(asked: str | None) -> tuple[list[dict[str, str]], str]:
    """The types that are in the inbox; the one that the address names is chosen."""
    types = NoticeService.list_types()
    choices = type_choices([(name, title_of(name)) for name in types])
    return choices, asked if asked in types else EVERY


def show_notices(
    _pulse: dict[str, Any], unread: bool, type: str | None, page: int | None, _told: str
) -> tuple[Component, int, bool]:
    chosen = None if type == EVERY else type or None
    notices = NoticeService.list_notices(
        PAGE_SIZE, ((page or 1) - 1) * PAGE_SIZE, unread=unread, event_type=chosen
    )
    total = NoticeService.count_notices(unread=unread, event_type=chosen)
    pages = max(1, -(-total // PAGE_SIZE))
    shown = [{**notice, "title": title_of(notice["type"])} for notice in notices]
    return notice_list(shown, is_filtered=bool(unread or chosen)), pages, pages == 1


def begin_anew(_unread: bool, _type: str | None) -> int:
    """Another choice begins at its first page."""
    return 1


def mark(_clicks: list[int | None]) -> str | Any:
    chosen = ctx.triggered_id
    if chosen is None or not any(_clicks):
        return no_update
    NoticeService.mark_read(int(chosen["id"]), is_read=chosen["to"] == "read")
    return _count()


def mark_all(clicks: int | None) -> str | Any:
    if not clicks:
        return no_update
    marked = NoticeService.mark_all_read()
    tell(f"{marked} marked as read." if marked else "All were read already.", "info")
    return _count()


def count_unread(_pulse: dict[str, Any]) -> str:
    return _count()


def register(app: Dash) -> None:
    app.callback(Output(Ids.type, "options"), Output(Ids.type, "value"), Input(Ids.asked, "data"))(
        show_types
    )
    app.callback(
        Output(Ids.list, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.unread, "value"),
        Input(Ids.type, "value"),
        Input(Ids.pages, "active_page"),
        Input(Ids.told, "children"),
    )(show_notices)
    app.callback(
        Output(Ids.pages, "active_page"),
        Input(Ids.unread, "value"),
        Input(Ids.type, "value"),
        prevent_initial_call=True,
    )(begin_anew)
    app.callback(Output(Ids.told, "children"), Input(shell.Ids.pulse, "data"))(count_unread)
    app.callback(
        Output(Ids.told, "children", allow_duplicate=True),
        Input({"type": Ids.mark, "id": ALL, "to": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(mark)
    app.callback(
        Output(Ids.told, "children", allow_duplicate=True),
        Input(Ids.mark_all, "n_clicks"),
        prevent_initial_call=True,
    )(mark_all)


def _count() -> str:
    unread = NoticeService.count_unread()
    return f"{unread} unread." if unread else "Nothing is unread."
