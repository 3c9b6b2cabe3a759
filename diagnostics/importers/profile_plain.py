"""Any file: arrays of one length are channels, and only what the file says is taken over."""

from __future__ import annotations

import re
from itertools import groupby

import numpy as np

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import MAX_CHANNELS, Contents, is_signal_shape
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.signal import Unit

_RATE_NAMES = re.compile(
    r"(^|[._ ])(fs|sr|samp(le|ling)?_?(rate|freq(uency)?)(_?hz)?)$", re.IGNORECASE
)
_SPEED_NAMES = re.compile(r"(^|[._ \d])(rpm|speed_?rpm|shaft_?rpm)$", re.IGNORECASE)
_LABEL_NAMES = re.compile(r"(^|[._ ])(label|fault|fault_?type|class)$", re.IGNORECASE)
_TIME_NAME = re.compile(r"(time|t|seconds?|sec)(?![a-z0-9])", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$")
_HIGHEST_RPM = 1e6
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6}
_UNITS = {
    "g": Unit.ACCELERATION_G,
    "m/s²": Unit.ACCELERATION,
    "m/s2": Unit.ACCELERATION,
    "m/s^2": Unit.ACCELERATION,
    "mm/s": Unit.VELOCITY,
    "µm": Unit.DISPLACEMENT,
    "um": Unit.DISPLACEMENT,
    "v": Unit.VOLTAGE,
    "a": Unit.CURRENT,
    "pa": Unit.PRESSURE,
}


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
    groups = _groups(channels, shapes, source.one_array_each)
    facts = _facts(contents)
    found = []
    for names in groups:
        key = names[0] if len(groups) > 1 else ""
        title = f"{source.stem} {key}".strip()
        rows = _channels(names, shapes)[:MAX_CHANNELS]
        found.append(ProposedRecording(key, title, max(shapes[names[0]]), rows, rate, facts))
    return found


def unit_in(name: str) -> Unit | None:
    """The unit that a name ends with in brackets.

    Examples
    --------
    >>> unit_in("DE [g]"), unit_in("DE")
    (<Unit.ACCELERATION_G: 'g'>, None)
    """
    found = _BRACKETS.search(name)
    return _UNITS.get(found[1].lower()) if found else None


def _groups(names: list[str], shapes: dict[str, tuple[int, ...]], apart: bool) -> list[list[str]]:
    if apart:
        return [[name] for name in names]
    by_length = sorted(names, key=lambda name: max(shapes[name]))
    grouped = groupby(by_length, key=lambda name: max(shapes[name]))
    groups = [sorted(group, key=names.index) for _, group in grouped]
    return sorted(groups, key=lambda group: names.index(group[0]))


def _channels(names: list[str], shapes: dict[str, tuple[int, ...]]) -> tuple[ProposedChannel, ...]:
    channels = []
    for name in names:
        shape = shapes[name]
        rows = min(shape) if len(shape) == 2 else 1
        unit = unit_in(name)
        sourced = Sourced(unit, f"name of {name}") if unit else None
        for row in range(rows):
            title = name if rows == 1 else f"{name} {row + 1}"
            channels.append(ProposedChannel(title, name, row, sourced))
    return tuple(channels)


def _rate(contents: Contents, usable: list[str]) -> Sourced[float] | None:
    for name, value in contents.scalars.items():
        if _RATE_NAMES.search(name) and isinstance(value, float) and value > 0:
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
