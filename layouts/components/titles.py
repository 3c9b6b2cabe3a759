"""What settings are called where people read them."""

from __future__ import annotations


def setting_title(name: str) -> str:
    """The name of a setting, as plans and exports have it, in words.

    Examples
    --------
    >>> setting_title("parameters.width"), setting_title("split.test")
    ('Width', 'Split: test')
    """
    text = ": ".join(name.removeprefix("parameters.").split(".")).replace("_", " ")
    return text[:1].upper() + text[1:]
