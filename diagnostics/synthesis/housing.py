"""What lies between a bearing and its sensor: one structure for each machine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.synthesis.faults import Kind

Fine = NDArray[np.float32]

REFERENCE_HZ = {Kind.JOURNAL: 60.0, Kind.ROLLING: 30.0}
"""Speed at which amplitudes are given."""
FLOOR_G = {Kind.JOURNAL: (0.02, 0.05), Kind.ROLLING: (0.06, 0.14)}
TONES_G = (0.040, 0.018, 0.007)
FIRST_RESONANCE_HZ = (2_500.0, 4_500.0)
SHOWN_RESONANCE = 2.56
"""A recorder's filter leaves frequencies up to the sampling rate over this."""
SUNK = 1e4
STRIKES_AT_ONCE = 2_000


@dataclass(frozen=True)
class Housing:
    """One machine's structure. It is the same in all its recordings, whatever the class.

    That is why a split must not cut through a machine, and why the structure must not tell
    the class: every class is generated on the same machines.

    Parameters
    ----------
    kind : Kind
    number : int
        From 1.
    resonances_hz : tuple of float
        Natural frequencies between bearing and sensor, rising.
    damping : float
        Ratio of the resonances.
    transmission : float
        How well forces reach the sensor, 1 on average.
    floor_g : float
        Standard deviation of the broadband vibration without a fault at full load.
    tones_g : tuple of float
        Amplitudes of 1 ×, 2 × and 3 × that remain without a fault, at the reference speed.
    """

    kind: Kind
    number: int
    resonances_hz: tuple[float, float]
    damping: float
    transmission: float
    floor_g: float
    tones_g: tuple[float, float, float]

    @property
    def name(self) -> str:
        return f"housing-{self.number:02d}"

    @property
    def reference_hz(self) -> float:
        return REFERENCE_HZ[self.kind]

    def shown_resonances(self, sample_rate_hz: float) -> list[tuple[float, float]]:
        """Those that a recorder of this sampling rate shows, with their strengths."""
        shown = [(one, 0.5**n) for n, one in enumerate(self.resonances_hz)]
        return [(one, gain) for one, gain in shown if one * SHOWN_RESONANCE <= sample_rate_hz]

    def poles(self, resonance_hz: float) -> complex:
        """Decay and turning of one resonance, per second."""
        pulsation = 2 * math.pi * resonance_hz
        damped = pulsation * math.sqrt(1 - self.damping**2)
        return complex(-self.damping * pulsation, damped)


def draw_housing(kind: Kind, number: int, rng: np.random.Generator) -> Housing:
    """A structure drawn from what is usual on small machines.

    Examples
    --------
    >>> housing = draw_housing(Kind.ROLLING, 1, np.random.default_rng(0))
    >>> 2_500 <= housing.resonances_hz[0] <= 4_500
    True
    """
    first_hz = float(rng.uniform(*FIRST_RESONANCE_HZ))
    second_hz = first_hz * float(rng.uniform(1.4, 1.75))
    damping, transmission = float(rng.uniform(0.03, 0.07)), float(rng.uniform(0.7, 1.4))
    floor_g = float(rng.uniform(*FLOOR_G[kind]))
    one, two, three = (float(g * rng.uniform(0.5, 1.5)) for g in TONES_G)
    return Housing(
        kind, number, (first_hz, second_hz), damping, transmission, floor_g, (one, two, three)
    )


