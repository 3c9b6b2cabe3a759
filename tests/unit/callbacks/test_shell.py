from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder
from structlog.contextvars import bound_contextvars

from callbacks import shell
from layouts.page import ADMINS, Page
from layouts.registry import PAGES
from models import JobKind, JobStatus
from services.actor import WORKER, acting_as
from services.errors import Conflict
from services.job_service import JobService
from services.jobs.job_runs import JobRunService
from services.notice_service import NoticeService


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_navigation_lists_what_the_role_may_open(analyst, viewer, admin):
    for acting, sees_users in ((viewer, False), (analyst, False), (admin, True)):
        with acting_as(acting):
            links, _ = shell.show_navigation("/jobs")
        assert ('"/users"' in text(links)) is sees_users
        assert text(links).count('"aria-current": "page"') == 1


def test_breadcrumb_says_where_one_is(analyst):
    assert "Jobs" in text(shell.show_navigation("/jobs")[1])
    assert "not found" in text(shell.show_navigation("/nowhere")[1])


def test_every_page_is_found_by_its_path():
    for page in PAGES:
        path = page.path.replace("<", "").replace(">", "")
        assert shell.page_of(path) is page


def test_page_that_is_not_for_the_role_says_so_and_is_not_built(analyst):
    def build(**_view):
        raise AssertionError("was built")

    page = Page("users", "Users", "/users", build, roles=ADMINS)
    assert "may not open this page" in text(shell.guarded(page)())


def test_of_what_an_address_names_twice_the_first_counts(analyst):
    seen = {}
    page = Page("signals", "Signals", "/signals", lambda **view: seen.update(view))
    shell.guarded(page)(recording=["9", "abc"], plot="envelope")
    assert seen == {"recording": "9", "plot": "envelope"}


def test_a_page_that_breaks_says_so_with_the_number_that_is_in_the_log(analyst, caplog):
    def build(**_view):
        raise ZeroDivisionError("secret")

    with bound_contextvars(request_id="0123456789abcdef"):
        page = Page("set", "Feature set", "/features/<number>", build)
        drawn = text(shell.guarded(page)(number="7", plot="a b"))
    for said in ('"Feature set"', "Something broke on our side", "/features/7?plot=a+b"):
        assert said in drawn
    for said in ("Try again", "0123456789abcdef"):
        assert said in drawn
    assert "secret" not in drawn
    assert "0123456789abcdef" in caplog.text
    assert "secret" in caplog.text


def test_a_page_that_refuses_says_why(analyst):
    def build(**_view):
        raise Conflict("The disk is full. Ask an admin.")

    drawn = text(shell.guarded(Page("signals", "Signals", "/signals", build))())
    assert "The disk is full. Ask an admin." in drawn
    assert "Number" not in drawn


def test_document_is_empty_for_nobody(server):
    with acting_as(None):
        assert shell.build_shell().children is None


def test_notices_are_read_by_opening_the_bell(analyst):
    job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean <b>up</b>")
    with acting_as(WORKER):
        JobRunService.finish(JobRunService.claim(job_id), JobStatus.DONE)
    assert NoticeService.count_unread() == 1
    assert shell.show_notices(None) == []
    assert "Clean <b>up</b> is done." in text(shell.show_notices(1))  # React escapes it
    assert NoticeService.count_unread() == 0


def test_empty_inbox_says_what_comes_there(analyst):
    assert "No notices yet" in text(shell.show_notices(1))


@pytest.mark.parametrize("path", ["/", "/jobs"])
def test_shell_is_built_for_who_is_signed_in(client, path):
    assert client.get(path).status_code == 200
    assert "Skip to the page" in client.get("/_dash-layout").text
