"""Gearbox fault diagnosis data (SpectraQuest simulator, OpenEI submission 623).

``h30hz0.csv`` to ``b30hz90.csv``: a healthy gearbox or one with a broken tooth, the shaft at
30 Hz, the load in percent; four accelerometers in four directions, columns ``a1`` to ``a4``. The
description of the data gives neither the sampling rate nor the unit: both must be typed.
"""

from __future__ import annotations

import re

from diagnostics.errors import FileFormatError
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source

_NAME = re.compile(r"(^|/)(?P<state>[hb])(?P<shaft>\d{2})hz(?P<load>\d{1,2})\.[a-z.]+$", re.I)
_SENSORS = ("a1", "a2", "a3", "a4")
_PROFILE = "profile gearbox"
_STATES = {"h": "healthy", "b": "broken tooth"}


def fits(source: Source) -> bool:
    """Whether name and columns are those of this collection."""
    return _NAME.search(source.file_name) is not None and _columns(source) is not None


def propose(source: Source) -> list[ProposedRecording]:
    """One recording with the four sensors.

    Raises
    ------
    FileFormatError
        If the file is not named so or the sensors are not there.
    """
    name, columns = _NAME.search(source.file_name), _columns(source)
    if name is None or columns is None:
        raise FileFormatError(
            "Files of the gearbox data are named such as h30hz0.csv and have the columns "
            f"{', '.join(_SENSORS)}."
        )
    channels = tuple(
        ProposedChannel(f"sensor {number}", column, 0, None)
        for number, column in enumerate(columns, start=1)
    )
    state = _STATES[name["state"].lower()]
    load, shaft_hz = float(name["load"]), float(name["shaft"])
    facts: dict[str, Sourced[str | float]] = {
        "label": Sourced(state, "file name"),
        "machine": Sourced("SpectraQuest gearbox simulator", _PROFILE),
        # There is one gear of each state: a split that parts it would only measure memory.
        "bearing": Sourced(f"gearbox, {state}", f"{_PROFILE}: one gearbox per state"),
        "speed_rpm": Sourced(60 * shaft_hz, f"nominal: {shaft_hz:g} Hz in the file name"),
        "load": Sourced(f"{load:g} %", "file name"),
    }
    attributes: dict[str, Sourced[str | float]] = {"load_percent": Sourced(load, "file name")}
    count = next(max(v.shape) for v in source.contents.variables if v.name == columns[0])
    title = source.stem.partition(".")[0]
    return [ProposedRecording("", title, count, channels, None, facts, attributes)]


def _columns(source: Source) -> list[str] | None:
    """The sensors, whatever stands beside them (a copy of the data has a load column)."""
    by_title = {name.lower(): name for name in source.contents.arrays}
    if not by_title.keys() >= set(_SENSORS):
        return None
    return [by_title[sensor] for sensor in _SENSORS]


GEARBOX = Profile("gearbox", "Gearbox fault diagnosis (OpenEI)", fits, propose)
