"""Passwords: which are good enough, and how they are kept."""

from __future__ import annotations

import base64
import hashlib

import bcrypt

from services.errors import Invalid

SHORTEST, LONGEST = 12, 128
ROUNDS = 12
GOOD_ENOUGH = 3  # of 4: "safely unguessable" against a slow hash, in the words of zxcvbn


def check_strength(password: str, *about: str) -> None:
    """Refuse what can be guessed.

    Raises
    ------
    Invalid
        With what is wrong and what to do.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            f"A password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}."
        )
    from zxcvbn import zxcvbn  # its word lists are large, and few requests need them

    verdict = zxcvbn(password, user_inputs=[*about, "rotorscope"], max_length=LONGEST)
    if verdict["score"] < GOOD_ENOUGH:
        advice = " ".join([verdict["feedback"]["warning"], *verdict["feedback"]["suggestions"]])
        raise Invalid(f"This password is easy to guess. {advice}".strip())


def hash_password(password: str) -> str:
    return bcrypt.hashpw(_prepared(password), bcrypt.gensalt(ROUNDS)).decode()


def is_right(password: str, password_hash: str | None) -> bool:
    """Constant in time whether there is an account or not, so that names cannot be tried."""
    known = password_hash or _NOBODY
    matches = bcrypt.checkpw(_prepared(password), known.encode())
    return matches and password_hash is not None


def _prepared(password: str) -> bytes:
    # bcrypt reads 72 bytes; a digest first makes every character of a long one count.
    return base64.b64encode(hashlib.sha256(password.encode()).digest())


_NOBODY = "$2b$12$" + "." * 22 + "x" * 31
