"""The second step: an authenticator's codes and backup codes. The callers check who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import BackupCode, Role, TwoFactor, TwoFactorRole, User
from models.base import now
from services import actor, events
from services.accounts import attempts, backup_codes, limits, totp
from services.actor import Actor
from services.errors import RateLimited
from services.runtime import unit_of_work
from services.sealing import seal, unseal

TOTP, BACKUP_CODE = "totp", "backup_code"
WRONG_CODE = "This code is not right, or it has been used. Wait for the next one."
WRONG_BACKUP_CODE = "This backup code is not right, or it has been used."
IS_ON = "The second step is on already. Turn it off before you set up another authenticator."
IS_OFF = "The second step is not set up."


@dataclass(frozen=True)
class Asked:
    """Whose code is being tried, and from where."""

    user_id: int
    ip_address: str | None = None
    user_agent: str | None = None

    @property
    def counted_as(self) -> tuple[str, ...]:
        person = f"user:{self.user_id}"
        return (person, limits.address(self.ip_address)) if self.ip_address else (person,)


def is_on(session: Session, user_id: int) -> bool:
    kept = session.get(TwoFactor, user_id)
    return kept is not None and kept.confirmed_at is not None


def is_required(session: Session, role: Role) -> bool:
    return session.get(TwoFactorRole, role) is not None


def codes_left(session: Session, user_id: int) -> int:
    unused = select(func.count()).where(BackupCode.user_id == user_id, BackupCode.used_at.is_(None))
    return session.scalar(unused) or 0


def begin(user_id: int, secret: str) -> tuple[str, str] | None:
    """Keep a secret until it is confirmed; picture and secret, or None if one counts already."""
    unconfirmed = TwoFactor.user_id == user_id, TwoFactor.confirmed_at.is_(None)
    with unit_of_work() as session:
        name = session.get_one(User, user_id).name
        # Another one each time: nobody who saw an earlier one can have it confirmed.
        session.execute(delete(TwoFactor).where(*unconfirmed))
        try:
            with unit_of_work():  # a savepoint: the row of one that counts is still there
                session.add(TwoFactor(user_id=user_id, secret=seal(secret)))
                session.flush()
        except IntegrityError:
            return None
        return totp.picture(secret, name), totp.grouped(secret)


def confirm(asked: Asked, code: str) -> str:
    """Let the secret count from now on; what is wrong, or nothing."""
    sealed = _sealed_secret(asked.user_id, confirmed=False)
    if sealed is None:
        return "There is nothing to confirm. Begin the set-up again."
    return _tried(asked, TOTP, WRONG_CODE, lambda: _confirm(asked.user_id, sealed, code))


def accept(asked: Asked, code: str) -> tuple[str, str]:
    """Take a code of either kind: the method, and what is wrong, if anything is."""
    if totp.is_code(code):
        return TOTP, accept_totp(asked, code)
    return BACKUP_CODE, accept_backup_code(asked, code)


def accept_totp(asked: Asked, code: str) -> str:
    """Take an authenticator's code, each time step once; what is wrong, or nothing."""
    sealed = _sealed_secret(asked.user_id, confirmed=True)
    if sealed is None:
        return IS_OFF
    return _tried(asked, TOTP, WRONG_CODE, lambda: _use_step(asked.user_id, sealed, code))


def accept_backup_code(asked: Asked, code: str) -> str:
    """Take a backup code and consume it; what is wrong, or nothing."""
    return _tried(
        asked, BACKUP_CODE, WRONG_BACKUP_CODE, lambda: _use_backup_code(asked.user_id, code)
    )


def new_backup_codes(user_id: int) -> list[str] | None:
    """A fresh set in the place of the old one; None for who has no authenticator."""
    codes, salt = backup_codes.new_codes(), backup_codes.new_salt()
    hashes = [backup_codes.hashed(code, salt) for code in codes]
    with unit_of_work() as session:
        if not backup_codes.replace(session, user_id, salt, hashes):
            return None
        events.record(session, "security.backup_codes_made", f"user:{user_id}")
    return codes


