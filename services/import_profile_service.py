"""Mappings of files to recordings that people saved, to use them again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.importers.registry import PROFILES
from models import ImportProfile, User
from services import actor, events
from services.errors import Conflict, Invalid, NotFound
from services.importing.choices import KEYS, check_builtin, read_choices
from services.paging import MOST_ROWS, paged
from services.runtime import unit_of_work

LONGEST_NAME = 60
LONGEST_DESCRIPTION = 500
MOST_PROFILES = 500
BASE = "profile"
FORMAT = "rotorscope import profile"


class ProfileView(TypedDict):
    """``choices`` is what was typed, with the built-in profile beneath it as ``profile``."""

    id: int
    name: str
    description: str
    choices: dict[str, Any]
    owner_id: int
    owner_name: str
    created_at: datetime
    updated_at: datetime


class ImportProfileService:
    """Create, list, read, change and delete saved mappings; everybody reads them."""

    @staticmethod
    def create_profile(name: str, choices: Mapping[str, Any], description: str = "") -> int:
        """Save what somebody typed under a name.

        Raises
        ------
        Invalid
            If the name or a value cannot be used.
        Conflict
            If the name is taken, by a built-in profile or by a saved one.
        """
        owner_id = actor.user_id()
        name, description = _clean(name, "name", LONGEST_NAME), _described(description)
        checked = check_choices(choices)
        with unit_of_work() as session:
            if (session.scalar(select(func.count(ImportProfile.id))) or 0) >= MOST_PROFILES:
                raise Conflict(f"There are {MOST_PROFILES} saved profiles. Delete some first.")
            _refuse_taken(session, name)
            row = ImportProfile(
                name=name, description=description, choices=checked, owner_id=owner_id
            )
            session.add(row)
            session.flush()
            events.record(session, "import_profile.created", f"import_profile:{row.id}", name=name)
            return row.id

    @staticmethod
    def list_profiles(limit: int = MOST_ROWS) -> list[ProfileView]:
        """Saved profiles by name."""
        actor.reader()
        wanted = (
            select(ImportProfile, User.name)
            .join(User, User.id == ImportProfile.owner_id)
            .order_by(func.lower(ImportProfile.name))
        )
        with unit_of_work(writing=False) as session:
            return [_view(row, owner) for row, owner in session.execute(paged(wanted, limit))]

    @staticmethod
    def get_profile(profile_id: int) -> ProfileView:
        """One saved profile.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = _find(session, profile_id)
            return _view(row, session.scalar(select(User.name).where(User.id == row.owner_id)))

    @staticmethod
    def find_profile(name: str) -> ProfileView:
        """The saved profile of a name.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            wanted = select(ImportProfile.id).where(ImportProfile.name == name)
            return ImportProfileService.get_profile(session.scalar(wanted) or 0)

    @staticmethod
    def export_profile(profile_id: int) -> dict[str, Any]:
        """A profile as a document that :meth:`load_profile` takes, here or on another site.

        Raises
        ------
        NotFound
            If there is none.
        """
        saved = ImportProfileService.get_profile(profile_id)
        head = {"format": FORMAT, "name": saved["name"], "description": saved["description"]}
        return {**head, "choices": saved["choices"]}

    @staticmethod
    def load_profile(document: Any) -> str:
        """Save a profile out of a document; its name.

        Raises
        ------
        Invalid
            If the document is none of a profile.
        Conflict
            If the name is taken.
        """
        actor.user_id()
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise Invalid(f"This is no saved profile: “format” must be “{FORMAT}”.")
        unknown = set(document) - {"format", "name", "description", "choices"}
        if unknown:
            raise Invalid(f"“{str(min(unknown, key=str))[:40]}” does not belong into a profile.")
        name, about = str(document.get("name", "")), str(document.get("description", ""))
        profile_id = ImportProfileService.create_profile(name, document.get("choices", {}), about)
        return ImportProfileService.get_profile(profile_id)["name"]

    @staticmethod
    def update_profile(
        profile_id: int,
        name: str | None = None,
        choices: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> ProfileView:
        """Change what is given. Imports that have begun keep the values they began with.

        Raises
        ------
        NotFound
            If there is no such profile.
        Invalid, Conflict
            As for a new one.
        """
        with unit_of_work() as session:
            row = _changeable(session, profile_id)
            if name is not None and (clean := _clean(name, "name", LONGEST_NAME)) != row.name:
                _refuse_taken(session, clean, but=profile_id)
                row.name = clean
            if choices is not None:
                row.choices = check_choices(choices)
            if description is not None:
                row.description = _described(description)
            session.flush()
            events.record(session, "import_profile.changed", f"import_profile:{row.id}")
        return ImportProfileService.get_profile(profile_id)

    @staticmethod
    def delete_profile(profile_id: int) -> None:
        """Forget a saved profile; what was imported with it stays.

        Raises
        ------
        NotFound
            If there is none.
        """
        with unit_of_work() as session:
            row = _changeable(session, profile_id)
            events.record(
                session, "import_profile.deleted", f"import_profile:{row.id}", name=row.name
            )
            session.delete(row)

    @staticmethod
    def resolve(name: str) -> tuple[str, dict[str, Any]]:
        """The built-in profile behind a name, and the values saved with it.

        A built-in name always stands for the built-in profile; the empty one for any that fits.

        Raises
        ------
        Invalid
            If there is no such profile.
        """
        actor.reader()
        if not name or name in _builtin():
            return name, {}
        with unit_of_work(writing=False) as session:
            wanted = select(ImportProfile.choices).where(ImportProfile.name == name)
            choices = session.scalar(wanted)
        if choices is None:
            known = ", ".join(_builtin())
            raise Invalid(
                f"The profile must be one of {known}, or a saved one, got “{name[:LONGEST_NAME]}”."
            )
        saved = dict(choices)
        return check_builtin(str(saved.pop(BASE, ""))), saved


def check_choices(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a saved profile keeps them: checked, and without the empty ones.

    Raises
    ------
    Invalid
        If a value cannot be meant.
    """
    if not isinstance(choices, Mapping):
        raise Invalid("The values of a profile are names with values.")
    given = {key: value for key, value in choices.items() if value not in (None, "", [])}
    base = check_builtin(str(given.pop(BASE, "")))
    read_choices(given)
    ordered = {key: given[key] for key in sorted(KEYS) if key in given}
    return {BASE: base, **ordered} if base else ordered


