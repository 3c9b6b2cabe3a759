"""What a person typed for an import, checked before any work begins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from diagnostics.errors import DiagnosticsError
from diagnostics.importers.choices import Choices
from diagnostics.importers.patterns import parse_pattern
from diagnostics.importers.preview import FACTS
from diagnostics.importers.registry import FASTEST_HZ, PROFILES, SLOWEST_HZ
from diagnostics.signals.signal import Unit
from services.errors import Invalid

LONGEST_TEXT = 120
MOST_CHANNELS = 200
LOWEST_SPEED_RPM, HIGHEST_SPEED_RPM = 1e-3, 1e6
KEYS = frozenset({"sample_rate_hz", "unit", "pattern", "pattern_on", "channels", *FACTS})


def read_choices(given: Mapping[str, Any]) -> Choices:
    """Typed values as the importers take them; empty ones count as not typed.

    Raises
    ------
    Invalid
        If a value cannot be meant, or a name is unknown.
    """
    unknown = set(given) - KEYS
    if unknown:
        raise Invalid(f"“{min(unknown)}” is no choice of an import; {', '.join(sorted(KEYS))} are.")
    typed = {key: value for key, value in given.items() if value not in (None, "", [])}
    facts = [(name, _fact(name, typed[name])) for name in FACTS if name in typed]
    return Choices(
        sample_rate_hz=_number(
            "sampling rate", typed.get("sample_rate_hz"), SLOWEST_HZ, FASTEST_HZ, "Hz"
        ),
        unit=_unit(typed.get("unit")),
        facts=tuple(facts),
        pattern=_pattern(str(typed.get("pattern", ""))),
        pattern_on=_one_of("pattern_on", str(typed.get("pattern_on", "file")), "file", "recording"),
        channels=_channels(typed.get("channels", ())),
    )


def check_builtin(name: str) -> str:
    """See that a profile is one of those that come with the program.

    Raises
    ------
    Invalid
        If there is no such profile; the empty name stands for any that fits.
    """
    return _one_of("profile", name, "", *(profile.name for profile in PROFILES))


def _fact(name: str, value: Any) -> str | float:
    if name == "speed_rpm":
        return _number("speed", value, LOWEST_SPEED_RPM, HIGHEST_SPEED_RPM, "rpm") or 0.0
    text = str(value).strip()
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise Invalid(f"The {name} has at most {LONGEST_TEXT} characters that can be shown.")
    return text


def _number(what: str, value: Any, lowest: float, highest: float, unit: str) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not lowest <= number <= highest:
        raise Invalid(f"The {what} must lie from {lowest:g} to {highest:g} {unit}, got “{value}”.")
    return number


def _channels(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or len(names) > MOST_CHANNELS:
        raise Invalid(f"The channels are at most {MOST_CHANNELS} names.")
    return tuple(str(name).strip()[:LONGEST_TEXT] for name in names if str(name).strip())


def _unit(value: Any) -> Unit | None:
    if value is None:
        return None
    try:
        return Unit(value)
    except ValueError as error:
        known = ", ".join(unit.value for unit in Unit)
        raise Invalid(f"The unit must be one of {known}, got “{value}”.") from error


def _pattern(text: str) -> str:
    try:
        if text:
            parse_pattern(text)
    except DiagnosticsError as error:
        raise Invalid(str(error)) from error
    return text


def _one_of(what: str, value: str, *known: str) -> str:
    if value not in known:
        words = ", ".join(word for word in known if word)
        raise Invalid(f"The {what} must be one of {words}, got “{value}”.")
    return value
