"""What a channel of a data set is called, whose recordings may each call it something else."""

from __future__ import annotations

from collections.abc import Sequence

from layouts.components.quantities import count

NAMED = 2
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def channel_title(place: int, names: Sequence[str]) -> str:
    """How a channel is called where people choose it.

    Parameters
    ----------
    place
        Of the channel in each recording, counted from 0.
    names
        What the recordings call it, each name once.

    Examples
    --------
    >>> channel_title(0, ["drive end"])
    'drive end'
    >>> channel_title(1, ["bearing 1 y", "bearing 2 y", "bearing 3 y", "bearing 4 y"])
    '2nd of each: bearing 1 y, bearing 2 y and 2 more'
    """
    if len(names) == 1:
        return names[0]
    return f"{ordinal(place + 1)} of each: {shortened(names)}"


def channel_told(place: int, names: Sequence[str]) -> str:
    """A sentence where recordings do not agree; empty where they do."""
    if len(names) < NAMED:
        return ""
    return (
        f"The recordings call their {ordinal(place + 1)} channel differently: {shortened(names)}. "
        "It is taken from each of them."
    )


def shortened(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    listed = ", ".join(names[:NAMED])
    return f"{listed} and {count(more)} more" if more > 0 else listed


def ordinal(number: int) -> str:
    """A number as the place in a row.

    Examples
    --------
    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = "th" if 10 < number % 100 < 14 else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"
