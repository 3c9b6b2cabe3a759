"""What happens on the page of mail."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import mail as page
from layouts.components.frame import alert
from layouts.mail import PAGE_SIZE, Ids
from services.email_digest_service import EmailDigestService
from services.errors import NotFound
from services.mail_service import MailService
from services.notifications.event_types import title_of

TITLES = {"digest.daily": "Daily digest", "digest.weekly": "Weekly digest", "test": "Test"}
NO_WORKER = "No worker was heard for a minute, so nothing was written. See the page Jobs."
Choices = list[dict[str, Any]]


def show_state(_clicks: int | None) -> list[Component]:
    return page.state(MailService.get_state())


def show_choices(_clicks: int | None) -> tuple[Choices, Choices]:
    types, people = MailService.list_choices()
    return page.options([(name, _title(name)) for name in types]), page.options(people)


def show_mails(
    _clicks: int | None, status: str | None, type: str | None, person: str | None, at: int | None
) -> tuple[Component, int, bool]:
    whom = _chosen(person)
    chosen = (_chosen(status), _chosen(type), int(whom) if whom else None)
    mails = MailService.list_mails(PAGE_SIZE, ((at or 1) - 1) * PAGE_SIZE, *chosen)
    pages = max(1, -(-MailService.count_mails(*chosen) // PAGE_SIZE))
    return page.mail_table(mails), pages, pages == 1


def begin_anew(*_filters: Any) -> int:
    """Another choice begins at its first page."""
    return 1


def show_detail(chosen: int | None, _clicks: int | None) -> Component | list[Any]:
    if chosen is None:
        return []
    try:
        mail = MailService.get_mail(chosen)
    except NotFound as error:
        return alert(error.message, "warning")
    return page.detail({**mail, "title": _title(mail["type"])}, MailService.list_attempts(chosen))


def send_test(clicks: int | None) -> tuple[Any, Any, Any]:
    """Its number, whether the clock rests, and what is shown until it ticks."""
    if not clicks:
        return no_update, no_update, no_update
    mail_id = MailService.send_test()
    return mail_id, False, page.test_result(MailService.get_mail(mail_id))


def follow_test(_ticks: int, mail_id: int | None) -> tuple[Any, Any]:
    if mail_id is None:
        return no_update, True
    mail = MailService.get_mail(mail_id)
    return page.test_result(mail), mail["status"] != "waiting"


def send_again(clicks: list[int | None]) -> Any:
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return no_update
    mail = MailService.send_again(int(chosen["id"]))
    tell(f"The mail to {mail['user_name']} waits for the sender.", "info")
    return 1


def show_digests(_clicks: int | None) -> tuple[Component, Component, Choices, Choices]:
    people = [(user.id, user.name) for user in EmailDigestService.get_users_with_digests()]
    waiting, _ = EmailDigestService.get_pending_digests(page_size=1000)
    types = sorted({entry["event_type"] for entry in waiting})
    return (
        page.digest_state(EmailDigestService.get_queue_stats()),
        page.digest_history(EmailDigestService.get_digest_history()),
        page.options([(name, _title(name)) for name in types]),
        page.options(people),
    )


def show_pending(
    _clicks: int | None, type: str | None, person: str | None, time: str | None, at: int | None
) -> tuple[Component, int, bool]:
    whom = _chosen(person)
    entries, total = EmailDigestService.get_pending_digests(
        _chosen(type), int(whom) if whom else None, _chosen(time), at or 1, PAGE_SIZE
    )
    shown = [{**entry, "title": _title(entry["event_type"])} for entry in entries]
    pages = max(1, -(-total // PAGE_SIZE))
    return page.digest_table(shown), pages, pages == 1


def write_digests(clicks: int | None) -> Component | Any:
    if not clicks:
        return no_update
    if EmailDigestService.trigger_digest_processing():
        return alert("A job writes the digests that are due. The others keep their time.", "info")
    return alert(NO_WORKER, "warning")


def register(app: Dash) -> None:
    looked = Input(Ids.refresh, "n_clicks")
    app.callback(Output(Ids.state, "children"), looked)(show_state)
    app.callback(Output(Ids.type, "options"), Output(Ids.person, "options"), looked)(show_choices)
    filters = [Input(one, "value") for one in (Ids.status, Ids.type, Ids.person)]
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        looked,
        *filters,
        Input(Ids.pages, "active_page"),
    )(show_mails)
    app.callback(Output(Ids.pages, "active_page"), *filters, prevent_initial_call=True)(begin_anew)
    app.callback(Output(Ids.detail, "children"), Input(Ids.chosen, "data"), looked)(show_detail)
    _register_actions(app)
    _register_digests(app)


def _register_actions(app: Dash) -> None:
    app.callback(
        Output(Ids.test_number, "data"),
        Output(Ids.test_clock, "disabled"),
        Output(Ids.test_result, "children"),
        Input(Ids.test, "n_clicks"),
        prevent_initial_call=True,
    )(send_test)
    app.callback(
        Output(Ids.test_result, "children", allow_duplicate=True),
        Output(Ids.test_clock, "disabled", allow_duplicate=True),
        Input(Ids.test_clock, "n_intervals"),
        Input(Ids.test_number, "data"),
        prevent_initial_call=True,
    )(follow_test)
    app.callback(
        Output(Ids.refresh, "n_clicks"),
        Input({"type": Ids.again, "id": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(send_again)


def _register_digests(app: Dash) -> None:
    looked = Input(Ids.refresh, "n_clicks")
    app.callback(
        Output(Ids.digest_state, "children"),
        Output(Ids.digest_history, "children"),
        Output(Ids.digest_type, "options"),
        Output(Ids.digest_person, "options"),
        looked,
    )(show_digests)
    filters = [Input(one, "value") for one in (Ids.digest_type, Ids.digest_person, Ids.digest_time)]
    app.callback(
        Output(Ids.digest_table, "children"),
        Output(Ids.digest_pages, "max_value"),
        Output(Ids.digest_pager, "hidden"),
        looked,
        *filters,
        Input(Ids.digest_pages, "active_page"),
    )(show_pending)
    app.callback(Output(Ids.digest_pages, "active_page"), *filters, prevent_initial_call=True)(
        begin_anew
    )
    app.callback(
        Output(Ids.digest_told, "children"),
        Input(Ids.digest_write, "n_clicks"),
        prevent_initial_call=True,
    )(write_digests)


def _chosen(value: str | None) -> str | None:
    """The value of a filter; None where all are wanted."""
    return None if value == page.ALL else value or None


def _title(type: str) -> str:
    return TITLES.get(type) or title_of(type)
