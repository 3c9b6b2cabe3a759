"""Tables of two fields as JSON that stays small.

A recording that is generated has some thirty facts, some of them with a value of its own: each
two of them make a table with almost as many cells as there are recordings, and a cell written
as two texts and a number takes thirty bytes. Most of these tables say nothing new: one of the
fields decides the other (a bearing its machine), or has one value. So values are written as
their places among the counted values of their field, and of a table that one field decides
only what it decides: the numbers are those of that field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

# Between the names of two fields, and between two values.
BETWEEN = "\x1f"

Values = Mapping[str, Mapping[str, int]]
Cells = Mapping[str, int]


def pack(pair: str, cells: Cells, values: Values) -> dict[str, Any]:
    """A table of two fields, smaller.

    Parameters
    ----------
    pair
        The names of both fields.
    cells
        Recordings by both values.
    values
        Recordings by the values of each field.

    Returns
    -------
    dict
        ``by`` and ``to``: the field that decides (0 or 1), and for each of its values the place
        of the other's, None where there is none, one number where it is the same for all; or
        ``cells``: both places and the number, one after the other; or ``texts``: as it was.
    """
    names = pair.split(BETWEEN)
    counted = [values.get(name, {}) for name in names]
    # In their order as texts: a database may keep an object in another.
    places = [{value: place for place, value in enumerate(sorted(one))} for one in counted]
    if len(names) != 2 or any(cell.count(BETWEEN) != 1 for cell in cells):
        return {"texts": dict(cells)}  # a text with the sign that stands between two
    found = [(tuple(cell.split(BETWEEN)), count) for cell, count in cells.items()]
    for by in sorted((0, 1), key=lambda field: len(counted[field])):
        decided = {
            both[by]: both[1 - by] for both, count in found if count == counted[by][both[by]]
        }
        if len(decided) == len(found):
            other = places[1 - by]
            told = [other[decided[v]] if v in decided else None for v in places[by]]
            return {"by": by, "to": told[0] if len(set(told)) == 1 else told}
    triples = [(places[0][both[0]], places[1][both[1]], count) for both, count in found]
    return {"cells": [number for triple in triples for number in triple]}


def unpack(pair: str, packed: Mapping[str, Any], values: Values) -> Counter[str]:
    """The cells that :func:`pack` was given; also those of a table that was kept as it is.

    Examples
    --------
    >>> values = {"bearing": {"7": 2, "8": 3}, "machine": {"1": 5}}
    >>> cells = {"7\\x1f1": 2, "8\\x1f1": 3}
    >>> pack("bearing\\x1fmachine", cells, values)
    {'by': 0, 'to': 0}
    >>> unpack("bearing\\x1fmachine", {"by": 0, "to": 0}, values) == cells
    True
    """
    if "texts" in packed:
        return Counter(packed["texts"])
    if not {"by", "cells"} & set(packed):
        return Counter(packed)  # kept before tables were packed
    first, second = (values[name] for name in pair.split(BETWEEN))
    texts = [sorted(first), sorted(second)]
    if "cells" in packed:
        told = iter(packed["cells"])
        return Counter(
            {
                texts[0][one] + BETWEEN + texts[1][other]: count
                for one, other, count in zip(told, told, told, strict=True)
            }
        )
    by, to = packed["by"], packed["to"]
    decides = (first, second)[by]
    places = to if isinstance(to, list) else [to] * len(decides)
    found: Counter[str] = Counter()
    for value, place in zip(texts[by], places, strict=True):
        if place is not None:
            both = (value, texts[1 - by][place])
            found[BETWEEN.join(both if by == 0 else both[::-1])] = decides[value]
    return found
