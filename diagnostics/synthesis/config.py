"""What is to be generated: plain numbers, checked once, kept as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import SynthesisError
from diagnostics.synthesis.faults import FAULTS, SEVERITIES, Fault, Kind, fault_named
from diagnostics.synthesis.housing import FIRST_RESONANCE_HZ
from diagnostics.synthesis.motion import SpeedProfile
from diagnostics.synthesis.noise import NoiseLayers
from diagnostics.synthesis.rolling_faults import DEEP_GROOVE_6205, most_strikes

MOST_RECORDINGS = 50_000
MOST_SAMPLES = 12_500_000
MOST_SEED = 2**32 - 1
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 12_000.0, 204_800.0
# A strike is heard as a ring of the structure. One that follows before the resonance has swung
# once, or a line of the shaft at the resonance, leaves nothing that tells strikes apart.
MOST_STRIKES_HZ = FIRST_RESONANCE_HZ[0]
SHAFT_LINES = 3.0
# What the self-test can show, which measures up to the order 32.
MOST_STRIKES_IN_A_TURN = 24.0
SHORTEST_S, LONGEST_S = 0.5, 600.0

Range = tuple[float, float]


@dataclass(frozen=True)
class SynthesisConfig:
    """Everything that decides what a data set contains; the same config gives the same samples.

    Parameters
    ----------
    kind : Kind
    classes : mapping of str to int
        Recordings of each class on each bearing.
    bearings : int
        Machines, each with a structure of its own; each class is generated on all of them.
    severities : tuple of str
        Levels that go round: through the recordings of a journal bearing, whose faults come
        and go, and through the bearings of rolling elements, whose damage stays.
    evolving_share : float
        Of the recordings in which the fault grows, from 0 to 1.
    speed_rpm : tuple of float
        Lowest and highest mean speed of a recording.
    speed_profile : SpeedProfile
        Within a recording.
    speed_change_percent : float
        Largest deviation from the mean within a recording, below 100.
    speed_period_s : float
        Of a sinusoidal speed; time in which a random walk goes as far as the change.
    load_percent : tuple of float
        Lowest and highest load.
    load_levels : int
        How many loads between them go round through the recordings of a bearing.
    noise : NoiseLayers
    duration_s, sample_rate_hz : float
    seed : int
    geometry : Bearing
        Of rolling-element bearings; journal bearings have none.
    slip_percent : tuple of float
        Least and most slip of rolling elements.

    Raises
    ------
    SynthesisError
        If a number is out of its range.
    """

    kind: Kind = Kind.JOURNAL
    classes: Mapping[str, int] = field(default_factory=dict)
    bearings: int = 6
    severities: tuple[str, ...] = tuple(SEVERITIES)
    evolving_share: float = 0.3
    speed_rpm: Range = (3_240.0, 3_960.0)
    speed_profile: SpeedProfile = SpeedProfile.CONSTANT
    speed_change_percent: float = 5.0
    speed_period_s: float = 2.0
    load_percent: Range = (30.0, 100.0)
    load_levels: int = 3
    noise: NoiseLayers = field(default_factory=NoiseLayers)
    duration_s: float = 5.0
    sample_rate_hz: float = 20_480.0
    seed: int = 0
    geometry: Bearing = DEEP_GROOVE_6205
    slip_percent: Range = (1.0, 2.0)

    def __post_init__(self) -> None:
        if not self.classes:
            named = {fault.value: 3 for fault in FAULTS[self.kind]}
            object.__setattr__(self, "classes", named)
        checks = (_check_plan, _check_operation, _check_noise, _check_sampling, _check_strikes)
        for check in checks:
            check(self)

    @property
    def faults(self) -> Iterator[tuple[Fault, int]]:
        """Classes in their order with the recordings of each on a bearing."""
        for fault in FAULTS[self.kind]:
            if self.classes.get(fault.value, 0):
                yield fault, self.classes[fault.value]

    @property
    def recording_count(self) -> int:
        return self.bearings * sum(self.classes.values())

    @property
    def sample_count(self) -> int:
        """Samples of each recording."""
        return round(self.duration_s * self.sample_rate_hz)

    @property
    def loads(self) -> list[float]:
        """The loads that go round, from 0 to 1."""
        low, high = (percent / 100 for percent in self.load_percent)
        if self.load_levels == 1:
            return [(low + high) / 2]
        step = (high - low) / (self.load_levels - 1)
        return [low + step * number for number in range(self.load_levels)]


def usual_config(kind: Kind, **changed: Any) -> SynthesisConfig:
    """A config with numbers that suit a kind of bearing.

    Examples
    --------
    >>> config = usual_config(Kind.ROLLING, bearings=3)
    >>> config.speed_rpm, config.recording_count
    ((1700.0, 1900.0), 45)
    """
    speeds = (3_240.0, 3_960.0) if kind is Kind.JOURNAL else (1_700.0, 1_900.0)
    return SynthesisConfig(**{"kind": kind, "speed_rpm": speeds, **changed})


def _check_plan(config: SynthesisConfig) -> None:
    for name, number in config.classes.items():
        fault_named(config.kind, name)
        _within(f"The recordings of “{name}” on a bearing", number, 0, 10_000, whole=True)
    _within("The number of bearings", config.bearings, 1, 1_000, whole=True)
    if config.recording_count == 0:
        raise SynthesisError("Nothing would be generated. Give a class at least 1 recording.")
    _within("The number of recordings", config.recording_count, 1, MOST_RECORDINGS)
    unknown = [level for level in config.severities if level not in SEVERITIES]
    if unknown or not config.severities:
        raise SynthesisError(
            f"The severities are {', '.join(SEVERITIES)}; choose one or more of them, got "
            f"{', '.join(f'“{level}”' for level in unknown) or 'none'}."
        )
    if len(set(config.severities)) < len(config.severities):
        raise SynthesisError("A severity is named twice. Name each one once.")
    _within("The share of recordings that evolve", config.evolving_share, 0, 1)
    _within("The seed", config.seed, 0, MOST_SEED, whole=True)


def _check_operation(config: SynthesisConfig) -> None:
    _range("speeds", config.speed_rpm, 60, 60_000, "rpm")
    _within("The change of the speed", config.speed_change_percent, 0, 90, "%")
    _within("The period of the speed", config.speed_period_s, 0.05, 600, "s")
    _range("loads", config.load_percent, 0, 100, "%")
    _within("The number of loads", config.load_levels, 1, 20, whole=True)
    _range("slips", config.slip_percent, 0, 10, "%")


def _check_noise(config: SynthesisConfig) -> None:
    noise = config.noise
    limits = (
        ("The distance of the sensor's noise", noise.sensor_snr_db, -20, 120, "dB"),
        ("The mains hum", noise.mains_g, 0, 10, "g"),
        ("The pink noise", noise.pink_g, 0, 10, "g"),
        ("The drift", noise.drift_g, 0, 100, "g"),
        ("The aliased tone", noise.aliasing_g, 0, 10, "g"),
        ("The rate of impulses", noise.impulses_per_s, 0, 1_000, "in a second"),
        ("The impulses", noise.impulse_g, 0, 100, "g"),
        ("The range of the converter", noise.adc_range_g, 0.01, 1_000, "g"),
    )
    for what, value, least, most, unit in limits:
        if value is not None:
            _within(what, value, least, most, unit)
    if noise.adc_bits is not None:
        _within("The bits of the converter", noise.adc_bits, 4, 24, whole=True)
    if noise.mains_hz not in (50, 60):
        raise SynthesisError(f"The mains have 50 or 60 Hz, got {noise.mains_hz:g} Hz.")


def _check_sampling(config: SynthesisConfig) -> None:
    _within("The duration", config.duration_s, SHORTEST_S, LONGEST_S, "s")
    _within("The sampling rate", config.sample_rate_hz, LOWEST_RATE_HZ, HIGHEST_RATE_HZ, "Hz")
    if config.sample_count > MOST_SAMPLES:
        raise SynthesisError(
            f"A recording has at most {MOST_SAMPLES:,} samples, got {config.sample_count:,}. "
            "Choose a shorter duration or a lower sampling rate."
        )
    highest_hz = config.speed_rpm[1] / 60 * (1 + config.speed_change_percent / 100)
    if 3 * highest_hz * 2.56 > config.sample_rate_hz:
        raise SynthesisError(
            f"Three times the speed of {config.speed_rpm[1]:g} rpm cannot be shown at "
            f"{config.sample_rate_hz:g} Hz. Choose a higher sampling rate or a lower speed."
        )


def _check_strikes(config: SynthesisConfig) -> None:
    """A geometry may be anything that can be turned; what strikes too often takes for ever."""
    if config.kind is not Kind.ROLLING:
        return
    bearing, order = config.geometry, most_strikes(config.geometry)
    percent = config.speed_change_percent
    if config.speed_profile is SpeedProfile.CONSTANT:
        percent = 0.0
    change = 1 + percent / 100
    if not order <= MOST_STRIKES_IN_A_TURN:
        raise SynthesisError(
            f"A bearing of {bearing.rolling_elements:g} elements of "
            f"{bearing.element_diameter_mm:g} mm on {bearing.pitch_diameter_mm:g} mm strikes up "
            f"to {order:,.4g} times in a turn; at most {MOST_STRIKES_IN_A_TURN:g} can be "
            "generated. Choose another geometry."
        )
    highest_hz = config.speed_rpm[1] / 60 * change
    if max(order, SHAFT_LINES) * highest_hz > MOST_STRIKES_HZ:
        more = f" and {percent:g} % more" if percent else ""
        most_rpm = math.floor(60 * MOST_STRIKES_HZ / change / max(order, SHAFT_LINES))
        raise SynthesisError(
            f"At {config.speed_rpm[1]:,g} rpm{more}, damage "
            f"strikes up to {order * highest_hz:,.0f} times a second and the shaft makes lines up "
            f"to {SHAFT_LINES * highest_hz:,.0f} Hz. The structure rings from "
            f"{MOST_STRIKES_HZ:,g} Hz on: strikes that come faster are one noise, in which no "
            f"analysis finds them. This bearing can be generated up to {most_rpm:,} rpm."
        )


def _range(what: str, given: Range, least: float, most: float, unit: str) -> None:
    low, high = given
    if not least <= low <= high <= most:  # also refuses what is not a number
        raise SynthesisError(
            f"The {what} must rise and lie between {least:g} and {most:g} {unit}, got "
            f"{low:g} to {high:g} {unit}."
        )


def _within(
    what: str, value: float, least: float, most: float, unit: str = "", *, whole: bool = False
) -> None:
    fits = math.isfinite(value) and least <= value <= most
    if not fits or (whole and value != int(value)):
        number = "a whole number" if whole else "a number"
        raise SynthesisError(
            f"{what} must be {number} from {least:,g} to {most:,g} {unit}".rstrip()
            + f", got {value:g} {unit}".rstrip()
            + "."
        )