def forget(session: Session, user_id: int) -> bool:
    """Take authenticator and backup codes away; whether there was an authenticator."""
    session.execute(delete(BackupCode).where(BackupCode.user_id == user_id))
    gone = delete(TwoFactor).where(TwoFactor.user_id == user_id).returning(TwoFactor.confirmed_at)
    return session.scalar(gone) is not None


def _sealed_secret(user_id: int, *, confirmed: bool) -> str | None:
    with unit_of_work(writing=False) as session:
        kept = session.get(TwoFactor, user_id)
        fits = kept is not None and (kept.confirmed_at is not None) == confirmed
        return kept.secret if kept is not None and fits else None


def _tried(asked: Asked, method: str, wrong: str, is_right: Callable[[], bool]) -> str:
    """Ask ``is_right`` if there are tries left; what is wrong, or nothing."""
    try:
        left = limits.take(limits.SECOND_STEP, *asked.counted_as)
    except RateLimited as error:
        return error.message
    if is_right():
        person, *places = asked.counted_as
        limits.forget(limits.SECOND_STEP, person)
        limits.give_back(limits.SECOND_STEP, *places)
        return ""
    given = (asked.user_id, False, method, asked.ip_address, asked.user_agent)
    attempts.record(*given, failure_reason="wrong code")
    if left == 0:
        with unit_of_work() as session, _known(session, asked.user_id):
            address = asked.ip_address
            subject = f"user:{asked.user_id}"
            events.record(session, "security.second_step_locked", subject, ip_address=address)
    return wrong


def _confirm(user_id: int, sealed: str, code: str) -> bool:
    step = totp.step_of(unseal(sealed), code)
    if step is None:
        return False
    confirmed = (
        update(TwoFactor)
        .where(
            TwoFactor.user_id == user_id,
            TwoFactor.confirmed_at.is_(None),
            TwoFactor.secret == sealed,
        )
        .values(confirmed_at=now(), last_step=step)
        .returning(TwoFactor.user_id)
    )
    with unit_of_work() as session, _known(session, user_id):
        if session.scalar(confirmed) is None:
            return False  # begun again elsewhere in the meantime
        events.record(session, "security.two_factor_enabled", f"user:{user_id}")
    return True


def _use_step(user_id: int, sealed: str, code: str) -> bool:
    """Take the time step of a code, unless it or a later one has been taken."""
    step = totp.step_of(unseal(sealed), code)
    if step is None:
        return False
    used = (
        update(TwoFactor)
        .where(
            TwoFactor.user_id == user_id,
            TwoFactor.secret == sealed,
            TwoFactor.confirmed_at.is_not(None),
            func.coalesce(TwoFactor.last_step, 0) < step,
        )
        .values(last_step=step)
        .returning(TwoFactor.user_id)
    )
    with unit_of_work() as session:
        return session.scalar(used) is not None


def _use_backup_code(user_id: int, code: str) -> bool:
    with unit_of_work(writing=False) as session:
        kept = session.get(TwoFactor, user_id)
        salt = kept.backup_salt if kept is not None and kept.confirmed_at is not None else None
    code_hash = backup_codes.hashed(code, salt)  # slow on purpose, so before the write lock
    with unit_of_work() as session, _known(session, user_id):
        row_id = backup_codes.matching(session, user_id, code_hash)
        if salt is None or row_id is None or not backup_codes.consume(session, row_id):
            return False
        left = codes_left(session, user_id)
        events.record(session, "security.backup_code_used", f"user:{user_id}", left=left)
    return True


@contextmanager
def _known(session: Session, user_id: int) -> Iterator[None]:
    """Act as the person where nobody is acting: who signs in is nobody yet."""
    acting = actor.present()
    if acting is None:
        user = session.get_one(User, user_id)
        acting = Actor(user.id, user.role, frozenset(), "sign-in", user.name)
    with actor.acting_as(acting):
        yield
