"""Files of detections: scores, and fitted detectors that are signed with a key of this site."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from flask import current_app

from diagnostics.errors import DetectionError
from diagnostics.tables.agreement import Agreement
from diagnostics.tables.judged import Judged
from services.errors import Conflict
from services.runtime import artefacts

SCORES = "detections"
DETECTORS = "detections"
MOST_CACHED_BYTES = 8 << 20
_DIGEST = hashlib.sha256
_PURPOSE = b"fitted detector"


def sign(content: bytes) -> bytes:
    """The content behind its signature: only what this site wrote is loaded again."""
    return _signature(content) + content


def verified(signed: bytes) -> bytes:
    """The content of a signed file.

    Raises
    ------
    Conflict
        If somebody else wrote it, or the key of this site has changed.
    """
    size = _DIGEST().digest_size
    content = signed[size:]
    if not hmac.compare_digest(signed[:size], _signature(content)):
        raise Conflict(
            "The stored detector was not written by this site, or its secret key has changed. "
            "Detect again."
        )
    return content


def load_scores(key: str) -> Judged:
    """The scores of a detection.

    Raises
    ------
    NotFound
        If the file is gone.
    Conflict
        If it is damaged.
    """
    if artefacts().size(key) <= MOST_CACHED_BYTES:
        return _cached_scores(key)
    return _scores(key)


@lru_cache(maxsize=8)
def _cached_scores(key: str) -> Judged:
    """A page asks for block after block of the same file, whose content its key names."""
    return _scores(key)


def _scores(key: str) -> Judged:
    try:
        return Judged.from_bytes(artefacts().read(key))
    except DetectionError as error:
        raise Conflict(str(error)) from error


def load_agreement(key: str) -> Agreement:
    """What algorithms of a comparison say of rows.

    Raises
    ------
    NotFound
        If the file is gone.
    Conflict
        If it is damaged.
    """
    try:
        return Agreement.from_bytes(artefacts().read(key))
    except DetectionError as error:
        raise Conflict(str(error)) from error


def _signature(content: bytes) -> bytes:
    secret: str = current_app.config["SECRET_KEY"]
    key = hmac.new(secret.encode(), _PURPOSE, _DIGEST).digest()
    return hmac.new(key, content, _DIGEST).digest()
