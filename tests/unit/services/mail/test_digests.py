from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models import Digest, DigestEntry, DigestPeriod, Mail
from services.actor import WORKER, acting_as
from services.mail import digests
from services.mail.digests import process_due
from services.mail.sending import send_due
from services.mail.zones import last_due, next_due, zone_of
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database
BERLIN = ZoneInfo("Europe/Berlin")
DAILY, WEEKLY = DigestPeriod.DAILY, DigestPeriod.WEEKLY


@pytest.fixture(autouse=True)
def as_worker(box):
    with acting_as(WORKER):
        yield


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def person(zone: str = "Europe/Berlin", **given) -> int:
    with unit_of_work() as session:
        given = {"email": "anna@example.com", "time_zone": zone, **given}
        return factories.user(session, **given).id


def entry(user_id: int, at: datetime, period=DAILY, **given) -> None:
    with unit_of_work() as session:
        factories.digest_entry(session, user_id=user_id, created_at=at, period=period, **given)


def mails() -> list[Mail]:
    with unit_of_work(writing=False) as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


@pytest.mark.parametrize(
    ("at", "due"),
    [
        # The night in which the clocks go forward has an hour less …
        (utc(2026, 3, 28, 8, 0), utc(2026, 3, 28, 8, 0)),
        (utc(2026, 3, 29, 6, 59), utc(2026, 3, 28, 8, 0)),
        (utc(2026, 3, 29, 7, 0), utc(2026, 3, 29, 7, 0)),
        # … and that in which they go back has one more.
        (utc(2026, 10, 24, 7, 0), utc(2026, 10, 24, 7, 0)),
        (utc(2026, 10, 25, 7, 59), utc(2026, 10, 24, 7, 0)),
        (utc(2026, 10, 25, 8, 0), utc(2026, 10, 25, 8, 0)),
    ],
)
def test_nine_o_clock_is_that_of_the_wall(at, due):
    assert last_due(DAILY, at, BERLIN) == due


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_every_day_of_a_year_has_one_digest(zone):
    where, at = ZoneInfo(zone), utc(2026, 1, 1)
    seen = {last_due(DAILY, at + timedelta(hours=hour), where) for hour in range(365 * 24)}
    assert len(seen) == 366  # the first is that of the day before
    assert {one.astimezone(where).hour for one in seen} == {9}
    for one in seen:
        assert next_due(DAILY, one, where).date() == one.date() + timedelta(days=1)


def test_a_week_ends_on_monday_morning():
    for at in (utc(2026, 3, 30, 6, 59), utc(2026, 3, 23, 8, 0)):
        assert last_due(WEEKLY, at, BERLIN) == utc(2026, 3, 23, 8, 0)
    assert last_due(WEEKLY, utc(2026, 3, 30, 7, 0), BERLIN) == utc(2026, 3, 30, 7, 0)
    assert next_due(WEEKLY, utc(2026, 3, 29, 12), BERLIN) == utc(2026, 3, 30, 7, 0)
    assert next_due(WEEKLY, utc(2026, 10, 24), BERLIN) == utc(2026, 10, 26, 8, 0)


def test_an_unknown_zone_is_utc():
    assert zone_of("Mars/Olympus") is UTC


def test_one_mail_a_day_tells_what_happened_before_it(box):
    anna = person()
    for hour in (5, 6):
        entry(anna, utc(2026, 3, 29, hour), text=f"at {hour}", link="/jobs?id=7")
    entry(anna, utc(2026, 3, 29, 7, 1), text="later")
    assert process_due(utc(2026, 3, 29, 6, 59)) == 0
    assert (process_due(utc(2026, 3, 29, 7, 5)), process_due(utc(2026, 3, 29, 23))) == (1, 0)
    (mail,) = mails()
    assert mail.subject == "Rotorscope: 2 notices, daily digest of 2026-03-29"
    assert "2026-03-29 07:00  at 5" in mail.text_body
    assert "https://rotorscope.example.com/jobs?id=7" in mail.text_body
    assert "later" not in mail.text_body
    assert process_due(utc(2026, 3, 30, 7)) == 1
    assert "later" in mails()[1].text_body
    assert send_due() == 2
    assert [one["List-Unsubscribe-Post"] for one in box.mails] == ["List-Unsubscribe=One-Click"] * 2


def test_days_and_weeks_are_told_apart():
    anna, bert = person(), person("Asia/Tokyo")
    entry(anna, utc(2026, 3, 27, 12))
    entry(anna, utc(2026, 3, 27, 12), WEEKLY)
    entry(bert, utc(2026, 3, 27, 12))
    assert process_due(utc(2026, 3, 28, 0, 0)) == 1  # nine o'clock in Tokyo
    assert process_due(utc(2026, 3, 28, 8)) == 1
    assert process_due(utc(2026, 3, 30, 7)) == 1
    assert [mail.type for mail in mails()] == ["digest.daily", "digest.daily", "digest.weekly"]


def test_who_moves_to_another_zone_gets_no_second_one_for_the_day():
    anna = person("Asia/Tokyo")
    entry(anna, utc(2026, 3, 27, 12))
    assert process_due(utc(2026, 3, 28, 0, 0)) == 1
    entry(anna, utc(2026, 3, 28, 1))
    with unit_of_work() as session:
        session.get_one(factories.User, anna).time_zone = "America/New_York"
    assert process_due(utc(2026, 3, 28, 14)) == 0
    assert process_due(utc(2026, 3, 29, 14)) == 1


def test_who_is_cut_short_has_done_nothing_and_the_next_does_it_once(monkeypatch, caplog):
    anna = person()
    entry(anna, utc(2026, 3, 28, 12))

    def break_down(*_args):
        raise OSError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(digests, "queue_digest", break_down)
        assert process_due(utc(2026, 3, 29, 8)) == 0
    with unit_of_work(writing=False) as session:
        assert session.scalars(select(Digest)).all() == []
        assert session.scalars(select(DigestEntry.digest_id)).all() == [None]
    assert (process_due(utc(2026, 3, 29, 8)), process_due(utc(2026, 3, 29, 8))) == (1, 0)
    assert len(mails()) == 1


def test_after_a_long_rest_one_mail_tells_all_of_it():
    anna = person()
    for day in range(1, 8):
        entry(anna, utc(2026, 3, day, 12))
    assert process_due(utc(2026, 3, 9, 12)) == 1
    assert mails()[0].subject.startswith("Rotorscope: 7 notices")


@pytest.mark.parametrize("given", [{"email": None}, {"disabled_at": utc(2026, 1, 1)}])
def test_who_cannot_be_reached_gets_none(given):
    entry(person(**given), utc(2026, 3, 28, 12))
    assert process_due(utc(2026, 3, 29, 8)) == 0


def test_a_long_digest_lists_a_hundred_and_counts_the_rest():
    anna = person()
    for number in range(103):
        entry(anna, utc(2026, 3, 28, 12), text=f"<notice {number}>")
    process_due(utc(2026, 3, 29, 8))
    (mail,) = mails()
    assert mail.text_body.count("<notice") == mail.html_body.count("&lt;notice") == 100
    assert "And 3 more." in mail.text_body
