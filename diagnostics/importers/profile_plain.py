"""Any file: arrays of one length are channels, and only what the file says is taken over."""

from __future__ import annotations

import re

import numpy as np

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import MAX_CHANNELS, Contents, is_signal_shape
from diagnostics.importers.declared import RATE_NAMES, Declared, spelling, unit_word
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.signal import Unit

_SPEED_NAMES = re.compile(r"(^|[._ \d])(rpm|speed_?rpm|shaft_?rpm)$", re.IGNORECASE)
_LABEL_NAMES = re.compile(r"(^|[._ ])(label|fault|fault_?type|class)$", re.IGNORECASE)
_TIME_NAME = re.compile(r"(time|t|seconds?|sec)(?![a-z0-9])", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$")
_HIGHEST_RPM = 1e6
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6}


def propose(source: Source) -> list[ProposedRecording]:
    """Recordings of arrays of one length each; arrays of an archive stay apart.

    Raises
    ------
    FileFormatError
        If no array has the shape of a recording.
    """
    contents = source.contents
    shapes = {v.name: v.shape for v in contents.variables if v.name in contents.arrays}
    usable = [name for name, shape in shapes.items() if is_signal_shape(shape)]
    if not usable:
        raise FileFormatError(_why_nothing(contents))
    rate = _rate(contents, usable)
    channels = [name for name in usable if not _is_time(name)] or usable
    groups = _groups(channels, contents, shapes, source.one_array_each)
    facts = _facts(contents)
    found = []
    for names in groups:
        key = names[0] if len(groups) > 1 else ""
        title = f"{source.stem} {key}".strip()
        rows = _channels(names, contents, shapes)[:MAX_CHANNELS]
        own = _declared_rate(contents, names[0]) or rate
        found.append(ProposedRecording(key, title, max(shapes[names[0]]), rows, own, facts))
    return found


def unit_in(name: str) -> Unit | None:
    """The unit that a name ends with in brackets, when values need not be scaled to it.

    Examples
    --------
    >>> unit_in("DE [g]"), unit_in("DE")
    (<Unit.ACCELERATION_G: 'g'>, None)
    """
    meant = spelling(unit_word(name))
    return meant.unit if meant and meant.is_plain else None


def _groups(
    names: list[str], contents: Contents, shapes: dict[str, tuple[int, ...]], apart: bool
) -> list[list[str]]:
    """Names of arrays of one length and rate; several of those, and each is a recording."""
    if apart:
        return [[name] for name in names]
    groups: dict[tuple[int, float], list[str]] = {}
    for name in names:
        rate = _declared_rate(contents, name)
        groups.setdefault((max(shapes[name]), rate.value if rate else 0.0), []).append(name)
    return list(groups.values())


def _channels(
    names: list[str], contents: Contents, shapes: dict[str, tuple[int, ...]]
) -> tuple[ProposedChannel, ...]:
    channels = []
    for name in names:
        shape = shapes[name]
        rows = min(shape) if len(shape) == 2 else 1
        declared = contents.declared.get(name, Declared())
        unit, source = declared.unit, declared.unit_source
        if unit is None and (unit := unit_in(name)):
            source = f"name of {name}"
        sourced = Sourced(unit, source) if unit else None
        for row in range(rows):
            title = declared.title or name
            title = title if rows == 1 else f"{title} {row + 1}"
            channels.append(ProposedChannel(title, name, row, sourced))
    return tuple(channels)


def _declared_rate(contents: Contents, name: str) -> Sourced[float] | None:
    declared = contents.declared.get(name)
    if declared is None or declared.sample_rate_hz is None:
        return None
    return Sourced(declared.sample_rate_hz, declared.rate_source)


def _rate(contents: Contents, usable: list[str]) -> Sourced[float] | None:
    for name, value in contents.scalars.items():
        if RATE_NAMES.search(name) and isinstance(value, float) and value > 0:
            return Sourced(value, f"variable {name}")
    for name in usable:
        if _is_time(name):
            return _rate_of_time(name, contents)
    return None


def _is_time(name: str) -> bool:
    return _TIME_NAME.match(name) is not None


def _rate_of_time(name: str, contents: Contents) -> Sourced[float] | None:
    """Only when the column says that it counts seconds, and counts them evenly."""
    found = _BRACKETS.search(name)
    word = found[1] if found else re.split(r"[ _]", name)[-1]
    seconds = _SECONDS.get(word.lower())
    steps = np.diff(contents.rows(name)[0].astype(np.float64))
    if seconds is None or not np.isfinite(steps).all():
        return None
    step = float(steps.mean())
    if step <= 0 or float(np.abs(steps - step).max()) > 0.01 * step + 1e-9:
        return None
    rate = 1 / (step * seconds)
    rounded = round(rate, 3)
    return Sourced(rounded if abs(rate - rounded) < 1e-4 * rate else rate, f"steps of {name}")


def _facts(contents: Contents) -> dict[str, Sourced[str | float]]:
    facts: dict[str, Sourced[str | float]] = {}
    for name, value in contents.scalars.items():
        if isinstance(value, float) and _SPEED_NAMES.search(name) and 0 < value < _HIGHEST_RPM:
            facts.setdefault("speed_rpm", Sourced(value, f"variable {name}"))
        elif isinstance(value, str) and value and _LABEL_NAMES.search(name):
            facts.setdefault("label", Sourced(value, f"variable {name}"))
    return facts


def _why_nothing(contents: Contents) -> str:
    unread = [f"{v.name}: {v.note}" for v in contents.variables if v.note]
    shapes = [f"{v.name} {v.shape}" for v in contents.variables if not v.note]
    seen = "; ".join([*unread, *shapes][:5]) or "it is empty"
    return f"The file holds no array with the shape of a recording ({seen})."


PLAIN = Profile("plain", "Any file", lambda _: True, propose)
