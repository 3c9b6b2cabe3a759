"""A config as plain JSON, with a version, and back: what comes from outside is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import BearingError, SynthesisError
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.motion import SpeedProfile
from diagnostics.synthesis.noise import NoiseLayers

VERSION = 1
ROLLING_ONLY = ("geometry", "slip_percent")
LONGEST_LIST = 50

Reader = Callable[[str, Any], Any]


def as_json(config: SynthesisConfig) -> dict[str, Any]:
    """The config as JSON can hold it; what its kind of bearing has not is left out.

    Examples
    --------
    >>> document = as_json(SynthesisConfig(classes={"wear": 2}, seed=7))
    >>> document["version"], document["classes"], "geometry" in document
    (1, {'wear': 2}, False)
    >>> read_config(document) == SynthesisConfig(classes={"wear": 2}, seed=7)
    True
    """
    document: dict[str, Any] = {"version": VERSION}
    for name, value in asdict(config).items():
        if config.kind is Kind.JOURNAL and name in ROLLING_ONLY:
            continue
        document[name] = list(value) if isinstance(value, tuple) else value
    document["kind"] = config.kind.value
    document["speed_profile"] = config.speed_profile.value
    document["classes"] = dict(config.classes)
    return document


def read_config(document: object) -> SynthesisConfig:
    """The config that a document describes; what it does not name is as usual for its kind.

    Parameters
    ----------
    document : object
        As parsed from JSON, from anybody.

    Returns
    -------
    SynthesisConfig

    Raises
    ------
    SynthesisError
        If it is no object, has another version, an unknown name, or a value of a wrong kind
        or out of range.
    """
    given = dict(_object("The configuration", document))
    version = given.pop("version", VERSION)
    if version != VERSION:
        raise SynthesisError(
            f"The configuration has the version {version!r:.40}; this program reads {VERSION}."
        )
    kind = _choice(Kind)("The kind of bearing", given.pop("kind", Kind.JOURNAL.value))
    known = {name: reader for name, reader in _READERS.items() if _belongs(name, kind)}
    _refuse_unknown("The configuration", given, known)
    values = {name: known[name](f"“{name}”", value) for name, value in given.items()}
    return usual_config(kind, **values)


def _belongs(name: str, kind: Kind) -> bool:
    return kind is Kind.ROLLING or name not in ROLLING_ONLY


def _refuse_unknown(what: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise SynthesisError(
            f"{what} has no entry “{unknown[0]:.60}”. It may have {', '.join(known)}."
        )


def _object(what: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise SynthesisError(f"{what} must be an object with names and values.")
    return value


def _number(what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SynthesisError(f"{what} must be a number, got {value!r:.60}.")
    try:
        return float(value)
    except OverflowError as error:
        raise SynthesisError(f"{what} is too large a number.") from error


def _whole(what: str, value: object) -> int:
    number = _number(what, value)
    if not number.is_integer():
        raise SynthesisError(f"{what} must be a whole number, got {number:g}.")
    return int(number)


def _pair(what: str, value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise SynthesisError(f"{what} must be two numbers, the lower and the higher.")
    return _number(what, value[0]), _number(what, value[1])


def _names(what: str, value: object) -> tuple[str, ...]:
    listed = isinstance(value, list | tuple) and len(value) <= LONGEST_LIST
    if not listed or not all(isinstance(one, str) for one in value):  # type: ignore[attr-defined]
        raise SynthesisError(f"{what} must be a list of names.")
    return tuple(value)  # type: ignore[arg-type]


def _counts(what: str, value: object) -> dict[str, int]:
    given = _object(what, value)
    if not 1 <= len(given) <= LONGEST_LIST:
        raise SynthesisError(f"{what} must name from 1 to {LONGEST_LIST} classes.")
    return {name: _whole(f"The number of “{name:.60}”", number) for name, number in given.items()}


def _choice(options: type[Kind] | type[SpeedProfile]) -> Reader:
    def read(what: str, value: object) -> Any:
        names = [option.value for option in options]
        if value not in names:
            raise SynthesisError(f"{what} must be one of {', '.join(names)}, got {value!r:.60}.")
        return options(value)

    return read


def _optional(reader: Reader) -> Reader:
    return lambda what, value: None if value is None else reader(what, value)


def _noise(what: str, value: object) -> NoiseLayers:
    given = _object(what, value)
    _refuse_unknown(what, given, _NOISE_READERS)
    return NoiseLayers(**{n: _NOISE_READERS[n](f"“{n}”", v) for n, v in given.items()})


def _geometry(what: str, value: object) -> Bearing:
    given = _object(what, value)
    readers = {field.name: _number for field in fields(Bearing)} | {"rolling_elements": _whole}
    _refuse_unknown(what, given, readers)
    missing = [name for name in list(readers)[:3] if name not in given]
    if missing:
        raise SynthesisError(f"{what} has no “{missing[0]}”.")
    try:
        values: dict[str, Any] = {name: readers[name](f"“{name}”", v) for name, v in given.items()}
        return Bearing(**values)
    except BearingError as error:
        raise SynthesisError(str(error)) from error


_NOISE_READERS: dict[str, Reader] = {
    "sensor_snr_db": _optional(_number),
    "mains_g": _optional(_number),
    "mains_hz": _number,
    "pink_g": _optional(_number),
    "drift_g": _optional(_number),
    "adc_bits": _optional(_whole),
    "adc_range_g": _number,
    "aliasing_g": _optional(_number),
    "impulses_per_s": _optional(_number),
    "impulse_g": _number,
}
_READERS: dict[str, Reader] = {
    "classes": _counts,
    "bearings": _whole,
    "severities": _names,
    "evolving_share": _number,
    "speed_rpm": _pair,
    "speed_profile": _choice(SpeedProfile),
    "speed_change_percent": _number,
    "speed_period_s": _number,
    "load_percent": _pair,
    "load_levels": _whole,
    "noise": _noise,
    "duration_s": _number,
    "sample_rate_hz": _number,
    "seed": _whole,
    "geometry": _geometry,
    "slip_percent": _pair,
}
