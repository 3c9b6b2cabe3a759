"""Which sources a session may name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import Source
from services.errors import InvalidField


def check_source(session: Session, source_id: str | None) -> None:
    """See that a source exists, where one is named.

    Raises
    ------
    Invalid
        If it does not.
    """
    if source_id is not None and session.get(Source, source_id) is None:
        raise InvalidField("source_id", f"there is no source “{source_id}”; leave it out.")
