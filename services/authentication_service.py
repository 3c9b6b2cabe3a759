"""Sign in and out: passwords, codes, sessions behind the cookie, and what was tried."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from models import TwoFactor, TwoFactorRole, User, UserSession
from models.base import now
from services import actor, events
from services.accounts import attempts, limits, second_step, totp, two_factor
from services.accounts.attempts import AttemptView
from services.accounts.own_password import is_own_password
from services.accounts.passwords import is_right
from services.accounts.second_step import CodeNeeded
from services.accounts.sessions import (
    NewSession,
    SessionView,
    end_sessions,
    hashed,
    is_over,
    open_session,
    view,
)
from services.accounts.two_factor import Asked
from services.actor import Actor
from services.errors import Forbidden
from services.runtime import unit_of_work

# The time a session was last seen is written at most this often.
SEEN_EVERY = timedelta(minutes=1)


class AuthenticationService:
    """Sign in and out, and look after sessions."""

    @staticmethod
    def sign_in(
        name: str,
        password: str,
        ip_address: str | None = None,
        user_agent: str | None = None,
        remember: bool = False,
    ) -> NewSession | CodeNeeded:
        """Start a session for who knows the password, or ask for a code. Asks for no actor.

        Raises
        ------
        RateLimited
            After too many failures for this name or from this address.
        Forbidden
            If name and password do not belong together, or the account is disabled.
        """
        known_as = name.replace("\0", "").strip().lower()  # which PostgreSQL does not take
        who = (f"name:{known_as}", limits.address(ip_address))
        limits.take(limits.SIGN_IN, *who)
        with unit_of_work(writing=False) as session:
            user = session.scalar(select(User).where(User.name == known_as))
            found = (user.id, user.password_hash, user.disabled_at) if user else (None, None, None)
        user_id, password_hash, disabled_at = found
        right = is_right(password, password_hash)
        if user_id is None or not right or disabled_at is not None:
            reason = "disabled" if right and disabled_at else "name or password"
            attempts.record(user_id, False, "password", ip_address, user_agent, None, reason)
            raise Forbidden("Name and password do not belong together, or the account is disabled.")
        limits.forget(limits.SIGN_IN, who[0])
        limits.give_back(limits.SIGN_IN, who[1])
        with unit_of_work() as session:
            given = (ip_address, user_agent)
            answer = second_step.after_password(session, user_id, *given, remember=remember)
            waits = isinstance(answer, CodeNeeded)
            # Not a success yet: who reads the history should see that a password is known.
            told = "no code yet" if waits else None
            attempts.record(user_id, not waits, "password", *given, None, told)
        return answer

    @staticmethod
    def finish_sign_in(
        token: str, code: str, ip_address: str | None = None, user_agent: str | None = None
    ) -> NewSession:
        """Start the session that a code was owed for. Asks for no actor.

        Raises
        ------
        Forbidden
            If the code is wrong or used, there were too many tries, or the password was given
            too long ago.
        """
        with unit_of_work(writing=False) as session:
            step = second_step.owed(session, token)
        method, wrong = two_factor.accept(Asked(step.user_id, ip_address, user_agent), code)
        if wrong:
            raise Forbidden(wrong)
        with unit_of_work() as session:
            started = second_step.finish(session, step, ip_address, user_agent)
            attempts.record(step.user_id, True, f"password+{method}", ip_address, user_agent)
        return started

    @staticmethod
    def is_code_owed(token: str) -> bool:
        """Whether a code can still finish this sign-in. Asks for no actor."""
        with unit_of_work(writing=False) as session:
            try:
                second_step.owed(session, token)
            except Forbidden:
                return False
        return True

    @staticmethod
    def actor_of_session(token: str) -> Actor | None:
        """Whom the cookie's token stands for, or None. Asks for no actor: here one begins."""
        wanted = (
            select(UserSession, User, TwoFactor.confirmed_at, TwoFactorRole.role)
            .join(User, User.id == UserSession.user_id)
            .outerjoin(TwoFactor, TwoFactor.user_id == User.id)
            .outerjoin(TwoFactorRole, TwoFactorRole.role == User.role)
            .where(UserSession.token_hash == hashed(token), UserSession.revoked_at.is_(None))
        )
        with unit_of_work(writing=False) as session:
            row = session.execute(wanted).one_or_none()
            if row is None:
                return None
            kept, user, confirmed_at, required = row
            if user.disabled_at is not None or is_over(kept):
                return None
            owes = required is not None and confirmed_at is None
            found = Actor(user.id, user.role, frozenset(), "page", user.name, kept.id, owes)
            seen = kept.last_seen_at
        if now() - seen > SEEN_EVERY:
            with unit_of_work() as session:
                one = update(UserSession).where(UserSession.id == found.session_id)
                session.execute(one.values(last_seen_at=now()))
        return found

    @staticmethod
    def actor_of_user(user_id: int, via: str) -> Actor | None:
        """The actor that a user is, or None. Asks for no actor: here one begins."""
        with unit_of_work(writing=False) as session:
            user = session.get(User, user_id)
            if user is None or user.disabled_at is not None:
                return None
            return Actor(user.id, user.role, frozenset(), via, user.name)

    @staticmethod
    def create_session(
        user_id: int,
        ip_address: str | None = None,
        user_agent: str | None = None,
        device_type: str | None = None,
        browser: str | None = None,
        location: str | None = None,
        remember: bool = False,
    ) -> NewSession | None:
        """Start a session for a user; None if there is no such user or it is disabled."""
        actor.self_or_admin(user_id)
        with unit_of_work() as session:
            user = session.get(User, user_id)
            if user is None or user.disabled_at is not None:
                return None
            return open_session(
                session,
                user_id,
                ip_address,
                user_agent,
                remember=remember,
                device_type=device_type,
                browser=browser,
                location=location,
            )

    @staticmethod
    def list_sessions(user_id: int) -> list[SessionView]:
        """Sessions that are good now, last used first."""
        actor.self_or_admin(user_id)
        wanted = (
            select(UserSession)
            .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
            .order_by(UserSession.last_seen_at.desc())
        )
        with unit_of_work(writing=False) as session:
            return [view(kept) for kept in session.scalars(wanted) if not is_over(kept)]

    @staticmethod
    def revoke_session(session_id: int, user_id: int) -> tuple[bool, str]:
        """End a session at once: ``(success, error_message)``."""
        actor.self_or_admin(user_id)
        ended = (
            update(UserSession)
            .where(
                UserSession.id == session_id,
                UserSession.user_id == user_id,
                UserSession.revoked_at.is_(None),
            )
            .values(revoked_at=now())
            .returning(UserSession.id)
        )
        with unit_of_work() as session:
            if session.scalar(ended) is None:
                return False, "There is no such session, or it has ended already."
            events.record(session, "session.revoked", f"user:{user_id}", session_id=session_id)
        return True, ""

    @staticmethod
    def revoke_other_sessions(user_id: int) -> int:
        """End the user's sessions but the acting one; how many there were."""
        acting = actor.self_or_admin(user_id)
        with unit_of_work() as session:
            count = end_sessions(session, user_id, but=acting.session_id)
            if count:
                events.record(session, "session.others_revoked", f"user:{user_id}", count=count)
        return count

    @staticmethod
    def record_login_attempt(
        user_id: int | None,
        success: bool,
        login_method: str,
        ip_address: str | None = None,
        user_agent: str | None = None,
        location: str | None = None,
        failure_reason: str | None = None,
    ) -> None:
        """Keep what was tried. Asks for no actor: who signs in is nobody yet.

        Raises
        ------
        NotFound
            If there is no such user; None is for a name that nobody has.
        """
        attempts.record(
            user_id, success, login_method, ip_address, user_agent, location, failure_reason
        )

    @staticmethod
    def list_login_attempts(user_id: int, limit: int = 50, offset: int = 0) -> list[AttemptView]:
        """What was tried to sign in as the user, the newest first."""
        actor.self_or_admin(user_id)
        return attempts.newest(user_id, limit, offset)

    @staticmethod
    def count_login_attempts(user_id: int) -> int:
        actor.self_or_admin(user_id)
        return attempts.count(user_id)

    @staticmethod
    def generate_totp_secret() -> str:
        """32 characters of Base32 that nobody can guess."""
        actor.reader()
        return totp.new_secret()

    @staticmethod
    def setup_2fa(user_id: int) -> tuple[bool, str, str, str]:
        """Begin to set up one's authenticator: ``(success, qr_code_base64, secret, error)``.

        It counts once :meth:`confirm_2fa` has seen a code. A secret that counts is never shown.
        """
        actor.only_self(user_id)
        begun = two_factor.begin(user_id, totp.new_secret())
        return (False, "", "", two_factor.IS_ON) if begun is None else (True, *begun, "")

    @staticmethod
    def confirm_2fa(user_id: int, code: str, ip_address: str | None = None) -> tuple[bool, str]:
        """Let one's authenticator count from now on: ``(success, error_message)``.

        One's other sessions end: they began without it.
        """
        acting = actor.only_self(user_id)
        wrong = two_factor.confirm(Asked(user_id, ip_address), code)
        if not wrong:
            with unit_of_work() as session:
                end_sessions(session, user_id, but=acting.session_id)
        return not wrong, wrong

    @staticmethod
    def verify_totp(user_id: int, code: str, ip_address: str | None = None) -> tuple[bool, str]:
        """Take one of one's codes, each once: ``(success, error_message)``."""
        actor.only_self(user_id)
        wrong = two_factor.accept_totp(Asked(user_id, ip_address), code)
        return not wrong, wrong

    @staticmethod
    def generate_backup_codes(user_id: int) -> tuple[bool, list[str], str]:
        """One's backup codes anew: ``(success, codes, error_message)``. The old ones are void."""
        actor.only_self(user_id)
        codes = two_factor.new_backup_codes(user_id)
        return (False, [], two_factor.IS_OFF) if codes is None else (True, codes, "")

    @staticmethod
    def verify_backup_code(
        user_id: int, code: str, ip_address: str | None = None
    ) -> tuple[bool, str]:
        """Take one of one's backup codes and consume it: ``(success, error_message)``."""
        actor.only_self(user_id)
        wrong = two_factor.accept_backup_code(Asked(user_id, ip_address), code)
        return not wrong, wrong

    @staticmethod
    def disable_2fa(
        user_id: int, password: str, code: str, ip_address: str | None = None
    ) -> tuple[bool, str]:
        """Do without a second step, for who knows the password and has a code of either kind.

        Returns ``(success, error_message)``.
        """
        acting = actor.only_self(user_id)
        with unit_of_work(writing=False) as session:
            if two_factor.is_required(session, acting.role):
                return False, f"The role {acting.role} must have a second step."
            if not two_factor.is_on(session, user_id):
                return False, two_factor.IS_OFF
        if not is_own_password(user_id, password):
            return False, "The password is not right."
        _, wrong = two_factor.accept(Asked(user_id, ip_address), code)
        if wrong:
            return False, wrong
        with unit_of_work() as session:
            two_factor.forget(session, user_id)
            events.record(session, "security.two_factor_disabled", f"user:{user_id}")
        return True, ""
