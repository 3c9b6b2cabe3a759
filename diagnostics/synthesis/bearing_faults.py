"""Vibration of rolling-element bearings, healthy or with damage in one place."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.bearings.geometry import Bearing
from diagnostics.errors import SynthesisError

SAMPLE_RATE_HZ = 20_480.0
DEEP_GROOVE_6205 = Bearing(rolling_elements=9, element_diameter_mm=7.94, pitch_diameter_mm=39.04)
STRONGEST_IMPACT_G = 4.0
"""Peak of the ringing after an impact at severity 1 on a bearing of average transmission."""


class Fault(enum.StrEnum):
    HEALTHY = "healthy"
    OUTER_RACE = "outer race"
    INNER_RACE = "inner race"
    BALL = "ball"


@dataclass(frozen=True)
class Specimen:
    """One physical bearing in its housing. What is fixed for it is the same in each recording.

    Recordings of one specimen resemble each other more than those of two: by resonance,
    damping, transmission and noise. That is why a split must not cut through a specimen.

    Parameters
    ----------
    name : str
    fault : Fault
    severity : float
        0 for a healthy bearing, above 0 and up to 1 for a damaged one.
    bearing : Bearing
    resonances_hz : tuple of float
        Of the structure between bearing and sensor.
    damping : float
        Ratio of the resonances, between 0 and 1.
    transmission : float
        How well impacts reach the sensor, 1 on average.
    noise_g : float
        Standard deviation of the background at full load.
    damage_angle_rad : float
        Where the damage of an outer race sits, from the middle of the load zone.

    Raises
    ------
    SynthesisError
        If severity and fault contradict each other or the damping is out of range.
    """

    name: str
    fault: Fault
    severity: float
    bearing: Bearing
    resonances_hz: tuple[float, ...]
    damping: float
    transmission: float
    noise_g: float
    damage_angle_rad: float

    def __post_init__(self) -> None:
        if not 0 <= self.severity <= 1 or (self.severity == 0) != (self.fault is Fault.HEALTHY):
            raise SynthesisError(
                "A healthy bearing has the severity 0 and a damaged one above 0 up to 1, got "
                f"{self.severity:g} for “{self.fault}”."
            )
        if not 0 < self.damping < 1:
            raise SynthesisError(f"The damping must lie between 0 and 1, got {self.damping:g}.")


@dataclass(frozen=True)
class Operation:
    """How the machine runs during one recording: shaft speed, and load from 0 to 1.

    Raises
    ------
    SynthesisError
        If the speed is not between 60 and 12 000 rpm or the load is not between 0 and 1.
    """

    speed_rpm: float
    load: float

    def __post_init__(self) -> None:
        if not 60 <= self.speed_rpm <= 12_000:
            raise SynthesisError(
                f"The speed must lie between 60 and 12 000 rpm, got {self.speed_rpm:g} rpm."
            )
        if not 0 <= self.load <= 1:
            raise SynthesisError(f"The load must lie between 0 and 1, got {self.load:g}.")


def draw_specimen(
    name: str,
    fault: Fault,
    severity: float,
    rng: np.random.Generator,
    bearing: Bearing = DEEP_GROOVE_6205,
) -> Specimen:
    """A bearing with a housing of its own, drawn from what is usual on small machines.

    Examples
    --------
    >>> specimen = draw_specimen("B1", Fault.BALL, 0.5, np.random.default_rng(0))
    >>> 2_500 <= specimen.resonances_hz[0] <= 4_500
    True
    """
    first_hz = float(rng.uniform(2_500, 4_500))
    return Specimen(
        name=name,
        fault=fault,
        severity=severity,
        bearing=bearing,
        resonances_hz=(first_hz, first_hz * float(rng.uniform(1.4, 1.75))),
        damping=float(rng.uniform(0.03, 0.07)),
        transmission=float(rng.uniform(0.7, 1.4)),
        noise_g=float(rng.uniform(0.06, 0.14)),
        damage_angle_rad=float(rng.uniform(-0.5, 0.5)),
    )


def vibration(
    specimen: Specimen,
    operation: Operation,
    duration_s: float,
    rng: np.random.Generator,
    sample_rate_hz: float = SAMPLE_RATE_HZ,
) -> NDArray[np.float32]:
    """Acceleration at the housing over time, in g.

    Damage strikes each time a ball passes it: at BPFO, BPFI or 2 × BSF times the shaft
    speed, each interval off by 1 to 2 % because the balls slip [1]_. A strike rings at the
    resonances of the structure and is as strong as the load on the place where it happens:
    constant for an outer race, swelling with each turn of the shaft for an inner race and
    with each turn of the cage for a ball. Imbalance (1 ×, 2 ×) and a background of rolling noise,
    which rings at the same resonances, are there in healthy bearings too.

    It is a model: no gears, no run-ups, no other faults, damage of one size. A classifier
    that does well here has shown that it can learn, not that it knows real machines.

    Parameters
    ----------
    specimen : Specimen
    operation : Operation
    duration_s : float
        Between 0.1 and 600.
    rng : numpy Generator
        Slip, phases, noise. The same state gives the same samples.
    sample_rate_hz : float
        At least 2.56 times the highest resonance.

    Returns
    -------
    array of shape (duration_s * sample_rate_hz,), float32
        In g.

    Raises
    ------
    SynthesisError
        If the duration is out of range or the rate too low for the resonances.

    References
    ----------
    .. [1] R. B. Randall and J. Antoni, "Rolling element bearing diagnostics - A tutorial",
       Mechanical Systems and Signal Processing 25(2), 485-520, 2011.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> specimen = draw_specimen("B1", Fault.OUTER_RACE, 0.8, rng)
    >>> samples = vibration(specimen, Operation(1_800, 0.5), 1.0, rng)
    >>> samples.shape, samples.dtype.name
    ((20480,), 'float32')
    """
    _check(specimen, duration_s, sample_rate_hz)
    count = round(duration_s * sample_rate_hz)
    samples = _background(specimen, operation, count, sample_rate_hz, rng)
    samples += _shaft_tones(operation, count, sample_rate_hz, rng)
    if specimen.fault is not Fault.HEALTHY:
        times_s, strengths = strikes(specimen, operation, duration_s, rng)
        samples += _ringing(specimen, times_s, strengths, count, sample_rate_hz)
    return samples.astype(np.float32)


def strikes(
    specimen: Specimen, operation: Operation, duration_s: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When damage strikes within the duration, in seconds, and how strongly, in g.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> specimen = draw_specimen("B1", Fault.OUTER_RACE, 0.8, rng)
    >>> times_s, strengths = strikes(specimen, Operation(1_800, 0.5), 10.0, rng)
    >>> abs(times_s.size / (10 * 30 * specimen.bearing.bpfo) - 1) < 0.02
    True
    """
    shaft_hz = operation.speed_rpm / 60
    rate_hz = shaft_hz * strike_order(specimen)
    # The cage runs up to 1 % slow as a whole, and each interval is off by chance as well.
    mean_interval_s = (1 + rng.uniform(0, 0.01)) / rate_hz
    scatter = rng.uniform(0.01, 0.02)
    expected = math.ceil(duration_s * rate_hz) + 10
    intervals_s = mean_interval_s * (1 + scatter * rng.standard_normal(expected))
    times_s = rng.uniform(0, mean_interval_s) + np.concatenate([[0.0], np.cumsum(intervals_s)])
    times_s = times_s[times_s < duration_s]
    strength_g = STRONGEST_IMPACT_G * specimen.severity * specimen.transmission
    strength_g *= 0.4 + 0.6 * operation.load
    weights = _load_on_damage(specimen, times_s, shaft_hz, rng)
    return times_s, strength_g * weights * rng.uniform(0.8, 1.2, times_s.size)


