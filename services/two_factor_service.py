"""The second step as its owner and as admins see it: state, requirement, reset."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict

from sqlalchemy import delete, select

from models import Role, TwoFactor, TwoFactorRole, User
from services import actor, events, locks
from services.accounts import two_factor
from services.accounts.second_step import close_all
from services.accounts.sessions import end_sessions
from services.accounts.two_factor import Asked
from services.errors import NotFound
from services.runtime import unit_of_work


class TwoFactorState(TypedDict):
    since: datetime | None
    codes_left: int
    is_required: bool


class TwoFactorService:
    """Who has a second step, and who must."""

    @staticmethod
    def get_state(user_id: int) -> TwoFactorState:
        """Since when one's authenticator counts, if it does."""
        acting = actor.only_self(user_id)
        with unit_of_work(writing=False) as session:
            kept = session.get(TwoFactor, user_id)
            return {
                "since": kept.confirmed_at if kept is not None else None,
                "codes_left": two_factor.codes_left(session, user_id),
                "is_required": two_factor.is_required(session, acting.role),
            }

    @staticmethod
    def renew_backup_codes(
        user_id: int, code: str, ip_address: str | None = None
    ) -> tuple[bool, list[str], str]:
        """One's backup codes anew, for who has a code of either kind. The old ones are void.

        Returns ``(success, codes, error_message)``.
        """
        actor.only_self(user_id)
        _, wrong = two_factor.accept(Asked(user_id, ip_address), code)
        codes = None if wrong else two_factor.new_backup_codes(user_id)
        return (False, [], wrong or two_factor.IS_OFF) if codes is None else (True, codes, "")

    @staticmethod
    def list_users_with() -> list[int]:
        """The users who have a second step."""
        actor.admin()
        wanted = select(TwoFactor.user_id).where(TwoFactor.confirmed_at.is_not(None))
        with unit_of_work(writing=False) as session:
            return list(session.scalars(wanted.order_by(TwoFactor.user_id)))

    @staticmethod
    def reset_2fa(user_id: int) -> bool:
        """Take a user's authenticator and backup codes away, and end the user's sessions.

        Returns whether there was an authenticator.

        Raises
        ------
        NotFound
            If there is no such user.
        """
        actor.admin()
        with unit_of_work() as session:
            if session.get(User, user_id) is None:
                raise NotFound(f"There is no user {user_id}.")
            had_one = two_factor.forget(session, user_id)
            if had_one:
                end_sessions(session, user_id)
                close_all(session, user_id)
                events.record(session, "security.two_factor_reset", f"user:{user_id}")
        return had_one

    @staticmethod
    def list_required_roles() -> list[Role]:
        """The roles that must have a second step."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            required = set(session.scalars(select(TwoFactorRole.role)))
        return [role for role in Role if role in required]

    @staticmethod
    def require_for_roles(roles: Collection[Role]) -> None:
        """Let exactly these roles have to have a second step.

        Who has none sets it up at the next click, before anything else.
        """
        actor.admin()
        wanted = {Role(role) for role in roles}
        with unit_of_work() as session:
            locks.alone(session, "two-factor-roles")
            before = set(session.scalars(select(TwoFactorRole.role)))
            if before == wanted:
                return
            session.execute(delete(TwoFactorRole).where(TwoFactorRole.role.not_in(wanted)))
            session.add_all([TwoFactorRole(role=role) for role in Role if role in wanted - before])
            names = [role.value for role in Role if role in wanted]
            events.record(session, "security.two_factor_required", "roles", roles=names)
