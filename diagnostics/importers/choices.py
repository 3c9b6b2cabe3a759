"""What a person adds to a proposal: typed values, a pattern, the channels to take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from diagnostics.importers.patterns import PatternError, parse_pattern
from diagnostics.importers.preview import FACTS, ProposedRecording, Sourced
from diagnostics.signals.signal import Unit

TYPED = "typed"
# Plain decimals only: float() also takes "nan" and "1_2", and rounds long serial numbers,
# so that different groups would become one.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class Choices:
    """Everything may be left out.

    Attributes
    ----------
    sample_rate_hz, unit, facts
        Typed values; facts are named as in ``FACTS``.
    pattern
        Such as ``{label}_{load_hp}.mat``; see :mod:`diagnostics.importers.patterns`.
    pattern_on
        ``file`` for the file name with its folders, ``recording`` for the name of the array.
    channels
        Variables to take; all when empty.
    """

    sample_rate_hz: float | None = None
    unit: Unit | None = None
    facts: tuple[tuple[str, str | float], ...] = ()
    pattern: str = ""
    pattern_on: str = "file"
    channels: tuple[str, ...] = ()


def fill(recording: ProposedRecording, choices: Choices, file_name: str) -> ProposedRecording:
    """Use the choices where the file says nothing; a pattern counts more than a profile.

    Raises
    ------
    PatternError
        If the pattern cannot be used.
    """
    recording = _take_channels(recording, choices)
    recording = _match(recording, choices, file_name)
    if choices.sample_rate_hz is not None and recording.sample_rate_hz is None:
        recording = replace(recording, sample_rate_hz=Sourced(choices.sample_rate_hz, TYPED))
    if choices.unit is not None:
        unit = Sourced(choices.unit, TYPED)
        channels = tuple(
            channel if channel.unit else replace(channel, unit=unit)
            for channel in recording.channels
        )
        recording = replace(recording, channels=channels)
    typed = {name: Sourced(value, TYPED) for name, value in choices.facts}
    return replace(recording, facts={**typed, **recording.facts})


def override(recording: ProposedRecording, choices: Choices, file_name: str) -> ProposedRecording:
    """Use the choices whatever the file says.

    Raises
    ------
    PatternError
        If the pattern cannot be used.
    """
    recording = _take_channels(recording, choices)
    recording = _match(recording, choices, file_name)
    if choices.sample_rate_hz is not None:
        recording = replace(recording, sample_rate_hz=Sourced(choices.sample_rate_hz, TYPED))
    if choices.unit is not None:
        unit = Sourced(choices.unit, TYPED)
        channels = tuple(replace(channel, unit=unit) for channel in recording.channels)
        recording = replace(recording, channels=channels)
    typed = {name: Sourced(value, TYPED) for name, value in choices.facts}
    return replace(recording, facts={**recording.facts, **typed})


def _take_channels(recording: ProposedRecording, choices: Choices) -> ProposedRecording:
    taken = tuple(c for c in recording.channels if c.variable in choices.channels)
    if not taken:
        return recording
    names = {None, *(channel.name for channel in taken)}
    warnings = tuple(warning for warning in recording.warnings if warning.channel in names)
    return replace(recording, channels=taken, warnings=warnings)


def _match(recording: ProposedRecording, choices: Choices, file_name: str) -> ProposedRecording:
    if not choices.pattern:
        return recording
    subject = recording.key if choices.pattern_on == "recording" else file_name
    found = parse_pattern(choices.pattern).match(subject)
    if found is None:
        return recording
    facts, attributes = dict(recording.facts), dict(recording.attributes)
    for name, text in found.items():
        into = facts if name in FACTS else attributes
        value = text if name in FACTS and name != "speed_rpm" else _as_value(text)
        if name == "speed_rpm" and not (isinstance(value, float) and value > 0):
            raise PatternError(f"The pattern takes “{text}” for the speed, expected rpm above 0.")
        into[name] = Sourced(value, f"pattern {choices.pattern}")
    return replace(recording, facts=facts, attributes=attributes)


def _as_value(text: str) -> str | float:
    digits = sum(character.isdigit() for character in text)
    return float(text) if digits <= _EXACT_DIGITS and _NUMBER.fullmatch(text) else text
