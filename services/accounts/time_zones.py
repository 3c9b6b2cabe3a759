"""The time zones that a person may choose."""

from __future__ import annotations

import zoneinfo
from functools import cache

# Names of the IANA database that are no place on earth.
NOT_PLACES = ("Etc/", "posix/", "right/", "SystemV/")


@cache
def zones() -> tuple[str, ...]:
    """UTC and all places, by name."""
    there = zoneinfo.available_timezones()
    # Those with a slash are places; the others are old names for some of them.
    places = [name for name in there if "/" in name and not name.startswith(NOT_PLACES)]
    return ("UTC", *sorted(places))
