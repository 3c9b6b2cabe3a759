"""What surrounds every page: header, navigation, running jobs, notices, toasts."""

from __future__ import annotations

from collections.abc import Sequence

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import shell_search
from layouts.components.attributes import attributes
from layouts.components.frame import icon
from layouts.components.links import page_link, path_to
from layouts.page import Group, Page


class Ids:
    """``location`` is Dash's own; pages may take its pathname and search as inputs.

    ``pulse`` holds ``{"jobs": [...], "unread": n}``: the jobs that wait, run, rest, or have just
    ended. It changes only when they do. ``toast`` takes ``{"level", "text", "link"}`` from
    any callback; ``assets/toasts.js`` shows it.
    """

    location = "_pages_location"
    pulse = "shell-pulse"
    toast = "shell-toast"
    breadcrumb = "shell-breadcrumb"
    navigation = "shell-navigation"
    tray = "shell-tray"
    tray_button = "shell-tray-button"
    tray_count = "shell-tray-count"
    bell = "shell-bell"
    bell_count = "shell-bell-count"
    notices = "shell-notices"
    theme = "shell-theme"
    menu = "shell-menu"


def build(user_name: str, role: str, csrf_token: str, time_zone: str = "UTC") -> Component:
    """The whole document; Dash puts the page into its middle.

    ``time_zone`` is the person's: the browser shows times by it.
    """
    return html.Div(
        [
            html.A("Skip to the page", href="#shell-main", className="skip-link"),
            dcc.Store(id=Ids.pulse, data={"jobs": [], "unread": 0}),
            dcc.Store(id=Ids.toast),
            _header(user_name, role, csrf_token),
            html.Div(id="shell-troubles", className="shell-troubles", role="status"),
            html.Div(
                [
                    html.Nav(
                        id=Ids.navigation,
                        className="shell-navigation",
                        **attributes(aria_label="Main navigation"),
                    ),
                    html.Main(dash.page_container, id="shell-main", tabIndex="-1"),
                ],
                className="shell-frame",
            ),
            html.Div(id="shell-toasts", className="toast-stack", role="status"),
        ],
        className="shell",
        **attributes(data_time_zone=time_zone),
    )


def navigation(pages: Sequence[Page], role: str, pathname: str) -> list[Component]:
    """Only pages that exist and that the role may open; the present one is marked."""
    parts: list[Component] = []
    home = [p for p in pages if p.path == "/"]
    parts += [html.Ul([_entry(page, pathname) for page in home])]
    for group in Group:
        members = [
            page
            for page in pages
            if page.group is group and page.in_navigation and page.is_for(role)
        ]
        if members:
            entries = html.Ul([_entry(page, pathname) for page in members])
            parts += [html.H2(group.value), entries]
    return parts


def breadcrumb(page: Page | None) -> list[Component]:
    """Where this page is: group, parent, title."""
    if page is None:
        return [html.Li("Page not found", **attributes(aria_current="page"))]
    above: list[Component] = []
    if page.group is not None:
        above.append(html.Li(page.group.value))
    if page.parent is not None:
        above.append(html.Li(page_link(*page.parent)))
    return [*above, html.Li(page.title, **attributes(aria_current="page"))]


def notice_list(notices: Sequence[tuple[str, str, str | None, Component]]) -> list[Component]:
    """The inbox under the bell: ``(level, text, link, time)``."""
    if not notices:
        return [
            html.P("No notices yet. The end of your jobs is told here.", className="tray-empty")
        ]
    return [
        html.Div(
            [page_link(text, link) if link else html.Span(text), at],
            className=f"tray-row level-{level}",
        )
        for level, text, link, at in notices
    ]


def _header(user_name: str, role: str, csrf_token: str) -> Component:
    picture = html.Img(src=dash.get_asset_url("favicon.svg"), alt="", width=24, height=24)
    word = html.Span("Rotorscope", className="shell-word")
    brand = page_link([picture, word], "/", class_name="shell-brand")
    menu = html.Button(
        icon("list"),
        id=Ids.menu,
        className="icon-button",
        type="button",
        **attributes(aria_label="Show or hide the navigation", aria_controls=Ids.navigation),
    )
    crumbs = html.Nav(
        html.Ol(id=Ids.breadcrumb, className="shell-breadcrumb"),
        **attributes(aria_label="Breadcrumb"),
    )
    return html.Header(
        [
            menu,
            brand,
            crumbs,
            html.Div(className="shell-space"),
            *_tools(user_name, role, csrf_token),
        ],
        className="shell-header",
    )


def _tools(user_name: str, role: str, csrf_token: str) -> list[Component]:
    search = _dropdown(
        [
            icon("search"),
            html.Span("Search", className="search-word"),
            html.Kbd("/", className="search-key", **attributes(aria_hidden="true")),
        ],
        "Search",
        shell_search.Ids.button,
        shell_search.panel(),
    )
    jobs = _dropdown(
        [icon("activity"), html.Span(id=Ids.tray_count, className="count-badge")],
        "Running jobs",
        Ids.tray_button,
        html.Div(id=Ids.tray, className="tray"),
    )
    bell = _dropdown(
        [icon("bell"), html.Span(id=Ids.bell_count, className="count-badge")],
        "Notices",
        Ids.bell,
        html.Div(
            [
                html.Div(id=Ids.notices, className="tray"),
                html.P(page_link("All notices", "/inbox"), className="tray-foot"),
            ]
        ),
    )
    theme = html.Button(
        icon("circle-half"),
        id=Ids.theme,
        className="icon-button",
        type="button",
        **attributes(aria_label="Theme: system, light or dark"),
    )
    account = _dropdown(
        [icon("person-circle"), html.Span(user_name, className="shell-user")],
        f"Account of {user_name}",
        "shell-account",
        _account_menu(role, csrf_token),
    )
    return [search, jobs, bell, theme, account]


def _dropdown(face: list[Component], label: str, button_id: str, panel: Component) -> Component:
    button = html.Button(
        face,
        id=button_id,
        className="icon-button",
        type="button",
        **attributes(aria_label=label, aria_expanded="false", data_panel=""),
    )
    return html.Div(
        [button, html.Div([html.H2(label), panel], className="shell-panel", hidden=True)],
        className="shell-dropdown",
    )


def _account_menu(role: str, csrf_token: str) -> Component:
    sign_out = html.Form(
        [
            dcc.Input(type="hidden", name="csrf_token", value=csrf_token),
            dbc.Button("Sign out", type="submit", color="secondary", outline=True, size="sm"),
        ],
        action=path_to("/sign-out"),
        method="post",
    )
    return html.Div(
        [
            html.P(["Role: ", html.Strong(role)]),
            html.P(page_link("Settings", "/settings/profile")),
            sign_out,
        ],
        className="tray tray-account",
    )


def _entry(page: Page, pathname: str) -> Component:
    here = page.path == pathname or (page.path != "/" and pathname.startswith(page.path + "/"))
    current = attributes(aria_current="page", className="is-current") if here else {}
    return html.Li(page_link([icon(page.icon), html.Span(page.title)], page.path), **current)
