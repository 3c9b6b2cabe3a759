"""Codes on paper for who has lost the authenticator; each is good once.

They are kept as slow hashes under one salt per set of codes: one hash of what was typed is
compared with all of them, so a wrong code costs as much as a right one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import BackupCode, TwoFactor
from models.base import now

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
COUNT, LENGTH, GROUP = 10, 12, 4
WORK = 2**14  # of scrypt
NO_SALT = "AAAAAAAAAAAAAAAAAAAAAA=="


def new_codes() -> list[str]:
    return [
        _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) for _ in range(COUNT)
    ]


def new_salt() -> str:
    return base64.b64encode(os.urandom(16)).decode()


def hashed(code: str, salt: str | None) -> str:
    """The hash of a code, however it was typed; as slow without a salt as with one."""
    typed = "".join(code.split()).replace("-", "").upper()[: 2 * LENGTH]
    kept = base64.b64decode(salt or NO_SALT)
    return hashlib.scrypt(
        typed.encode(errors="replace"), salt=kept, n=WORK, r=8, p=1, dklen=32
    ).hex()


def replace(session: Session, user_id: int, salt: str, hashes: list[str]) -> bool:
    """Put a set of codes in the place of the old ones; False for who has no authenticator."""
    # The row is locked first: of two sets that are made at once one stays whole.
    mine = (
        update(TwoFactor)
        .where(TwoFactor.user_id == user_id, TwoFactor.confirmed_at.is_not(None))
        .values(backup_salt=salt)
        .returning(TwoFactor.user_id)
    )
    if session.scalar(mine) is None:
        return False
    session.execute(delete(BackupCode).where(BackupCode.user_id == user_id))
    session.add_all([BackupCode(user_id=user_id, code_hash=one) for one in hashes])
    return True


def matching(session: Session, user_id: int, code_hash: str) -> int | None:
    """The row of an unused code with this hash; looks at all of them."""
    wanted = select(BackupCode.id, BackupCode.code_hash).where(
        BackupCode.user_id == user_id, BackupCode.used_at.is_(None)
    )
    found = None
    for row_id, kept in session.execute(wanted):
        if hmac.compare_digest(kept, code_hash):
            found = row_id
    return found


def consume(session: Session, row_id: int) -> bool:
    """Take the code, unless somebody else was faster."""
    used = (
        update(BackupCode)
        .where(BackupCode.id == row_id, BackupCode.used_at.is_(None))
        .values(used_at=now())
        .returning(BackupCode.id)
    )
    return session.scalar(used) is not None


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))
