"""Whether a request that shows a key may pass: the key is right, and not used up.

The order matters. The epoch is read before the database: whoever revokes writes the row first
and the epoch then, so a key that was read as good before its end is never remembered past it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models import APIKey, KeyEnvironment, Role, User
from models.base import now
from services.accounts import limits
from services.api_keys import secrets, windows
from services.api_keys.verified import VERIFIED, VerifiedKey
from services.api_keys.windows import Stale, Taken
from services.runtime import unit_of_work

WRONG_KEYS = limits.Limit("api-key", 30, 10 * 60)


@dataclass(frozen=True)
class Admission:
    key: VerifiedKey
    taken: Taken


def admit(text: str, ip_address: str | None, *, counted: bool = True) -> Admission | None:
    """Count a request of a key; None if it is no key that is good now.

    Not ``counted`` is what has a quota of its own.

    Raises
    ------
    RateLimited
        After too many wrong keys from this address.
    """
    remembered = VERIFIED.find(text)
    if remembered is not None:
        epoch, key = remembered
        taken = windows.take(key.id, key.prefix, key.rate_limit, epoch, counted=counted)
        if isinstance(taken, Taken) and not _is_over(key):
            return Admission(key, taken)
        # Changed, or Valkey is away: while it is, nobody tells what was revoked.
        VERIFIED.clear() if taken is None else VERIFIED.forget(text)
    return _admit_anew(text, ip_address, counted=counted)


def verify(text: str, ip_address: str | None = None) -> VerifiedKey | None:
    """Look a key up and compare its hash, without remembering anything.

    Tries of a key that there is are counted by themselves: a program that goes on with a revoked
    key does not lock out the others of its address.
    """
    prefix = secrets.prefix_of(text)
    if prefix is None:
        return None
    key, key_hash = _find(prefix)
    address = limits.address(ip_address)
    who = address if key is None else f"{address} {prefix}"
    limits.check(WRONG_KEYS, who)
    if key is None or not secrets.is_right(text, key_hash):
        limits.count_failure(WRONG_KEYS, who)
        return None
    return None if _is_over(key) else key


def _admit_anew(text: str, ip_address: str | None, *, counted: bool) -> Admission | None:
    prefix = secrets.prefix_of(text)
    if prefix is None:
        return None
    epoch = windows.epoch(prefix)
    key = verify(text, ip_address)
    if key is None:
        return None
    if epoch is not None:
        taken = windows.take(key.id, prefix, key.rate_limit, epoch, counted=counted)
        if isinstance(taken, Taken):
            VERIFIED.keep(text, epoch, key)
            return Admission(key, taken)
        if isinstance(taken, Stale):  # it ended while we looked
            return None
    return Admission(key, windows.take_local(key.id, key.rate_limit, counted=counted))


def _find(prefix: str) -> tuple[VerifiedKey | None, str]:
    """The key with this beginning and its hash, unless it or its owner has ended."""
    wanted = (
        select(APIKey, User)
        .join(User, User.id == APIKey.user_id)
        .where(APIKey.prefix == prefix, APIKey.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    with unit_of_work(writing=False) as session:
        row = session.execute(wanted).one_or_none()
        return (None, "") if row is None else (_view(*row), row[0].key_hash)


def _view(key: APIKey, user: User) -> VerifiedKey:
    reads_only = key.environment is KeyEnvironment.TEST
    return VerifiedKey(
        id=key.id,
        prefix=key.prefix,
        name=key.name,
        user_id=user.id,
        user_name=user.name,
        role=Role.VIEWER if reads_only else user.role,
        scopes=frozenset(key.scopes),
        reads_only=reads_only,
        rate_limit=key.rate_limit,
        expires_at=key.expires_at,
    )


def _is_over(key: VerifiedKey) -> bool:
    return key.expires_at is not None and key.expires_at <= now()