def strike_order(specimen: Specimen) -> float:
    """Strikes in one turn of the shaft; 0 for a healthy bearing."""
    bearing = specimen.bearing
    orders = {
        Fault.OUTER_RACE: bearing.bpfo,
        Fault.INNER_RACE: bearing.bpfi,
        Fault.BALL: 2 * bearing.bsf,
    }
    return orders.get(specimen.fault, 0.0)


def _load_on_damage(
    specimen: Specimen, times_s: NDArray[np.float64], shaft_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Share of the largest load that rests on the damage at each time."""
    if specimen.fault is Fault.OUTER_RACE:
        angles = np.full(times_s.shape, specimen.damage_angle_rad)
    else:
        inner = specimen.fault is Fault.INNER_RACE
        turns_hz = shaft_hz if inner else shaft_hz * specimen.bearing.ftf
        angles = 2 * np.pi * turns_hz * times_s + rng.uniform(0, 2 * np.pi)
    # Stribeck's distribution for a bearing without clearance: half of it carries.
    carried = np.clip(np.cos(angles), 0, None) ** (10 / 9)
    # A ball is thrown outwards and so strikes outside the load zone too, weakly.
    least = 0.15 if specimen.fault is Fault.BALL else 0.0
    result: NDArray[np.float64] = np.maximum(carried, least)
    return result


def _ringing(
    specimen: Specimen,
    times_s: NDArray[np.float64],
    strengths: NDArray[np.float64],
    count: int,
    sample_rate_hz: float,
) -> NDArray[np.float64]:
    """Sum of what the strikes leave at the sensor, each beginning between two samples."""
    length = _response_length(specimen, sample_rate_hz)
    first = np.ceil(times_s * sample_rate_hz).astype(np.intp)
    places = first[:, None] + np.arange(length)
    after_s = places / sample_rate_hz - times_s[:, None]
    waves = strengths[:, None] * _response(specimen, after_s)
    inside = places < count
    result = np.zeros(count)
    np.add.at(result, places[inside], waves[inside])
    return result


def _response(specimen: Specimen, after_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a strike of strength 1 leaves at the sensor, ``after_s`` seconds later."""
    result = np.zeros(after_s.shape)
    for number, resonance_hz in enumerate(specimen.resonances_hz):
        pulsation = 2 * np.pi * resonance_hz
        decay = np.exp(-specimen.damping * pulsation * after_s)
        damped = pulsation * math.sqrt(1 - specimen.damping**2)
        result += 0.5**number * decay * np.sin(damped * after_s)
    return result


def _response_length(specimen: Specimen, sample_rate_hz: float) -> int:
    """Samples until the slowest resonance has sunk below a thousandth."""
    slowest = 2 * np.pi * min(specimen.resonances_hz) * specimen.damping
    return math.ceil(math.log(1_000) / slowest * sample_rate_hz)


def _background(
    specimen: Specimen,
    operation: Operation,
    count: int,
    sample_rate_hz: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Rolling noise that rings at the resonances, half of it, and white noise, the other half."""
    length = _response_length(specimen, sample_rate_hz)
    response = _response(specimen, np.arange(length) / sample_rate_hz)
    rough = np.convolve(rng.standard_normal(count + length - 1), response, mode="valid")
    rough /= math.sqrt(float(np.sum(response**2)))
    level_g = specimen.noise_g * (0.7 + 0.3 * operation.load)
    white = rng.standard_normal(count)
    return level_g * math.sqrt(0.5) * (rough + white)


def _shaft_tones(
    operation: Operation, count: int, sample_rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Rest of imbalance and misalignment that every machine has; grows with the speed squared."""
    turns = np.arange(count) * (operation.speed_rpm / 60 / sample_rate_hz)
    scale_g = 0.05 * (operation.speed_rpm / 1_800) ** 2
    result = np.zeros(count)
    for order in (1, 2):
        phase = rng.uniform(0, 2 * np.pi)
        amplitude_g = scale_g / order * rng.uniform(0.5, 1.5)
        result += amplitude_g * np.sin(2 * np.pi * order * turns + phase)
    return result


def _check(specimen: Specimen, duration_s: float, sample_rate_hz: float) -> None:
    if not 0.1 <= duration_s <= 600:
        raise SynthesisError(f"The duration must lie between 0.1 and 600 s, got {duration_s:g} s.")
    lowest_hz = 2.56 * max(specimen.resonances_hz)
    if not lowest_hz <= sample_rate_hz < math.inf:
        raise SynthesisError(
            f"The sampling rate must be {lowest_hz:g} Hz or more to show the resonances, "
            f"got {sample_rate_hz:g} Hz."
        )
