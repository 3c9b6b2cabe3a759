"""Keys by which programs use the API: make, rotate, revoke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypedDict

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models import APIKey, KeyEnvironment, Role
from models.base import now
from services import actor, events
from services.api_keys import admission, secrets, windows
from services.api_keys import scopes as scope_table
from services.api_requests import log as request_log
from services.api_requests.reading import Sums, key_usage
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.runtime import after_commit, unit_of_work

RATE_LIMIT = 1000
MOST_KEYS = 50
LONGEST_NAME = 80
LONGEST_LIFE_DAYS = 3650
LONGEST_OVERLAP_HOURS = 30 * 24
# Requests in an hour that somebody may allow; an admin may open the way for a whole plant.
MOST_RATE, MOST_RATE_OF_ADMIN = 10_000, 10_000_000


class NewAPIKey(TypedDict):
    """``key`` is shown once; only its hash is kept."""

    key: str
    prefix: str
    api_key_id: int
    expires_at: datetime | None


class RotatedKey(NewAPIKey):
    """``old_expires_at`` is until when the old key is good beside the new one."""

    old_expires_at: datetime


class KeyUsage(TypedDict):
    total_requests: int
    error_rate: float
    avg_response_time_ms: float | None


class APIKeyService:
    """Make, rotate and revoke API keys. They belong to one person; nobody else sees them."""

    @staticmethod
    def generate_key(
        user_id: int,
        name: str,
        environment: str = "live",
        rate_limit: int = RATE_LIMIT,
        expires_in_days: int | None = None,
        scopes: list[str] | None = None,
    ) -> NewAPIKey:
        """Make a key. Without scopes it reads everything but keys,
        webhooks and the audit trail; a test key only ever reads.

        Raises
        ------
        Invalid
            If name, environment, limit, expiry or scopes are not possible.
        Conflict
            If the person has too many keys.
        Forbidden
            If a key makes one that may do more than itself.
        """
        _check_self(user_id)
        chosen = scope_table.checked(scopes)
        _check_granted(chosen)
        kind, lasts = _environment(environment), _life(expires_in_days)
        title, limit = _name(name), _rate(rate_limit)
        with unit_of_work() as session:
            if _count_good(session, user_id) >= MOST_KEYS:
                raise Conflict(f"You have {MOST_KEYS} keys. Revoke those that you do not use.")
            row, made = _insert(session, user_id, title, kind, limit, lasts, chosen)
            events.record(
                session,
                "api_key.created",
                f"api_key:{row.id}",
                user_id=user_id,
                name=title,
                prefix=row.prefix,
                scopes=chosen,
            )
            return _shown_once(made, row)

    @staticmethod
    def verify_key(api_key: str) -> APIKey | None:
        """The row of a key that is good now, or None. Asks for no actor: here one begins.

        Raises
        ------
        RateLimited
            After too many wrong keys.
        """
        found = admission.verify(api_key)
        if found is None:
            return None
        with unit_of_work(writing=False) as session:
            row = session.get(APIKey, found.id)
            if row is not None:
                session.expunge(row)
            return row

    @staticmethod
    def revoke_key(api_key_id: int, user_id: int) -> bool:
        """End a key at once, in all processes; False if there is no such key of the person, or it
        has ended already.

        Raises
        ------
        NotFound
            If the person is somebody else.
        """
        _check_self(user_id)
        with unit_of_work() as session:
            row = session.get(APIKey, api_key_id)
            if row is None or row.user_id != user_id or row.revoked_at is not None:
                return False
            row.revoked_at = now()
            _tell_processes(session, row.prefix)
            events.record(
                session,
                "api_key.revoked",
                f"api_key:{row.id}",
                user_id=user_id,
                name=row.name,
                prefix=row.prefix,
            )
        return True

    @staticmethod
    def rotate_key(api_key_id: int, user_id: int, overlap_hours: int = 24) -> RotatedKey:
        """Make a key like this one, which stays good for some hours beside it.

        Raises
        ------
        NotFound
            If the person has no such key.
        Conflict
            If it has ended, or was rotated already.
        Invalid
            If the overlap is not possible.
        """
        _check_self(user_id)
        if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
            raise Invalid(
                f"Both keys can be good for 0 to {LONGEST_OVERLAP_HOURS} hours, "
                f"not for {overlap_hours}."
            )
        with unit_of_work() as session:
            old = _own(session, api_key_id, user_id)
            _check_granted(old.scopes)
            if not _is_good(old):
                raise Conflict("This key has ended. Make a new one instead.")
            if old.replaced_by_id is not None:
                raise Conflict("This key has been rotated already. Rotate the one that follows it.")
            lasts = None if old.expires_at is None else old.expires_at - old.created_at
            row, made = _insert(
                session, user_id, old.name, old.environment, old.rate_limit, lasts, old.scopes
            )
            until = now() + timedelta(hours=overlap_hours)
            old.expires_at = until if old.expires_at is None else min(until, old.expires_at)
            old.replaced_by_id = row.id
            _tell_processes(session, old.prefix)
            events.record(
                session,
                "api_key.rotated",
                f"api_key:{old.id}",
                user_id=user_id,
                name=old.name,
                prefix=old.prefix,
                new_api_key_id=row.id,
            )
            return {**_shown_once(made, row), "old_expires_at": old.expires_at}

    @staticmethod
    def list_user_keys(user_id: int, include_inactive: bool = False) -> list[APIKey]:
        """The keys of a person, newest first; also those that have ended, if asked for."""
        _check_self(user_id)
        wanted = select(APIKey).where(APIKey.user_id == user_id).order_by(APIKey.id.desc())
        if not include_inactive:
            wanted = wanted.where(*_good())
        with unit_of_work(writing=False) as session:
            rows = list(session.scalars(wanted))
            for row in rows:
                session.expunge(row)
            return rows

    @staticmethod
    def get_key(api_key_id: int, user_id: int) -> APIKey:
        """One key.

        Raises
        ------
        NotFound
            If the person has no such key.
        """
        _check_self(user_id)
        with unit_of_work(writing=False) as session:
            row = _own(session, api_key_id, user_id)
            session.expunge(row)
            return row

    @staticmethod
    def get_key_usage_stats(api_key_id: int, hours: int = 24) -> KeyUsage:
        """Requests of the last hours, the share of them that failed, and how long they took.

        Raises
        ------
        NotFound
            If the acting person has no such key.
        """
        user_id = actor.myself()
        with unit_of_work(writing=False) as session:
            _own(session, api_key_id, user_id)
            return _usage(key_usage(session, [api_key_id], hours)[api_key_id])

    @staticmethod
    def list_usage(user_id: int, hours: int = 24) -> dict[int, KeyUsage]:
        """What :meth:`get_key_usage_stats` says, of all keys of a person by their numbers."""
        _check_self(user_id)
        mine = select(APIKey.id).where(APIKey.user_id == user_id)
        with unit_of_work(writing=False) as session:
            found = key_usage(session, list(session.scalars(mine)), hours)
        return {key_id: _usage(usage) for key_id, usage in found.items()}

    @staticmethod
    def log_usage(
        api_key_id: int,
        endpoint: str,
        method: str,
        status_code: int,
        response_time_ms: int | None = None,
    ) -> None:
        """Note a request of a key; it is written a moment later."""
        actor.worker()
        request_log.note(
            request_log.Noted(
                endpoint=endpoint,
                method=method,
                status_code=status_code,
                duration_us=(response_time_ms or 0) * 1000,
                api_key_id=api_key_id,
            )
        )


def forget_keys_of(session: Session, user_id: int) -> None:
    """Look again at the keys of a person whose account has changed, after the commit."""
    prefixes = list(session.scalars(select(APIKey.prefix).where(APIKey.user_id == user_id)))
    after_commit(session, partial(windows.bump, prefixes))


def _tell_processes(session: Session, prefix: str) -> None:
    after_commit(session, partial(windows.bump, [prefix]))


def _check_self(user_id: int) -> None:
    """Keys are the person's alone, also before an admin; a key needs the scope to touch them."""
    acting = actor.reader()
    if acting.via != "cli" and acting.user_id != user_id:
        raise NotFound("There is no such object.")


