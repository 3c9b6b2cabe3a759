from __future__ import annotations

from datetime import timedelta

import pytest

from models.base import now
from services.actor import acting_as
from services.errors import NotFound
from services.notice_service import TOAST_FOR, NoticeService
from services.runtime import unit_of_work
from tests import factories


def put(who, **given) -> int:
    with unit_of_work() as session:
        return factories.notice(session, user_id=who.user_id, **given).id


def test_the_inbox_is_filtered_and_paged(analyst, viewer):
    first, second = put(analyst), put(analyst, type="job.failed")
    put(analyst, in_app=False)
    put(viewer)
    NoticeService.mark_read(first)

    def ids(**given):
        return [one["id"] for one in NoticeService.list_notices(**given)]

    assert ids() == [second, first]
    assert (ids(limit=1), ids(limit=1, offset=1)) == ([second], [first])
    assert (ids(unread=True), ids(event_type="job.done")) == ([second], [first])
    assert NoticeService.count_notices() == 2
    assert (NoticeService.count_unread(), NoticeService.list_types()) == (
        1,
        ["job.done", "job.failed"],
    )


def test_one_is_read_and_unread_again_by_its_owner_only(analyst, viewer):
    one = put(analyst)
    assert NoticeService.mark_read(one)["is_read"]
    assert not NoticeService.mark_read(one, is_read=False)["is_read"]
    with acting_as(viewer), pytest.raises(NotFound):
        NoticeService.mark_read(one)


def test_a_toast_is_shown_by_the_first_tab_that_takes_it(analyst, viewer):
    one = put(analyst, toast=True)
    put(analyst, toast=False)
    (toast,) = NoticeService.list_toasts()
    assert toast["id"] == one
    with acting_as(viewer), pytest.raises(NotFound):
        NoticeService.take_toast(one)
    assert [NoticeService.take_toast(one), NoticeService.take_toast(one)] == [True, False]
    assert NoticeService.list_toasts() == []


def test_what_is_read_or_old_is_no_toast(analyst):
    put(analyst, toast=True, read_at=now())
    put(analyst, toast=True, created_at=now() - TOAST_FOR - timedelta(seconds=1))
    assert NoticeService.list_toasts() == []
