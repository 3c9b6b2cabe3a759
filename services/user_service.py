"""Accounts: the first admin, invitations, roles, passwords."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TypedDict

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import AccountLink, LinkPurpose, Role, User
from models.base import now
from services import actor, events, locks
from services.accounts import limits
from services.accounts.links import end_links, good_link, make_link, use
from services.accounts.own_password import is_own_password
from services.accounts.passwords import check_strength, hash_password
from services.accounts.second_step import CodeNeeded, after_password, close_all
from services.accounts.sessions import NewSession, end_sessions
from services.accounts.time_zones import zones
from services.api_key_service import forget_keys_of
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.runtime import unit_of_work

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
# Who counts the admins waits for others who do.
ADMINS = "admins"


class UserView(TypedDict):
    id: int
    name: str
    role: Role
    is_disabled: bool
    has_password: bool
    created_at: datetime
    last_sign_in_at: datetime | None


class LinkView(TypedDict):
    """What the page behind a link has to know."""

    purpose: LinkPurpose
    name: str | None
    role: Role


class UserService:
    """Who may use this installation."""

    @staticmethod
    def create_setup_link() -> str | None:
        """A token that makes the first admin, or None when there is one already."""
        actor.admin()
        with unit_of_work() as session:
            locks.alone(session, ADMINS)
            if _admin_count(session):
                return None
            return make_link(session, LinkPurpose.SETUP, None)

    @staticmethod
    def add_user(name: str, role: Role) -> UserView:
        """Add a user without a password; an invitation lets the person choose one.

        Raises
        ------
        Invalid
            If the name has other characters than allowed.
        Conflict
            If another user has the name.
        """
        actor.admin()
        with unit_of_work() as session:
            user = _insert(session, name, role)
            events.record(session, "user.added", f"user:{user.id}", role=role.value)
            return _view(user)

    @staticmethod
    def invite(name: str, role: Role) -> tuple[UserView, str]:
        """Add a user, and a token for the link by which the person chooses a password."""
        actor.admin()
        with unit_of_work() as session:
            user = UserService.add_user(name, role)
            return user, make_link(session, LinkPurpose.INVITE, user["id"])

    @staticmethod
    def reset_password(user_id: int) -> str:
        """End the user's sessions and password; a token for a link to choose another."""
        actor.admin()
        with unit_of_work() as session:
            user = _get(session, user_id)
            user.password_hash = None
            _let_nobody_stay(session, user_id)
            events.record(session, "user.password_reset", f"user:{user_id}")
            return make_link(session, LinkPurpose.RESET, user_id)

    @staticmethod
    def look_at_link(token: str) -> LinkView:
        """What a link is for. Asks for no actor: who follows it is nobody yet.

        Raises
        ------
        Forbidden
            If the link is unknown, used or too old.
        """
        with unit_of_work(writing=False) as session:
            link = good_link(session, token)
            user = session.get(User, link.user_id) if link.user_id else None
            return {
                "purpose": link.purpose,
                "name": user.name if user else None,
                "role": user.role if user else Role.ADMIN,
            }

    @staticmethod
    def accept_link(
        token: str,
        name: str,
        password: str,
        ip_address: str | None = None,
        user_agent: str | None = None,
        time_zone: str = "",
    ) -> NewSession | CodeNeeded:
        """Choose a password by a link, and sign in. Asks for no actor.

        The time zone is kept for who is new; one that there is not counts as not given.
        Who has an authenticator still owes its code: the link stands for the password only.

        Raises
        ------
        Forbidden
            If the link is unknown, used or too old.
        Invalid
            If the password can be guessed, or the name has other characters than allowed.
        """
        who = limits.address(ip_address)
        limits.check(limits.LINK, who)
        try:
            known = UserService.look_at_link(token)
        except Forbidden:
            limits.count_failure(limits.LINK, who)
            raise
        check_strength(password, known["name"] or name)
        hashed = hash_password(password)  # slow on purpose, so before the write lock
        with unit_of_work() as session:
            link = good_link(session, token)
            use(session, link)
            user = _person_of(session, link, name)
            end_links(session, user.id)
            if link.purpose is not LinkPurpose.RESET and time_zone in zones():
                user.time_zone = time_zone
            user.password_hash, user.password_changed_at = hashed, now()
            _let_nobody_stay(session, user.id)
            with actor.acting_as(actor.Actor(user.id, user.role, frozenset(), "link", user.name)):
                events.record(session, f"user.{link.purpose}_accepted", f"user:{user.id}")
            return after_password(session, user.id, ip_address, user_agent)

    @staticmethod
    def change_password(old: str, new: str) -> None:
        """Change one's own password; one's other sessions end.

        Raises
        ------
        RateLimited
            After too many wrong tries.
        Forbidden
            If the old password is wrong.
        Invalid
            If the new one can be guessed.
        """
        user_id = actor.myself()
        if not is_own_password(user_id, old):
            raise Forbidden("The old password is not right.")
        with unit_of_work(writing=False) as session:
            name = _get(session, user_id).name
        check_strength(new, name)
        hashed = hash_password(new)
        with unit_of_work() as session:
            user = _get(session, user_id)
            user.password_hash, user.password_changed_at = hashed, now()
            _let_nobody_stay(session, user_id, but=actor.reader().session_id)
            end_links(session, user_id)
            events.record(session, "user.password_changed", f"user:{user_id}")

    @staticmethod
    def list_users() -> list[UserView]:
        """All accounts, by name."""
        actor.admin()
        with unit_of_work(writing=False) as session:
            return [_view(user) for user in session.scalars(select(User).order_by(User.name))]

    @staticmethod
    def find_user(name: str) -> UserView:
        """The account with a name.

        Raises
        ------
        NotFound
            If nobody has the name.
        """
        actor.admin()
        with unit_of_work(writing=False) as session:
            user = session.scalar(select(User).where(User.name == name.strip().lower()))
            if user is None:
                raise NotFound(f"There is no user called “{name}”.")
            return _view(user)

    @staticmethod
    def set_role(user_id: int, role: Role) -> UserView:
        """Change what a user may do.

        Raises
        ------
        Conflict
            If nobody would be left to administer.
        """
        actor.admin()
        with unit_of_work() as session:
            user = _get(session, user_id)
            before, user.role = user.role, role
            _keep_an_admin(session)
            forget_keys_of(session, user_id)
            events.record(
                session, "user.role_changed", f"user:{user_id}", before=before, after=role.value
            )
            return _view(user)

    @staticmethod
    def disable(user_id: int) -> UserView:
        """Let a user in no more, and end the user's sessions.

        Raises
        ------
        Conflict
            If nobody would be left to administer.
        """
        actor.admin()
        with unit_of_work() as session:
            user = _get(session, user_id)
            user.disabled_at = user.disabled_at or now()
            _keep_an_admin(session)
            _let_nobody_stay(session, user_id)
            forget_keys_of(session, user_id)
            end_links(session, user_id)
            events.record(session, "user.disabled", f"user:{user_id}")
            return _view(user)

    @staticmethod
    def enable(user_id: int) -> UserView:
        """Let a user in again."""
        actor.admin()
        with unit_of_work() as session:
            user = _get(session, user_id)
            user.disabled_at = None
            events.record(session, "user.enabled", f"user:{user_id}")
            return _view(user)


