"""What the self-test reads from samples: the same recording with and without its fault."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.envelope import Band, envelope
from diagnostics.signals.spectrum import Spectrum, amplitude_spectrum
from diagnostics.synthesis.config import SynthesisConfig
from diagnostics.synthesis.faults import Fault, Kind, fault_named
from diagnostics.synthesis.journal_faults import BURST_S, CARRIER_HZ
from diagnostics.synthesis.order_spectrum import order_spectrum, peak
from diagnostics.synthesis.recordings import PlannedRecording, generate, prepare
from diagnostics.synthesis.rolling_faults import strike_band
from diagnostics.synthesis.scene import Scene

Samples = NDArray[np.floating]

ROUGH_FROM_HZ = 1_000.0
SWELL_BLOCK_S = 0.05
SEGMENT_S = 0.5


class Bursts(NamedTuple):
    """Short swellings of a band: how many, how long, at which frequency, how rare."""

    number: int
    half_s: float
    carrier_hz: float
    longest_quiet_s: float


@dataclass(frozen=True, eq=False)
class Pair:
    """A recording with its fault, and the same machine, speed and load without.

    Parameters
    ----------
    config : SynthesisConfig
    fault : JournalFault or RollingFault
    scene : Scene
    facts : dict
        What was drawn.
    faulty, sound : array of shape (samples,)
        In g.
    """

    config: SynthesisConfig
    fault: Fault
    scene: Scene
    facts: dict[str, Any]
    faulty: Samples
    sound: Samples

    @classmethod
    def made(cls, config: SynthesisConfig, fault: Fault) -> Pair:
        """Generate both."""
        planned = PlannedRecording(fault, 1, 1)
        made = generate(config, planned)
        without = made
        healthy = fault_named(config.kind, "healthy")
        if fault is not healthy:
            without = generate(config, planned, without_fault=True)
        samples, sound = made.signal.samples[0], without.signal.samples[0]
        return cls(config, fault, prepare(config, planned), made.facts, samples, sound)

    @property
    def rate_hz(self) -> float:
        return self.config.sample_rate_hz

    @property
    def order_step(self) -> float:
        """Distance of two lines over orders."""
        return self._faulty_orders.resolution_hz

    @property
    def centrifugal(self) -> float:
        """Mean square of the speed against the reference."""
        return float(np.mean(self.scene.centrifugal))

    def force(self, load_factor: float) -> float:
        """What the amplitudes of the model are multiplied with here."""
        return self.scene.severity.end * self.centrifugal * load_factor

    def order_peak(self, low: float, high: float, *, sound: bool = False) -> tuple[float, float]:
        return peak(self._sound_orders if sound else self._faulty_orders, low, high)

    def hertz_peak(self, low: float, high: float, *, sound: bool = False) -> tuple[float, float]:
        samples = self.sound if sound else self.faulty
        return peak(amplitude_spectrum(samples, self.rate_hz), low, high)

    def envelope_peak(self, order: float, *, sound: bool = False) -> tuple[float, float]:
        """Near an order, slip considered: place, and height over the median around it."""
        spectrum = self._sound_swell if sound else self._faulty_swell
        place, height = peak(spectrum, 0.96 * order, order)
        axis = spectrum.frequencies_hz
        around = spectrum.values[(axis > 0.7 * order) & (axis < 1.3 * order)]
        return place, height / float(np.median(around))

    def rough_g(self, samples: Samples) -> float:
        """Root mean square above 1 kHz, in multiples of what white noise would have."""
        rough = self._rough(samples)
        return float(np.sqrt(np.mean(np.square(rough))))

    def kurtosis(self, samples: Samples) -> float:
        """Of what lies above 1 kHz: 3 for noise, more where something strikes."""
        rough = self._rough(samples)
        return float(np.mean(rough**4) / np.mean(rough**2) ** 2)

    def swell_peak(self, samples: Samples, low: float, high: float) -> tuple[float, float]:
        """Rate and depth with which the broadband level goes up and down."""
        block = round(SWELL_BLOCK_S * self.rate_hz)
        rough = self._rough(samples)
        blocks = rough[: rough.size // block * block].reshape(-1, block)
        level = np.sqrt(np.mean(np.square(blocks), axis=1))
        place, height = peak(amplitude_spectrum(level, self.rate_hz / block), low, high)
        return place, height / float(level.mean())

    def strongest_rings(self, count: int, *, sound: bool = False) -> float:
        """The typical height of the strongest moments above 1 kHz over the usual level."""
        rough = np.abs(self._rough(self.sound if sound else self.faulty))
        block = round(0.01 * self.rate_hz)
        tops = rough[: rough.size // block * block].reshape(-1, block).max(axis=1)
        strongest = np.sort(tops)[-max(count, 1) :]
        return float(np.max(strongest) / np.median(tops))

    def bursts(self, *, sound: bool = False) -> Bursts:
        """Swellings of the band of the carriers above five times its usual level."""
        low, high = CARRIER_HZ
        samples = self.sound if sound else self.faulty
        swell = envelope(samples, self.rate_hz, Band(low - 250, high + 250))
        # A low percentile: bursts fill a twentieth of the time or so.
        above = swell > 5 * np.percentile(swell, 50)
        starts = np.flatnonzero(np.diff(above.astype(np.int8), prepend=0) == 1)
        apart = round(BURST_S * self.rate_hz)
        first = starts[np.diff(starts, prepend=-2 * apart) > apart] if starts.size else starts
        if not first.size:
            return Bursts(0, math.nan, math.nan, self.config.duration_s)
        half_s, carrier_hz = self._strongest_burst(samples, swell, apart)
        edges = np.concatenate([[0], first, [swell.size]]) / self.rate_hz
        return Bursts(int(first.size), half_s, carrier_hz, float(np.diff(edges).max()))

    def following(self) -> tuple[float, float, float]:
        """Frequency of the shaft's line against the speed, where both differ most.

        The line is found anew in each half second, after a factor: 1 × itself for journal
        bearings, the rate of strikes of an outer race otherwise.

        Returns
        -------
        tuple of float
            Expected and measured frequency in that half second, and the tolerance, in Hz.
        """
        motion, count = self.scene.motion, round(SEGMENT_S * self.rate_hz)
        worst = (0.0, 0.0, 1.0)
        factor, slip = 1.0, 0.0
        signal = self.faulty
        if self.config.kind is Kind.ROLLING:
            factor = float(self.facts["strike_order"])
            slip = 0.01
            signal = envelope(self.faulty, self.rate_hz, self._resonance)
        for start in range(0, signal.size - count + 1, count):
            turned = motion.turns[start + count - 1] - motion.turns[start]
            expected_hz = factor * float(turned) * self.rate_hz / (count - 1)
            spectrum = amplitude_spectrum(signal[start : start + count], self.rate_hz)
            measured_hz, _ = peak(spectrum, 0.8 * expected_hz, 1.2 * expected_hz)
            speeds = motion.speed_hz[start : start + count]  # of one sample when it is steady
            wander_hz = factor * float(np.ptp(speeds)) / 2 if speeds.size > 1 else 0.0
            tolerance_hz = 0.5 / SEGMENT_S + slip * expected_hz + wander_hz
            if abs(measured_hz - expected_hz) / tolerance_hz >= abs(worst[1] - worst[0]) / worst[2]:
                worst = expected_hz, measured_hz, tolerance_hz
        return worst

    @cached_property
    def _faulty_orders(self) -> Spectrum:
        return order_spectrum(self.faulty, self.scene.motion)

    @cached_property
    def _sound_orders(self) -> Spectrum:
        return order_spectrum(self.sound, self.scene.motion)

    @cached_property
    def _faulty_swell(self) -> Spectrum:
        return self._swell(self.faulty)

    @cached_property
    def _sound_swell(self) -> Spectrum:
        return self._swell(self.sound)

    @property
    def _resonance(self) -> Band:
        first_hz = self.scene.housing.resonances_hz[0]
        fastest_hz = float(self.scene.motion.speed_hz.max())
        return strike_band(self.config.geometry, first_hz, fastest_hz, self.rate_hz)

    def _swell(self, samples: Samples) -> Spectrum:
        return order_spectrum(envelope(samples, self.rate_hz, self._resonance), self.scene.motion)

    def _rough(self, samples: Samples) -> NDArray[np.float64]:
        lines = np.fft.rfft(samples)
        lines[: math.ceil(ROUGH_FROM_HZ * samples.size / self.rate_hz)] = 0
        return np.fft.irfft(lines, samples.size)

    def _strongest_burst(
        self, samples: Samples, swell: Samples, length: int
    ) -> tuple[float, float]:
        middle = int(np.argmax(swell))
        start = max(middle - length, 0)
        near = swell[start : middle + length]
        half_s = np.count_nonzero(near > near.max() / 2) / self.rate_hz
        spectrum = amplitude_spectrum(samples[start : middle + length], self.rate_hz)
        carrier_hz, _ = peak(spectrum, 1_200.0, 2_800.0)
        return half_s, carrier_hz
