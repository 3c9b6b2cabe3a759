"""What happens around every page: navigation, notices, guarded pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from dash import ClientsideFunction, Dash, Input, Output, html, strip_relative_path
from dash.development.base_component import Component
from flask_wtf.csrf import generate_csrf

from callbacks.errors import request_number
from layouts import page_failed, shell
from layouts.components.frame import alert, page_head
from layouts.components.links import path_to
from layouts.components.moments import moment
from layouts.page import Page
from layouts.registry import PAGES
from layouts.shell import Ids
from services import actor
from services.errors import ServiceError
from services.notice_service import NoticeService
from services.profile_service import ProfileService
from services.shortages import shortage

log = logging.getLogger(__name__)


def build_shell() -> Component:
    """The document for who is signed in; Dash asks once more for itself at the start."""
    acting = actor.present()
    if acting is None:
        return html.Div()
    profile = ProfileService.get_profile()
    shown = profile["shown_name"] or profile["name"]
    return shell.build(shown, acting.role.value, generate_csrf(), profile["time_zone"])


def guarded(page: Page) -> Callable[..., Component]:
    """The page's build, for roles that may open it; where it breaks, a page that says so.

    What an address names twice Dash gives as a list: the first counts, as in the browser.
    """

    def build(**view: Any) -> Component:
        acting = actor.reader()
        if page.is_for(acting.role.value):
            once = {name: one[0] if isinstance(one, list) else one for name, one in view.items()}
            return _built(page, once)
        return _refused(page, acting.role.value)

    return build


def address_of(page: Page, view: Mapping[str, Any]) -> str:
    """Where a page was opened: what its path takes of the view, and the rest as the query."""
    path, query = page.path, dict(view)
    for name in [name for name in query if f"<{name}>" in path]:
        path = path.replace(f"<{name}>", quote(str(query.pop(name)), safe=""))
    return path_to(path, query)


def show_navigation(pathname: str | None) -> tuple[list[Component], list[Component]]:
    path = "/" + (strip_relative_path(pathname or "/") or "").strip("/")
    page = page_of(path)
    links = shell.navigation(PAGES, actor.reader().role.value, path)
    return links, shell.breadcrumb(page)


def show_notices(clicks: int | None) -> list[Component]:
    """The inbox; whoever opens it has seen what is in it."""
    if not clicks:
        return []
    rows = [
        (notice["level"], notice["text"], notice["link"], moment(notice["created_at"]))
        for notice in NoticeService.list_notices()
    ]
    NoticeService.mark_all_read()
    return shell.notice_list(rows)


def page_of(path: str) -> Page | None:
    """The page at a path, templates included."""
    for page in PAGES:
        if page.path == path or (page.is_template and _fits(page.path, path)):
            return page
    return None


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.navigation, "children"),
        Output(Ids.breadcrumb, "children"),
        Input(Ids.location, "pathname"),
    )(show_navigation)
    app.callback(
        Output(Ids.notices, "children"), Input(Ids.bell, "n_clicks"), prevent_initial_call=True
    )(show_notices)
    app.clientside_callback(
        ClientsideFunction("rotorscope", "show_pulse"),
        Output(Ids.tray_count, "title"),
        Input(Ids.pulse, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("rotorscope", "show_toast"),
        Output(Ids.toast, "clear_data"),
        Input(Ids.toast, "data"),
        prevent_initial_call=True,
    )


def _fits(template: str, path: str) -> bool:
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(given) and all(
        part == other or part.startswith("<") for part, other in zip(wanted, given, strict=True)
    )


def _built(page: Page, view: dict[str, Any]) -> Component:
    try:
        return page.build(**view)
    except ServiceError as error:
        return page_failed.build(page.title, error.message, address_of(page, view))
    except Exception as error:
        known = shortage(error)
        if known is not None:
            log.warning("The page %s could not be built: %s", page.slug, error)
            return page_failed.build(page.title, known.message, address_of(page, view))
        number = request_number()
        log.exception("Unforeseen error %s in the layout of the page %s", number, page.slug)
        return page_failed.build(page.title, page_failed.BROKEN, address_of(page, view), number)


def _refused(page: Page, role: str) -> Component:
    text = (
        f"The role {role} may not open this page. "
        f"It is for: {', '.join(sorted(page.roles))}. An admin can change your role."
    )
    return html.Div([page_head(page.title), alert(text, "warning")])
