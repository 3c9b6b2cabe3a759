"""Attributes of recordings as they are called on a page: a word, and the unit that its name ends
with."""

from __future__ import annotations

UNITS = {"hz": "Hz", "rpm": "rpm", "hp": "hp", "mil": "mil", "lbs": "lbs", "mm": "mm", "s": "s"}
ACRONYMS = frozenset({"BPFO", "BPFI", "BSF", "FTF"})


def title_and_unit(name: str) -> tuple[str, str]:
    """The unit is empty where the name ends with none.

    Examples
    --------
    >>> title_and_unit("load_hp"), title_and_unit("bpfo_hz"), title_and_unit("clock_position")
    (('Load', 'hp'), ('BPFO', 'Hz'), ('Clock position', ''))
    """
    words = name.split("_")
    unit = UNITS.get(words[-1], "") if len(words) > 1 else ""
    title = " ".join(words[:-1] if unit else words)
    return title.upper() if title.upper() in ACRONYMS else title.capitalize(), unit


def title_of(name: str) -> str:
    """With the unit in brackets, as of an axis or a column.

    Examples
    --------
    >>> title_of("fault_size_mil"), title_of("label")
    ('Fault size [mil]', 'Label')
    """
    title, unit = title_and_unit(name)
    return f"{title} [{unit}]" if unit else title
