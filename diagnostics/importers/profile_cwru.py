"""Case Western Reserve University Bearing Data Center: drive-end and fan-end bearing faults.

Names such as ``12k_DE_IR007_0`` (rate, place of the fault, fault type and size in mil, load
in hp) or ``OR007@6_2`` (with the clock position of an outer-race fault). The recordings of
the normal state were taken at 48 kHz, though many copies file them under 12k. Each fault type
and size is one bearing that was run at four loads: who splits by recording tests on a bearing
that was trained on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from diagnostics.errors import FileFormatError
from diagnostics.importers.preview import ProposedChannel, ProposedRecording, Sourced
from diagnostics.importers.profile import Profile, Source
from diagnostics.signals.quality import Problem, QualityWarning
from diagnostics.signals.signal import Unit

_VARIABLE = re.compile(r"X(?P<id>\d{1,4})_?(?P<place>DE|FE|BA)_time")
_NAME = re.compile(
    r"(?P<fault>IR|OR|B|normal)_?(?P<size>\d{3})?"
    r"((@|_centered_at_|_centered_)(?P<clock>\d{1,2}))?(_(?P<load>[0-3]))?$",
    re.IGNORECASE,
)
_RATE = re.compile(r"(?<!\d)(12|48)k", re.IGNORECASE)
_FAN_END = re.compile(r"(^|_)FE(_|$)")
_PLACES = {"DE": "drive end", "FE": "fan end", "BA": "base"}
_LABELS = {"IR": "inner race", "OR": "outer race", "B": "ball", "NORMAL": "normal"}
_NOMINAL_RPM = {0: 1797.0, 1: 1772.0, 2: 1750.0, 3: 1730.0}
_PROFILE = "profile CWRU"
# As the catalogue of bearings calls them: with these the lines of defects are known.
_DRIVE_END_TYPE, _FAN_END_TYPE = "SKF 6205-2RS JEM", "SKF 6203-2RS JEM"
_NORMAL_RATE_HZ = 48_000.0
_HIGHEST_RPM = 1e6
_G = Sourced(Unit.ACCELERATION_G, _PROFILE)


@dataclass(frozen=True)
class _Name:
    """What a name such as ``OR007@6_2`` says."""

    fault: str
    size_mil: float | None
    clock: str
    load_hp: int | None
    fan_end: bool
    source: str

    @property
    def bearing(self) -> str:
        end = "fan end" if self.fan_end else "drive end"
        size = f" {self.size_mil:.0f} mil" if self.size_mil else ""
        return f"{end} {_LABELS[self.fault]}{size}"

    @property
    def bearing_type(self) -> str:
        return _FAN_END_TYPE if self.fan_end else _DRIVE_END_TYPE


def fits(source: Source) -> bool:
    """Whether the variables or arrays are named as in this collection."""
    names = list(source.contents.arrays)
    if any(_VARIABLE.fullmatch(name) for name in names):
        return True
    return bool(names) and all(_NAME.fullmatch(name) for name in names)


def propose(source: Source) -> list[ProposedRecording]:
    """A recording of the measured places, or one for each array of an archive.

    Raises
    ------
    FileFormatError
        If no variable is named as in this collection.
    """
    arrays = source.contents.arrays
    if not any(_VARIABLE.fullmatch(name) for name in arrays):
        if not all(_NAME.fullmatch(name) for name in arrays) or not arrays:
            raise FileFormatError("No variable is named as in the CWRU files (X105_DE_time).")
        return [_from_archive(source, key) for key in arrays]
    numbers = dict.fromkeys(m["id"] for n in arrays if (m := _VARIABLE.fullmatch(n)))
    return [_from_matlab(source, number, len(numbers) > 1) for number in numbers]


def _from_matlab(source: Source, number: str, several: bool) -> ProposedRecording:
    contents = source.contents
    shapes = {v.name: v.shape for v in contents.variables}
    places = [
        (name, m["place"])
        for name in contents.arrays
        if (m := _VARIABLE.fullmatch(name)) and m["id"] == number
    ]
    longest = max(max(shapes[name]) for name, _ in places)
    channels = tuple(
        ProposedChannel(_PLACES[place], name, 0, _G)
        for name, place in places
        if max(shapes[name]) == longest
    )
    name = _read_name(source.stem, "file name")
    key = f"X{number}" if several else ""
    recording = ProposedRecording(key, f"{source.stem} {key}".strip(), longest, channels)
    measured = contents.scalars.get(f"X{number}RPM")
    speed = None
    if isinstance(measured, float) and 0 < measured < _HIGHEST_RPM:
        speed = Sourced(measured, f"variable X{number}RPM")
    return _described(recording, name, _file_rate(source), speed)


def _from_archive(source: Source, key: str) -> ProposedRecording:
    shapes = {v.name: v.shape for v in source.contents.variables}
    channels = (ProposedChannel("drive end", key, 0, _G),)
    recording = ProposedRecording(key, key, max(shapes[key]), channels)
    name = _read_name(key, "name of the array")
    for table, rows in source.companions.items():
        for row in rows:
            if row.get("record") == key:
                rate = _number(row, "fs", table)
                speed = _number(row, "rpm_measured", table)
                described = _described(recording, name, rate, speed)
                return _check_length(described, row, table)
    return _described(recording, name, _file_rate(source), None)


def _described(
    recording: ProposedRecording,
    name: _Name | None,
    rate: Sourced[float] | None,
    speed: Sourced[float] | None,
) -> ProposedRecording:
    facts: dict[str, Sourced[str | float]] = {}
    attributes: dict[str, Sourced[str | float]] = {}
    if name is not None:
        facts["label"] = Sourced(_LABELS[name.fault], name.source)
        facts["bearing"] = Sourced(name.bearing, f"{_PROFILE}: one bearing per type and size")
        facts["bearing_type"] = Sourced(name.bearing_type, _PROFILE)
        facts["machine"] = Sourced("CWRU test rig", _PROFILE)
        if name.size_mil:
            attributes["fault_size_mil"] = Sourced(name.size_mil, name.source)
        if name.clock:
            attributes["clock_position"] = Sourced(name.clock, name.source)
        if name.load_hp is not None:
            facts["load"] = Sourced(f"{name.load_hp} hp", name.source)
            attributes["load_hp"] = Sourced(float(name.load_hp), name.source)
            nominal = _NOMINAL_RPM[name.load_hp]
            attributes["nominal_speed_rpm"] = Sourced(nominal, _PROFILE)
            # Not all were measured; the measured ones differ by 0.7 % from it at most.
            facts["speed_rpm"] = Sourced(nominal, f"nominal: {_PROFILE}, by the load")
    if speed is not None:
        facts["speed_rpm"] = Sourced[str | float](speed.value, speed.source)
    described = replace(recording, facts=facts, attributes=attributes, sample_rate_hz=rate)
    return _normal_rate(described) if name and name.fault == "NORMAL" else described


def _normal_rate(recording: ProposedRecording) -> ProposedRecording:
    declared = recording.sample_rate_hz
    if declared is None or declared.value != _NORMAL_RATE_HZ:
        source = f"{_PROFILE}: normal recordings were taken at 48 kHz"
        recording = replace(recording, sample_rate_hz=Sourced(_NORMAL_RATE_HZ, source))
    message = (
        "The CWRU recordings of the normal state were taken at 48 kHz, although they are "
        "usually filed under 12k. Compare them with faults at 12 kHz only after resampling."
    )
    return recording.warned(QualityWarning(Problem.RATE, message, _NORMAL_RATE_HZ))


def _read_name(text: str, source: str) -> _Name | None:
    found = _NAME.search(text)
    if found is None:
        return None
    return _Name(
        fault=found["fault"].upper(),
        size_mil=float(found["size"]) if found["size"] else None,
        clock=found["clock"] or "",
        load_hp=int(found["load"]) if found["load"] else None,
        fan_end=_FAN_END.search(text[: found.start()]) is not None,
        source=source,
    )


def _file_rate(source: Source) -> Sourced[float] | None:
    """The last mention counts: the file's own name over its folders."""
    mentions = _RATE.findall(source.file_name)
    return Sourced(float(mentions[-1]) * 1000, "file name") if mentions else None


def _number(row: dict[str, str], column: str, table: str) -> Sourced[float] | None:
    try:
        value = float(row.get(column) or "")
    except ValueError:
        return None
    return Sourced(value, f"column {column} of {table}") if 0 < value < 1e9 else None


def _check_length(
    recording: ProposedRecording, row: dict[str, str], table: str
) -> ProposedRecording:
    said = row.get("n_samples", "")
    if not said or said == str(recording.sample_count):
        return recording
    message = f"{table} says {said} samples, the array has {recording.sample_count:,}."
    return recording.warned(QualityWarning(Problem.NOTE, message, recording.sample_count))


CWRU = Profile("cwru", "CWRU Bearing Data Center", fits, propose)
