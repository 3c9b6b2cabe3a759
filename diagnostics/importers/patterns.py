"""Patterns such as ``{label}_{load_hp}.mat`` that take values out of a file name.

A pattern is matched from left to right without ever going back, so that no pattern, however
odd, can keep the program busy; regular expressions give no such promise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.errors import DiagnosticsError

MAX_LENGTH = 200
_PLACE = re.compile(r"\{(?P<name>[a-z][a-z0-9_]{0,31})(:(?P<kind>[a-z]+))?\}|(?P<star>\*)")
_KINDS = ("text", "letters", "digits")


class PatternError(DiagnosticsError):
    """A pattern that cannot be used."""


@dataclass(frozen=True)
class _Place:
    """A gap in the pattern; nameless for ``*``."""

    name: str
    kind: str


@dataclass(frozen=True)
class Pattern:
    """Texts and places in turn, beginning and ending with a text (which may be empty)."""

    texts: tuple[str, ...]
    places: tuple[_Place, ...]
    folders: bool

    def match(self, path: str) -> dict[str, str] | None:
        """What stands at the places, or None when the pattern does not fit.

        Parameters
        ----------
        path : str
            With ``/`` between folders. A pattern without ``/`` looks at the last part only.

        Examples
        --------
        >>> parse_pattern("{label}/{size:digits}_*.mat").match("ball/007_1.mat")
        {'label': 'ball', 'size': '007'}
        >>> parse_pattern("{label}_{load}.mat").match("normal.mat") is None
        True
        """
        subject = "/".join(path.split("/")[-1 - self._depth() :]) if self.folders else _last(path)
        if not subject.lower().startswith(self.texts[0].lower()):
            return None
        found: dict[str, str] = {}
        position = len(self.texts[0])
        for number, place in enumerate(self.places):
            is_last = number == len(self.places) - 1
            end = self._end(subject, position, place.kind, self.texts[number + 1], is_last)
            if end is None:
                return None
            if place.name:
                found[place.name] = subject[position:end]
            position = end + len(self.texts[number + 1])
        return found if position == len(subject) else None

    def _depth(self) -> int:
        return "".join(self.texts).count("/")

    def _end(self, subject: str, start: int, kind: str, after: str, is_last: bool) -> int | None:
        """Where the place that begins at ``start`` ends; None when it cannot."""
        if kind != "text":
            fits = str.isalpha if kind == "letters" else str.isdigit
            end = start
            while end < len(subject) and fits(subject[end]):
                end += 1
        elif is_last:
            end = len(subject) - len(after)
        else:
            end = subject.lower().find(after.lower(), start + 1)
        follows = subject[end : end + len(after)].lower() == after.lower()
        if end <= start or not follows or "/" in subject[start:end]:
            return None
        return end


def parse_pattern(text: str) -> Pattern:
    """Understand a pattern.

    ``{name}`` takes everything up to the next text of the pattern, ``{name:letters}`` and
    ``{name:digits}`` as many of these as there are, ``*`` anything that is not kept.
    Upper and lower case are alike. With ``/`` the pattern covers folders too.

    Parameters
    ----------
    text : str
        At most 200 characters.

    Returns
    -------
    Pattern

    Raises
    ------
    PatternError
        If the pattern has no place, names one twice, or has two with nothing between them.

    Examples
    --------
    >>> parse_pattern("{label:letters}{size:digits}_{load_hp}").match("IR007_2")
    {'label': 'IR', 'size': '007', 'load_hp': '2'}
    """
    if len(text) > MAX_LENGTH:
        raise PatternError(f"The pattern has {len(text)} characters; at most {MAX_LENGTH} fit.")
    texts, places, position = [], [], 0
    for found in _PLACE.finditer(text):
        texts.append(text[position : found.start()])
        places.append(_Place(found["name"] or "", found["kind"] or "text"))
        position = found.end()
    texts.append(text[position:])
    _check(texts, places)
    return Pattern(tuple(texts), tuple(places), "/" in "".join(texts))


def _check(texts: list[str], places: list[_Place]) -> None:
    names = [place.name for place in places if place.name]
    if not names:
        raise PatternError("The pattern needs a place such as {label}.")
    if len(set(names)) < len(names):
        raise PatternError("The pattern names a place twice.")
    unknown = [place.kind for place in places if place.kind not in _KINDS]
    if unknown:
        raise PatternError(f"A place is {', '.join(_KINDS)}, got {unknown[0]}.")
    if any("{" in text or "}" in text for text in texts):
        raise PatternError(
            "A place is written {name} with small letters, digits and _, or {name:digits}."
        )
    for before, after, between in zip(places, places[1:], texts[1:-1], strict=False):
        if not between and before.kind in ("text", after.kind):
            raise PatternError(f"Put a text between {{{before.name}}} and {{{after.name}}}.")


def _last(path: str) -> str:
    return path.rpartition("/")[2]