def ringing(
    housing: Housing,
    times_s: NDArray[np.float64],
    strengths: NDArray[np.float64],
    count: int,
    sample_rate_hz: float,
) -> Fine:
    """What strikes leave at the sensor, each beginning between two samples.

    A strike of strength 1 leaves a sum of decaying sines, the second resonance half as strong
    as the first. Each decaying sine is the imaginary part of a complex one, which is the same
    for all strikes but for a complex weight: the strength, and the place between two samples.
    It is followed until it has sunk by 80 dB.

    Parameters
    ----------
    housing : Housing
    times_s, strengths : array of shape (strikes,)
        Seconds from the first sample, rising, and g.
    count : int
        Samples.
    sample_rate_hz : float

    Returns
    -------
    array of shape (count,), float32
        In g.
    """
    result = np.zeros(count, dtype=np.float32)
    first = np.ceil(times_s * sample_rate_hz).astype(np.intp)
    answers, poles = _answers(housing, sample_rate_hz)
    length = answers.shape[1]
    for start in range(0, first.size, STRIKES_AT_ONCE):
        some = slice(start, start + STRIKES_AT_ONCE)
        after_s = first[some] / sample_rate_hz - times_s[some]
        weights = strengths[some, None] * np.exp(after_s[:, None] * poles)
        waves = np.hstack([weights.real, weights.imag]).astype(np.float32) @ answers
        places = first[some, None] + np.arange(length)
        lowest, highest = int(places[0, 0]), min(int(places[-1, -1]) + 1, count)
        summed = np.bincount((places - lowest).ravel(), waves.ravel(), highest - lowest)
        result[lowest:highest] += summed[: highest - lowest]
    return result


def structure_noise(
    housing: Housing, count: int, sample_rate_hz: float, rng: np.random.Generator
) -> Fine:
    """Noise of standard deviation 1: half its power white, half ringing at the resonances."""
    length = _fast_length(count)
    return shaped_noise(_structure_shape(housing, length, sample_rate_hz), length, rng)[:count]


def shaped_noise(shape: Fine, length: int, rng: np.random.Generator) -> Fine:
    """Gaussian noise whose spectrum has a shape, made as a spectrum of random phases.

    Parameters
    ----------
    shape : array of shape (length // 2 + 1,), float32
        Amplitudes of the lines, their squares summing to ``length**2 / 4``.
    length : int
        Samples.
    rng : numpy Generator
    """
    from scipy import fft

    lines = rng.standard_normal(2 * shape.size, dtype=np.float32).view(np.complex64)
    lines *= shape
    result: Fine = fft.irfft(lines, length, overwrite_x=True)
    return result


def unit_shape(amplitudes: NDArray[np.floating], length: int) -> Fine:
    """Lines scaled so that :func:`shaped_noise` has the standard deviation 1."""
    lines = np.array(amplitudes, dtype=np.float64)
    lines[0] = 0.0
    scale = length / (2 * math.sqrt(float(np.sum(lines**2))))
    result: Fine = (lines * scale).astype(np.float32)
    return result


def _answers(housing: Housing, sample_rate_hz: float) -> tuple[Fine, NDArray[np.complex128]]:
    """How each shown resonance rings, sample by sample: imaginary parts, then real parts."""
    shown = housing.shown_resonances(sample_rate_hz)
    poles = np.array([housing.poles(resonance_hz) for resonance_hz, _ in shown])
    gains = np.array([gain for _, gain in shown])
    length = math.ceil(math.log(SUNK) / -poles.real.max() * sample_rate_hz)
    rung = gains[:, None] * np.exp(poles[:, None] * (np.arange(length) / sample_rate_hz))
    return np.vstack([rung.imag, rung.real]).astype(np.float32), poles


@lru_cache(maxsize=8)
def _structure_shape(housing: Housing, length: int, sample_rate_hz: float) -> Fine:
    frequencies = 2j * np.pi * np.fft.rfftfreq(length, 1 / sample_rate_hz)
    answer = np.zeros(frequencies.size, dtype=np.complex128)
    for resonance_hz, gain in housing.shown_resonances(sample_rate_hz):
        pole = housing.poles(resonance_hz)
        answer += gain * pole.imag / ((frequencies - pole.real) ** 2 + pole.imag**2)
    ringing_lines = unit_shape(np.abs(answer), length)
    white_lines = unit_shape(np.ones(frequencies.size), length)
    both: Fine = np.sqrt((ringing_lines**2 + white_lines**2) / 2)
    both.flags.writeable = False
    return both


def _fast_length(count: int) -> int:
    from scipy.fft import next_fast_len

    return int(next_fast_len(count, real=True))
