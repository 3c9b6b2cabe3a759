"""What may be said of a source."""

from __future__ import annotations

from collections.abc import Sequence

from models import SourceKind
from services.errors import InvalidField

LONGEST_NAME = 255
LONGEST_DESCRIPTION = 2000
MOST_CODES = 20
LONGEST_CODE = 40


def checked_kind(kind: str) -> SourceKind:
    try:
        return SourceKind(kind)
    except ValueError as error:
        known = ", ".join(one.value for one in SourceKind)
        raise InvalidField("kind", f"there are {known}; got “{kind:.40}”.") from error


def checked_name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise InvalidField("name", f"1 to {LONGEST_NAME} characters that can be shown.")
    return clean


def checked_description(text: str) -> str:
    if len(text) > LONGEST_DESCRIPTION:
        raise InvalidField("description", f"at most {LONGEST_DESCRIPTION:,} characters.")
    return text.replace("\x00", "").strip()


def checked_codes(codes: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(str(code).strip() for code in codes))
    if len(found) > MOST_CODES or any(not 0 < len(one) <= LONGEST_CODE for one in found):
        raise InvalidField(
            "missing_codes", f"at most {MOST_CODES}, each of 1 to {LONGEST_CODE} characters."
        )
    return found


def checked_time(column: str | None) -> str | None:
    if column and (len(column) > LONGEST_NAME or not column.isprintable()):
        raise InvalidField("time_column", "the name of a column, or nothing.")
    return column