def _builtin() -> list[str]:
    return [profile.name for profile in PROFILES]


def _clean(text: str, what: str, longest: int) -> str:
    clean = " ".join(str(text).split())
    if not clean or len(clean) > longest or not clean.isprintable():
        raise Invalid(f"A profile needs a {what} of 1 to {longest} characters that can be shown.")
    return clean


def _described(text: str) -> str:
    return _clean(text, "description", LONGEST_DESCRIPTION) if text.strip() else ""


def _refuse_taken(session: Session, name: str, but: int | None = None) -> None:
    if name.lower() in {one.lower() for one in _builtin()}:
        raise Conflict(f"“{name}” is a built-in profile. Choose another name.")
    same = select(ImportProfile.id).where(func.lower(ImportProfile.name) == name.lower())
    if session.scalar(same.where(ImportProfile.id != (but or 0))) is not None:
        raise Conflict(f"There is a profile “{name}” already. Choose another name.")


def _find(session: Session, profile_id: int) -> ImportProfile:
    row = session.get(ImportProfile, profile_id)
    if row is None:
        raise NotFound("There is no such profile.")
    return row


def _changeable(session: Session, profile_id: int) -> ImportProfile:
    actor.writer()
    row = _find(session, profile_id)
    actor.owner_or_admin(row.owner_id)
    return row


def _view(row: ImportProfile, owner_name: str | None) -> ProfileView:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "choices": dict(row.choices),
        "owner_id": row.owner_id,
        "owner_name": owner_name or "",
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
