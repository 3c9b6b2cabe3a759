"""How the severity and the state of an alarm, and the object it is about, look everywhere."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.components.frame import badge
from layouts.components.links import page_link

SEVERITIES = {
    "critical": ("critical", "danger", "x-octagon"),
    "warning": ("warning", "warning", "exclamation-triangle"),
    "notice": ("notice", "info", "info-circle"),
}
ALARM_STATES = {
    "raised": ("raised", "danger", "bell"),
    "acknowledged": ("acknowledged", "info", "person-check"),
    "shelved": ("shelved", "secondary", "pause-circle"),
    "cleared": ("cleared", "success", "check-circle"),
}
# Pages of what alarms are about, by the word before the colon.
OBJECT_PAGES = {
    "dataset": "/datasets/{}",
    "experiment": "/experiments/{}",
    "machine": "/machines/{}",
}
HEALTH, STREAM, SOURCE = "health", "stream", "source"


def severity_badge(severity: str) -> Component:
    text, level, icon_name = SEVERITIES[severity]
    return badge(text, level, icon_name=icon_name)


def alarm_badge(state: str) -> Component:
    text, level, icon_name = ALARM_STATES[state]
    return badge(text, level, icon_name=icon_name)


def object_link(name: str, known: object = None) -> Component:
    """What an alarm is about; a link where there is a page for it.

    ``known`` is what it is called, where the alarm says so.
    """
    kind, _, rest = name.partition(":")
    called = f"“{known}”" if known else f"…{rest[-6:]}"
    if kind == HEALTH:
        return page_link(rest or name, "/system-health")
    if kind == STREAM:
        return page_link(f"stream {called}", "/streams", {"id": rest})
    if kind == SOURCE:
        return page_link(f"source {called}", f"/sources/{rest}")
    if kind in OBJECT_PAGES and rest.isdecimal():
        return page_link(f"{kind} {rest}", OBJECT_PAGES[kind].format(rest))
    return html.Span(name.replace(":", " "))
