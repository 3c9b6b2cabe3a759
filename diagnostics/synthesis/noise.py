"""What the measurement adds to the vibration: layers that can each be switched off."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.synthesis.housing import shaped_noise, unit_shape
from diagnostics.synthesis.motion import Motion

Fine = NDArray[np.float32]
Facts = dict[str, Any]
Streams = Callable[[str], np.random.Generator]

MAINS_THIRD = 0.3
SPIKE_SAMPLES = 3


@dataclass(frozen=True)
class NoiseLayers:
    """How strong each layer is; None switches one off.

    Parameters
    ----------
    sensor_snr_db : float, optional
        White noise of sensor and amplifier, so far below the vibration of the machine without
        a fault. Not below the vibration as it is: then the noise would rise with the fault,
        and tell it.
    mains_g : float, optional
        Amplitude of hum at the mains frequency, with its third harmonic.
    mains_hz : float
        50 or 60.
    pink_g : float, optional
        Standard deviation of noise whose power falls by 10 dB per decade (1/f).
    drift_g : float, optional
        From the lowest to the highest point of a slow wandering of zero.
    adc_bits : int, optional
        Of the converter.
    adc_range_g : float
        What the converter takes, up and down; more is cut off.
    aliasing_g : float, optional
        Amplitude of a tone above half the sampling rate, tied to the shaft, which a recorder
        without a filter folds down: its line moves down when the speed goes up, or the other
        way round than the machine's lines would.
    impulses_per_s : float, optional
        Spikes of three samples, as loose contacts make them, on average in a second.
    impulse_g : float
        Largest of them.
    """

    sensor_snr_db: float | None = 30.0
    mains_g: float | None = 0.005
    mains_hz: float = 50.0
    pink_g: float | None = 0.004
    drift_g: float | None = 0.01
    adc_bits: int | None = 16
    adc_range_g: float = 10.0
    aliasing_g: float | None = None
    impulses_per_s: float | None = None
    impulse_g: float = 1.0


SILENT = NoiseLayers(None, None, 50.0, None, None, None)
"""No layer at all."""


def add_noise(
    vibration: Fine, sound_rms_g: float, motion: Motion, layers: NoiseLayers, streams: Streams
) -> tuple[Fine, Facts]:
    """The vibration as it is recorded, and what was added.

    Parameters
    ----------
    vibration : array of shape (samples,), float32
        In g; it is changed in place.
    sound_rms_g : float
        Root mean square of the vibration without a fault.
    motion : Motion
    layers : NoiseLayers
    streams : callable
        Random numbers of its own for each layer by its name.

    Returns
    -------
    array of shape (samples,), float32
        In g.
    dict
        A fact or two for each layer that is on.
    """
    facts: Facts = {}
    for name, layer in _LAYERS.items():
        facts |= layer(vibration, sound_rms_g, motion, layers, streams(name))
    return vibration, facts


def _sensor(
    x: Fine, sound_rms_g: float, _motion: Motion, layers: NoiseLayers, rng: np.random.Generator
) -> Facts:
    if layers.sensor_snr_db is None:
        return {}
    level_g = sound_rms_g / 10 ** (layers.sensor_snr_db / 20)
    x += np.float32(level_g) * rng.standard_normal(x.size, dtype=np.float32)
    return {"sensor_noise_g": level_g, "sensor_snr_db": layers.sensor_snr_db}


def _mains(
    x: Fine, _rms: float, motion: Motion, layers: NoiseLayers, rng: np.random.Generator
) -> Facts:
    if layers.mains_g is None:
        return {}
    # The grid is never exactly at its nominal frequency.
    mains_hz = layers.mains_hz * (1 + 0.0005 * rng.uniform(-1, 1))
    hum = Motion(motion.sample_rate_hz, np.array([mains_hz]), motion.count)
    x += np.float32(layers.mains_g) * hum.tone(1, rng.random())
    x += np.float32(layers.mains_g * MAINS_THIRD) * hum.tone(3, rng.random())
    return {"mains_hz": mains_hz, "mains_g": layers.mains_g}


def _pink(
    x: Fine, _rms: float, _motion: Motion, layers: NoiseLayers, rng: np.random.Generator
) -> Facts:
    if layers.pink_g is None:
        return {}
    length = x.size + x.size % 2
    x += np.float32(layers.pink_g) * shaped_noise(_pink_shape(length), length, rng)[: x.size]
    return {"pink_g": layers.pink_g}


@lru_cache(maxsize=4)
def _pink_shape(length: int) -> Fine:
    lines = np.zeros(length // 2 + 1)
    lines[1:] = 1 / np.sqrt(np.arange(1, lines.size))
    shape = unit_shape(lines, length)
    shape.flags.writeable = False
    return shape


def _drift(
    x: Fine, _rms: float, _motion: Motion, layers: NoiseLayers, rng: np.random.Generator
) -> Facts:
    if layers.drift_g is None:
        return {}
    wandering = np.polynomial.legendre.leg2poly([0.0, *rng.uniform(-1, 1, 3)])
    place = np.linspace(-1, 1, x.size, dtype=np.float32)
    curve = np.zeros_like(place)
    for factor in wandering[::-1]:
        curve *= place
        curve += np.float32(factor)
    lowest = curve.min()
    curve -= lowest
    x += curve * np.float32(layers.drift_g / float(curve.max()))
    return {"drift_g": layers.drift_g}


def _aliasing(
    x: Fine, _rms: float, motion: Motion, layers: NoiseLayers, rng: np.random.Generator
) -> Facts:
    if layers.aliasing_g is None:
        return {}
    # Somewhere between half the sampling rate and the whole, wherever the speed wanders.
    wanted_hz = motion.sample_rate_hz * rng.uniform(0.6, 0.9)
    order = round(wanted_hz / motion.mean_hz)
    x += np.float32(layers.aliasing_g) * motion.tone(order, rng.random())
    return {"aliasing_g": layers.aliasing_g, "aliased_order": order}


def _impulses(
    x: Fine, _rms: float, motion: Motion, layers: NoiseLayers, rng: np.random.Generator
) -> Facts:
    if layers.impulses_per_s is None:
        return {}
    number = int(rng.poisson(layers.impulses_per_s * motion.duration_s))
    first = rng.integers(0, max(x.size - SPIKE_SAMPLES, 1), number)
    heights = layers.impulse_g * rng.uniform(0.3, 1, number) * rng.choice([-1, 1], number)
    for sample in range(SPIKE_SAMPLES):
        np.add.at(x, first + sample, (heights * 0.5**sample).astype(np.float32))
    return {"impulse_count": number, "impulse_g": layers.impulse_g}


def _converter(
    x: Fine, _rms: float, _motion: Motion, layers: NoiseLayers, _rng: np.random.Generator
) -> Facts:
    if layers.adc_bits is None:
        return {}
    step = np.float32(2 * layers.adc_range_g / 2**layers.adc_bits)
    codes = 2 ** (layers.adc_bits - 1)
    np.rint(x / step, out=x)
    cut = int(np.count_nonzero((x < -codes) | (x > codes - 1)))
    np.clip(x, -codes, codes - 1, out=x)
    x *= step
    return {
        "adc_bits": layers.adc_bits,
        "adc_range_g": layers.adc_range_g,
        "clipped_samples": cut,
    }


_LAYERS: dict[str, Callable[..., Facts]] = {
    "sensor": _sensor,
    "mains": _mains,
    "pink": _pink,
    "drift": _drift,
    "aliasing": _aliasing,
    "impulses": _impulses,
    "converter": _converter,
}


def rms(samples: NDArray[np.floating]) -> float:
    """Root of the mean square.

    Examples
    --------
    >>> rms(np.array([3.0, -3.0]))
    3.0
    """
    return math.sqrt(float(np.mean(np.square(samples, dtype=np.float64))))
