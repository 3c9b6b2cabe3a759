"""PRONOSTIA (FEMTO-ST, IEEE PHM 2012 challenge): bearings run to failure.

Every 10 s a snapshot of 2560 samples at 25.6 kHz: ``Bearing1_1/acc_00001.csv`` with hour,
minute, second, microsecond, horizontal and vertical acceleration in g, no header; one bearing
has ``;`` where the others have ``,``. The first digit of the bearing is the operating
condition, which the challenge paper gives as a nominal speed and load.

NumPy archives of one bearing (``Bearing1_1_every14.npz``) have all snapshots in one array ``acc``
of shape (snapshots, 2560, 2), their numbers in ``file_index``, and ``fs``.

The temperatures beside them (``temp_00001.csv``, 10 Hz) are no vibration and are refused: no
unit of a channel counts degrees, and a rate of 10 Hz can be compared with nothing else here.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.signal import Unit

_NAME = re.compile(
    r"(?P<bearing>Bearing(?P<condition>[1-3])_\d)[/_](?P<kind>acc|temp)_(?P<number>\d{5})\.csv",
    re.IGNORECASE,
)
_PROFILE = "profile PRONOSTIA"
_PAPER = f"{_PROFILE}: challenge paper"
_RATE = Sourced(25_600.0, _PAPER)
_G = Sourced(Unit.ACCELERATION_G, _PAPER)
_PACK = re.compile(r"(?P<bearing>Bearing(?P<condition>[1-3])_\d)(?!\d)", re.IGNORECASE)
_AXES = ("horizontal", "vertical")
_COLUMNS = 6
# By operating condition: speed in rpm, load in N.
_CONDITIONS = {1: (1800.0, 4000), 2: (1650.0, 4200), 3: (1500.0, 5000)}


def fits(source: Source) -> bool:
    """Whether the file is named as in this collection."""
    return _NAME.search(source.file_name) is not None or _is_pack(source)


def _is_pack(source: Source) -> bool:
    shapes = _shapes(source)
    return (
        _PACK.search(source.stem) is not None
        and len(shapes.get("acc", ())) == len(_AXES) + 1
        and shapes["acc"][2] == len(_AXES)
        and shapes.get("file_index") == shapes["acc"][:1]
        and "fs" in source.contents.scalars
    )


def _shapes(source: Source) -> dict[str, tuple[int, ...]]:
    return {v.name: v.shape for v in source.contents.variables}


def propose(source: Source) -> list[ProposedRecording]:
    """Each snapshot of the file: one recording with both axes.

    Raises
    ------
    FileFormatError
        If the file is not named so, has other columns, or holds temperatures.
    """
    if _is_pack(source):
        return _from_pack(source)
    name = _NAME.search(source.file_name)
    if name is None:
        raise FileFormatError(
            "The file is not named as PRONOSTIA files are (Bearing1_1/acc_00001.csv)."
        )
    if name["kind"].lower() == "temp":
        raise FileFormatError(
            "These are temperatures of a PRONOSTIA bearing, taken at 10 Hz. Only its "
            "vibration (acc files) becomes recordings; leave the temp files out."
        )
    columns = list(source.contents.arrays)
    if len(columns) != _COLUMNS:
        raise FileFormatError(
            "A PRONOSTIA snapshot has 6 columns (hour, minute, second, microsecond, horizontal, "
            f"vertical), got {len(columns)}."
        )
    channels = tuple(
        ProposedChannel(axis, column, 0, _G)
        for axis, column in zip(_AXES, columns[4:], strict=True)
    )
    clock = [source.contents.arrays[column]() for column in columns[:4]]
    bearing = "Bearing" + name["bearing"][7:]
    title = f"{bearing} acc_{name['number']}"
    count = clock[0].size
    return [
        ProposedRecording(
            "", title, count, channels, _RATE, _facts(bearing), _attributes(name, clock)
        )
    ]


def _from_pack(source: Source) -> list[ProposedRecording]:
    found = _PACK.search(source.stem)
    bearing = f"Bearing{found['bearing'][7:]}" if found else ""
    rate = Sourced(float(source.contents.scalars["fs"]), "variable fs")
    samples = _shapes(source)["acc"][1]
    period = source.contents.scalars.get("period_s")
    recordings = []
    for position, number in enumerate(source.contents.arrays["file_index"]().tolist()):
        key = f"acc_{int(number):05d}"
        channels = tuple(
            ProposedChannel(axis, "acc", row, _G, recording=position)
            for row, axis in enumerate(_AXES)
        )
        attributes: dict[str, Sourced[str | float]] = {
            "condition": Sourced(float(bearing[7]), "file name"),
            "snapshot": Sourced(float(number), "variable file_index"),
        }
        if isinstance(period, float):
            # The first snapshot begins the test.
            attributes["elapsed_s"] = Sourced(period * (number - 1), "variables of the file")
        recordings.append(
            ProposedRecording(
                key, f"{bearing} {key}", samples, channels, rate, _facts(bearing), attributes
            )
        )
    return recordings


def _facts(bearing: str) -> dict[str, Sourced[str | float]]:
    condition = int(bearing[7])
    speed_rpm, load_n = _CONDITIONS[condition]
    said = f"operating condition {condition} of the challenge paper"
    return {
        "machine": Sourced("PRONOSTIA", _PROFILE),
        "bearing": Sourced(bearing, "file name"),
        "bearing_type": Sourced("NSK 6804DD", _PAPER),
        "speed_rpm": Sourced(speed_rpm, f"nominal: {said}"),
        "load": Sourced(f"{load_n} N", f"nominal: {said}"),
    }


def _attributes(
    name: re.Match[str], clock: list[NDArray[np.float64]]
) -> dict[str, Sourced[str | float]]:
    hour, minute, second, micro = (float(column.ravel()[0]) for column in clock)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61 and 0 <= micro < 1e6):
        raise FileFormatError(
            "The first four columns are not hour, minute, second and microsecond, as PRONOSTIA "
            "files have them."
        )
    taken = f"{hour:02.0f}:{minute:02.0f}:{second:02.0f}.{micro:06.0f}"
    return {
        "condition": Sourced(float(name["condition"]), "file name"),
        "snapshot": Sourced(float(name["number"]), "file name"),
        "time_of_day": Sourced(taken, "columns 1 to 4 of the first row"),
    }


PRONOSTIA = Profile("pronostia", "PRONOSTIA (IEEE PHM 2012)", fits, propose)
