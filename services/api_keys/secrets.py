"""The text of a key: ``sk_live_`` or ``sk_test_``, 43 random characters, and a checksum of 6.

The checksum tells a mistyped key from a wrong one without asking the database. The random part
holds 256 bits, so nobody guesses it, and the slow hash need not be very slow.
"""

from __future__ import annotations

import re
import secrets
import string
import zlib
from typing import NamedTuple

import bcrypt

RANDOM_BYTES = 32  # 43 characters
SHOWN = 8  # so many of them stand in the prefix that finds the row
CHECK_LENGTH = 6
ROUNDS = 8
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
SHAPE = re.compile(r"(sk_(?:live|test)_)([\w-]{43})([0-9A-Za-z]{6})", re.ASCII)
# A key anywhere in a text, also one that is not whole.
ANYWHERE = re.compile(r"sk_(?:live|test)_[\w-]+", re.ASCII)


class NewKey(NamedTuple):
    text: str
    prefix: str
    key_hash: str


def make(environment: str) -> NewKey:
    body = f"sk_{environment}_{secrets.token_urlsafe(RANDOM_BYTES)}"
    text = body + checksum(body)
    return NewKey(
        text, _prefix(body), bcrypt.hashpw(text.encode(), bcrypt.gensalt(ROUNDS)).decode()
    )


def prefix_of(text: str) -> str | None:
    """The beginning by which a key is found; None if the text cannot be a key."""
    found = SHAPE.fullmatch(text)
    if found is None or checksum(found[1] + found[2]) != found[3]:
        return None
    return _prefix(text)


def is_right(text: str, key_hash: str) -> bool:
    return bcrypt.checkpw(text.encode(), key_hash.encode())


def checksum(body: str) -> str:
    """CRC-32 as six digits to the base 62.

    Examples
    --------
    >>> checksum(""), checksum("123456789")  # 0 and 0xCBF43926
    ('000000', '3jZRME')
    """
    number, text = zlib.crc32(body.encode()), ""
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def _prefix(body: str) -> str:
    return body[: len("sk_live_") + SHOWN]
