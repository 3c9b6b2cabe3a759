"""What people say of themselves: the name shown, where mail goes, the zone of their times."""

from __future__ import annotations

from typing import TypedDict

from email_validator import EmailNotValidError, validate_email

from models import Role, User
from services import actor, events
from services.accounts.time_zones import zones
from services.errors import Invalid
from services.runtime import unit_of_work

LONGEST_NAME = 80


class ProfileView(TypedDict):
    name: str
    role: Role
    shown_name: str | None
    email: str | None
    time_zone: str


class ProfileService:
    """One's own profile."""

    @staticmethod
    def get_profile() -> ProfileView:
        user_id = actor.myself()
        with unit_of_work(writing=False) as session:
            return _view(session.get_one(User, user_id))

    @staticmethod
    def save_profile(shown_name: str, email: str, time_zone: str) -> ProfileView:
        """Change one's profile; an empty name or address takes it away.

        Raises
        ------
        Invalid
            If the address cannot be one, the name is too long or holds what cannot be printed,
            or there is no such time zone.
        """
        user_id = actor.myself()
        given = {
            "shown_name": _checked_name(shown_name),
            "email": _checked_email(email),
            "time_zone": _checked_zone(time_zone),
        }
        with unit_of_work() as session:
            user = session.get_one(User, user_id)
            changed = [name for name, value in given.items() if getattr(user, name) != value]
            for name in changed:
                setattr(user, name, given[name])
            if changed:
                events.record(session, "user.profile_changed", f"user:{user_id}", changed=changed)
            return _view(user)

    @staticmethod
    def list_time_zones() -> list[str]:
        """The time zones to choose from, by name."""
        actor.reader()
        return list(zones())


def _checked_zone(time_zone: str) -> str:
    """A time zone that there is.

    Raises
    ------
    Invalid
        If there is none of this name.
    """
    if time_zone not in zones():
        raise Invalid(f"There is no time zone “{time_zone[:60]}”. Choose one like Europe/Berlin.")
    return time_zone


def _checked_name(shown_name: str) -> str | None:
    name = " ".join(shown_name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(f"A name has at most {LONGEST_NAME} characters, and all can be printed.")
    return name or None


def _checked_email(email: str) -> str | None:
    if not email.strip():
        return None
    try:
        # Whether mail arrives shows when it is sent; many installations cannot ask the net.
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid(f"“{email.strip()[:80]}” is no e-mail address: {error}") from error


def _view(user: User) -> ProfileView:
    return {
        "name": user.name,
        "role": user.role,
        "shown_name": user.shown_name,
        "email": user.email,
        "time_zone": user.time_zone,
    }
