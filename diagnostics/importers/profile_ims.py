"""IMS (University of Cincinnati, NASA prognostics repository): three tests of four bearings.

A file is one second of all sensors, named for its time (``2003.10.22.12.06.24``), without
header, separated by tabs: 20 480 rows of 8 columns in the first test (two axes of each bearing),
of 4 in the second and third (one axis). The read-me of the data gives 20 kHz, 2000 rpm and
6000 lbs, and what each test ended with; it names no unit, and the values are taken as g.

A file becomes four recordings, one of each bearing: a recording belongs to one bearing, splits
keep a bearing on one side, and the faults that were found at the end are those of single
bearings. All four have the same time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from diagnostics.errors import FileFormatError
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.signal import Unit

_NAME = re.compile(r"(?<!\d)(\d{4}(\.\d{2}){5})(\.gz|\.txt)*$", re.IGNORECASE)
_TIME = "%Y.%m.%d.%H.%M.%S"
_PROFILE = "profile IMS"
_READ_ME = f"{_PROFILE}: read-me of the data"
_RATE = Sourced(20_000.0, _READ_ME)
_G = Sourced(Unit.ACCELERATION_G, f"{_PROFILE}: taken as g, since the read-me names no unit")
_BEARINGS = 4
_AXES = {8: ("x", "y"), 4: ("",)}
_SAMPLES = 20_480


@dataclass(frozen=True)
class _Test:
    """When it ran, and by bearing the fault that was found when it was over."""

    number: int
    first: str
    last: str
    ended_with: dict[int, str]


_TESTS = (
    _Test(1, "2003.10.22", "2003.11.26", {3: "inner race", 4: "rolling element"}),
    _Test(2, "2004.02.12", "2004.02.20", {1: "outer race"}),
    _Test(3, "2004.03.04", "2004.04.19", {3: "outer race"}),
)


def fits(source: Source) -> bool:
    """Whether the file is named for a time and has the columns of one of the tests."""
    shapes = [v.shape for v in source.contents.variables if v.name in source.contents.arrays]
    return (
        _NAME.search(source.file_name) is not None
        and len(shapes) in _AXES
        and set(shapes) == {(_SAMPLES,)}
    )


def propose(source: Source) -> list[ProposedRecording]:
    """A recording of each of the four bearings.

    Raises
    ------
    FileFormatError
        If the file is not named for a time or has other columns.
    """
    found = _NAME.search(source.file_name)
    columns = list(source.contents.arrays)
    if found is None or len(columns) not in _AXES:
        raise FileFormatError(
            "IMS files are named for their time (2003.10.22.12.06.24) and have 4 or 8 columns, "
            f"got {len(columns)}."
        )
    try:
        taken = datetime.strptime(found[1], _TIME)  # noqa: DTZ007 the read-me names no zone
    except ValueError as error:
        raise FileFormatError(f"“{found[1]}” is no time as IMS files are named for.") from error
    return [
        _bearing(source, found[1], taken, number, columns) for number in range(1, _BEARINGS + 1)
    ]


def _bearing(
    source: Source, name: str, taken: datetime, number: int, columns: list[str]
) -> ProposedRecording:
    axes = _AXES[len(columns)]
    first = (number - 1) * len(axes)
    own = columns[first : first + len(axes)]
    channels = tuple(
        ProposedChannel(f"bearing {number} {axis}".strip(), column, 0, _G)
        for axis, column in zip(axes, own, strict=True)
    )
    test = _test_of(taken, len(columns))
    count = next(max(v.shape) for v in source.contents.variables if v.name == columns[0])
    facts: dict[str, Sourced[str | float]] = {
        "machine": Sourced("IMS test rig", _PROFILE),
        "speed_rpm": Sourced(2000.0, f"nominal: {_READ_ME}"),
        "load": Sourced("6000 lbs", f"nominal: {_READ_ME}"),
    }
    attributes: dict[str, Sourced[str | float]] = {
        "taken_at": Sourced(taken.isoformat(sep=" "), "file name")
    }
    if test is not None:
        said = f"{', '.join(own)} of the files of test {test.number}"
        facts["bearing"] = Sourced(f"IMS test {test.number} bearing {number}", said)
        facts["bearing_type"] = Sourced("Rexnord ZA-2115 (double row)", _READ_ME)
        attributes["test"] = Sourced(float(test.number), "time in the file name")
        ended = test.ended_with.get(number, "no fault")
        attributes["found_at_end"] = Sourced(ended, _READ_ME)
    key = f"bearing {number}"
    return ProposedRecording(key, f"{name} {key}", count, channels, _RATE, facts, attributes)


def _test_of(taken: datetime, columns: int) -> _Test | None:
    """By the time; a file of no known test gets no bearing, for it could be any."""
    day = taken.strftime("%Y.%m.%d")
    for test in _TESTS:
        if test.first <= day <= test.last and (columns == 8) == (test.number == 1):
            return test
    return None


IMS = Profile("ims", "IMS bearings (NASA)", fits, propose)
