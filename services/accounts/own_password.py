"""Ask who is signed in for the password once more."""

from __future__ import annotations

from models import User
from services.accounts import limits
from services.accounts.passwords import is_right
from services.runtime import unit_of_work


def is_own_password(user_id: int, password: str) -> bool:
    """Whether it is; wrong ones are counted.

    Raises
    ------
    RateLimited
        After too many wrong tries.
    """
    who = f"user:{user_id}"
    limits.take(limits.SIGN_IN, who)
    with unit_of_work(writing=False) as session:
        kept = session.get_one(User, user_id).password_hash
    if not is_right(password, kept):
        return False
    limits.forget(limits.SIGN_IN, who)
    return True