def _let_nobody_stay(session: Session, user_id: int, but: int | None = None) -> None:
    """End sessions, and sign-ins of who has only given the old password so far."""
    end_sessions(session, user_id, but)
    close_all(session, user_id)


def _insert(session: Session, name: str, role: Role) -> User:
    known_as = name.strip().lower()
    if not NAME.fullmatch(known_as):
        raise Invalid(
            "A name has 2 to 64 characters: letters a–z, digits and . _ @ + -, "
            f"beginning with a letter or digit; got “{name[:80]}”."
        )
    user = User(name=known_as, role=role)
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"There is already a user called “{known_as}”.") from error
    return user


def _person_of(session: Session, link: AccountLink, name: str) -> User:
    if link.user_id is not None:
        user = _get(session, link.user_id)
        if user.disabled_at is not None:
            raise Forbidden("This account is disabled.")
        return user
    if _admin_count(session):
        raise Forbidden("There is an admin already. Ask for an invitation.")
    return _insert(session, name, Role.ADMIN)


def _admin_count(session: Session) -> int:
    admins = select(func.count()).select_from(User)
    return session.scalar(admins.where(User.role == Role.ADMIN, User.disabled_at.is_(None))) or 0


def _keep_an_admin(session: Session) -> None:
    session.flush()
    locks.alone(session, ADMINS)  # two of them may be leaving at the same time
    if not _admin_count(session):
        raise Conflict("This is the last admin. Make somebody else an admin first.")


def _get(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    return user


def _view(user: User) -> UserView:
    return {
        "id": user.id,
        "name": user.name,
        "role": user.role,
        "is_disabled": user.disabled_at is not None,
        "has_password": user.password_hash is not None,
        "created_at": user.created_at,
        "last_sign_in_at": user.last_sign_in_at,
    }
