from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Event, Role, User
from services.actor import COMMAND_LINE, acting_as
from services.errors import Forbidden, Invalid
from services.profile_service import ProfileService
from services.runtime import unit_of_work
from services.user_service import UserService

pytestmark = pytest.mark.database

PASSWORD = "purple gasket meadow 41"


def zone_of(user_id: int) -> str:
    with unit_of_work(writing=False) as session:
        return session.get_one(User, user_id).time_zone


def test_profile_begins_empty_and_is_kept(analyst):
    assert ProfileService.get_profile() == {
        "name": analyst.name,
        "role": Role.ANALYST,
        "shown_name": None,
        "email": None,
        "time_zone": "UTC",
    }
    kept = ProfileService.save_profile("Änna", "anna@example.org", "Pacific/Auckland")
    assert ProfileService.get_profile() == kept
    assert kept["time_zone"] == "Pacific/Auckland"
    assert ProfileService.save_profile("", " ", "UTC")["email"] is None


def test_only_what_changed_is_written_down_and_not_its_content(analyst):
    ProfileService.save_profile("", "anna@example.org", "UTC")
    ProfileService.save_profile("", "anna@example.org", "UTC")
    with unit_of_work(writing=False) as session:
        (kept,) = session.scalars(select(Event))
        assert (kept.type, kept.payload) == ("user.profile_changed", {"changed": ["email"]})


@pytest.mark.parametrize(
    ("name", "email", "zone"),
    [
        ("x" * 81, "", "UTC"),
        ("a\u202eb", "", "UTC"),
        ("", "anna@", "UTC"),
        ("", "a@example.org\nBcc: b@example.org", "UTC"),
        ("", "anna@example.org, b@example.org", "UTC"),
        ("", "", "Mars/Olympus"),
        ("", "", "../../etc/passwd"),
        ("", "", ""),
    ],
)
def test_what_cannot_be_is_refused(analyst, name, email, zone):
    with pytest.raises(Invalid):
        ProfileService.save_profile(name, email, zone)
    assert ProfileService.get_profile()["email"] is None


def test_time_zones_are_places(analyst):
    zones = ProfileService.list_time_zones()
    assert zones[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Kolkata", "America/Argentina/Salta"} <= set(zones)
    assert not [zone for zone in zones if zone.startswith(("Etc/", "posix/"))]


@pytest.mark.parametrize(("given", "kept"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC")])
def test_zone_of_the_browser_is_taken_for_who_is_new(server, given, kept):
    with acting_as(COMMAND_LINE):
        user, token = UserService.invite("anna", Role.VIEWER)
    UserService.accept_link(token, "", PASSWORD, time_zone=given)
    assert zone_of(user["id"]) == kept
    with acting_as(COMMAND_LINE):
        again = UserService.reset_password(user["id"])
    UserService.accept_link(again, "", "meadow nine gasket 7", time_zone="Europe/Paris")
    assert zone_of(user["id"]) == kept


def test_command_line_has_no_profile(server):
    with acting_as(COMMAND_LINE), pytest.raises(Forbidden):
        ProfileService.get_profile()