def _check_granted(wanted: Sequence[str]) -> None:
    """No key makes one that may do more than itself."""
    acting = actor.reader()
    if acting.via == "key" and not set(wanted) <= acting.scopes:
        missing = ", ".join(sorted(set(wanted) - acting.scopes))
        raise Forbidden(f"A key makes only keys that may do no more than itself; not {missing}.")


def _insert(
    session: Session,
    user_id: int,
    name: str,
    environment: KeyEnvironment,
    rate_limit: int,
    lasts: timedelta | None,
    chosen: Sequence[str],
) -> tuple[APIKey, secrets.NewKey]:
    made = secrets.make(environment.value)
    row = APIKey(
        user_id=user_id,
        name=name,
        environment=environment,
        prefix=made.prefix,
        key_hash=made.key_hash,
        scopes=list(chosen),
        rate_limit=rate_limit,
        expires_at=None if lasts is None else now() + lasts,
    )
    session.add(row)
    session.flush()
    return row, made


def _shown_once(made: secrets.NewKey, row: APIKey) -> NewAPIKey:
    return {
        "key": made.text,
        "prefix": row.prefix,
        "api_key_id": row.id,
        "expires_at": row.expires_at,
    }


def _usage(found: Sums) -> KeyUsage:
    return {
        "total_requests": found.requests,
        "error_rate": found.error_rate,
        "avg_response_time_ms": found.mean_ms,
    }


def _own(session: Session, api_key_id: int, user_id: int) -> APIKey:
    row = session.get(APIKey, api_key_id)
    if row is None or row.user_id != user_id:
        raise NotFound("There is no such API key.")
    return row


def _good() -> tuple[ColumnElement[bool], ...]:
    return (
        APIKey.revoked_at.is_(None),
        or_(APIKey.expires_at.is_(None), APIKey.expires_at > now()),
    )


def _is_good(row: APIKey) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now())


def _count_good(session: Session, user_id: int) -> int:
    mine = select(func.count()).select_from(APIKey).where(APIKey.user_id == user_id, *_good())
    return session.scalar(mine) or 0


def _environment(given: str) -> KeyEnvironment:
    try:
        return KeyEnvironment(given)
    except ValueError as error:
        raise Invalid(f"The environment is live or test, not “{given}”.") from error


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters, this one has {len(name)}.")
    if not name.isprintable():
        raise Invalid("The name has characters that cannot be shown. Type it anew.")
    return name


def _rate(given: int) -> int:
    most = MOST_RATE_OF_ADMIN if actor.reader().role is Role.ADMIN else MOST_RATE
    if not 1 <= given <= most:
        raise Invalid(f"You can allow a key 1 to {most} requests in an hour, not {given}.")
    return given


def _life(days: int | None) -> timedelta | None:
    if days is None:
        return None
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise Invalid(f"A key is good for 1 to {LONGEST_LIFE_DAYS} days or for ever, not {days}.")
    return timedelta(days=days)
