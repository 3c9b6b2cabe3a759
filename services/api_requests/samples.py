"""Parts of bodies that may be kept to look at: short, and without what is secret."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from services.api_keys import secrets

HIDDEN = "(hidden)"
SECRET = re.compile(r"passw|secret|token|key|authori|cookie|credential|code|otp", re.IGNORECASE)
LARGEST_BODY = 64 * 1024
MOST_ENTRIES = 20
LONGEST_TEXT = 200
DEEPEST = 4


def sample(body: bytes) -> dict[str, Any] | None:
    """The beginning of a JSON body; None if it is none, or too large to look into.

    Examples
    --------
    >>> sample(b'{"name": "a", "api_key": "sk_live_x", "of": {"note": "see sk_test_y"}}')
    {'name': 'a', 'api_key': '(hidden)', 'of': {'note': 'see (hidden)'}}
    """
    if not body or len(body) > LARGEST_BODY:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    short = _short(found, DEEPEST)
    return short if isinstance(short, dict) else {"items": short}


def storable(text: str) -> str:
    """A text that databases take: halves of characters and zeros become question marks.

    Examples
    --------
    >>> storable("no such unit: \\ud800\\x00")
    'no such unit: ??'
    """
    return text.replace("\0", "?").encode(errors="replace").decode()


def _short(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return storable(secrets.ANYWHERE.sub(HIDDEN, value)[:LONGEST_TEXT])
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # Python reads it as JSON, and no database does
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, list):
        return [_short(one, depth - 1) for one in value[:MOST_ENTRIES]]
    return {
        storable(str(name)[:LONGEST_TEXT]): HIDDEN
        if SECRET.search(str(name))
        else _short(one, depth - 1)
        for name, one in list(value.items())[:MOST_ENTRIES]
    }
