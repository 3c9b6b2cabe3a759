"""What is taken out of a signal before it is analysed: offsets, trends, frequencies."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import check

Array = NDArray[np.float64]

HIGHEST_ORDER = 10
SETTLED = 0.01
"""What is left of the ringing of a filter where it counts as settled."""


class Detrend(enum.StrEnum):
    """What is subtracted from a signal first."""

    NONE = "none"
    MEAN = "mean"
    LINEAR = "linear"


class FilterKind(enum.StrEnum):
    """What a filter lets through: low or high frequencies, a band, or all but a band."""

    LOW = "low"
    HIGH = "high"
    BAND = "band"
    STOP = "stop"


_NAMES = {
    FilterKind.LOW: "low-pass",
    FilterKind.HIGH: "high-pass",
    FilterKind.BAND: "band-pass",
    FilterKind.STOP: "band-stop",
}


@dataclass(frozen=True)
class Filter:
    """A filter with the magnitude of Butterworth's and without any delay.

    At its edges it halves the power (−3 dB); from a low-pass or high-pass edge on it falls
    by ``6 × order`` dB each octave. The phase is left alone, so impacts stay where they are.
    In turn some of the ringing lies *before* an impact, where no instrument has it.

    Parameters
    ----------
    kind : FilterKind
    low_hz : float, optional
        Lower edge, above 0. All kinds but ``low`` need it; ``low`` does not look at it.
    high_hz : float, optional
        Upper edge, above the lower. All kinds but ``high`` need it.
    order : int
        1 to 10. A higher one cuts more sharply and rings longer.

    Raises
    ------
    SignalError
        If an edge is missing or out of place, or the order is out of range.

    Examples
    --------
    >>> band = Filter(FilterKind.BAND, 500.0, 2_000.0)
    >>> band.words
    'band-pass 500 to 2000 Hz, order 4, zero phase'
    >>> band.gain(np.array([0.0, 500.0, 1_000.0, 2_000.0])).round(3).tolist()
    [0.0, 0.707, 1.0, 0.707]
    """

    kind: FilterKind
    low_hz: float | None = None
    high_hz: float | None = None
    order: int = 4

    def __post_init__(self) -> None:
        for edge_hz in self.edges_hz:
            if not 0 < edge_hz < math.inf:
                raise SignalError(
                    f"A {_NAMES[self.kind]} filter needs {self._wanted}, above 0 Hz, "
                    f"got {_given(self.low_hz)} and {_given(self.high_hz)}."
                )
        if self.edges_hz[0] > self.edges_hz[-1] or len(set(self.edges_hz)) < len(self.edges_hz):
            raise SignalError(
                "The upper edge of a filter must be above its lower edge, got "
                f"{self.low_hz:g} to {self.high_hz:g} Hz."
            )
        if not 1 <= self.order <= HIGHEST_ORDER:
            raise SignalError(
                f"The order of a filter is from 1 to {HIGHEST_ORDER}, got {self.order}."
            )

    @property
    def edges_hz(self) -> tuple[float, ...]:
        """The edges that this kind looks at, NaN where one is missing."""
        low_hz = math.nan if self.low_hz is None else self.low_hz
        high_hz = math.nan if self.high_hz is None else self.high_hz
        if self.kind is FilterKind.LOW:
            return (high_hz,)
        return (low_hz,) if self.kind is FilterKind.HIGH else (low_hz, high_hz)

    @property
    def words(self) -> str:
        edges = " to ".join(f"{edge_hz:g}" for edge_hz in self.edges_hz)
        return f"{_NAMES[self.kind]} {edges} Hz, order {self.order}, zero phase"

    @property
    def settling_s(self) -> float:
        """How long the filter rings on until 1 % is left, from its slowest pole."""
        from scipy.signal import butter

        kinds = {FilterKind.BAND: "bandpass", FilterKind.STOP: "bandstop"}
        edges: Any = [2 * np.pi * edge_hz for edge_hz in self.edges_hz]
        kind = kinds.get(self.kind, "lowpass")
        poles = butter(self.order, edges if len(edges) > 1 else edges[0], kind, True, "zpk")[1]
        return float(-math.log(SETTLED) / np.abs(poles.real).min())

    def gain(self, frequencies_hz: Array) -> Array:
        """What is left of a sine at each frequency, from 0 to 1 [1]_.

        References
        ----------
        .. [1] A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", 3rd ed.,
           appendix B (Butterworth's magnitude).
        """
        low_hz, high_hz = self.edges_hz[0], self.edges_hz[-1]
        with np.errstate(divide="ignore", over="ignore"):
            if self.kind is FilterKind.LOW:
                ratio = frequencies_hz / high_hz
            elif self.kind is FilterKind.HIGH:
                ratio = low_hz / frequencies_hz
            else:
                ratio = (frequencies_hz - low_hz * high_hz / frequencies_hz) / (high_hz - low_hz)
                if self.kind is FilterKind.STOP:
                    ratio = 1 / ratio
            gain: Array = 1 / np.sqrt(1 + np.square(ratio) ** self.order)
        return gain

    @property
    def _wanted(self) -> str:
        if self.kind is FilterKind.LOW:
            return "an upper edge"
        return "a lower edge" if self.kind is FilterKind.HIGH else "a lower and an upper edge"


class Filtered(NamedTuple):
    """``unsettled_samples`` at each end still ring from the signal's beginning or end."""

    samples: Array
    unsettled_samples: int


def detrend(samples: NDArray[np.floating], how: Detrend) -> Array:
    """The signal without its mean, or without the straight line that fits it best.

    A sensor's offset or its drift while warming up speaks of no machine, but leaks from
    0 Hz into the lines above it and grows without bound when integrated. A line also takes
    a little off a slow sine of which only a part is there.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    how : Detrend

    Returns
    -------
    array of shape (..., samples)
        A copy, in the unit of the signal.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples or a value is not finite.

    Examples
    --------
    >>> detrend(np.arange(8.0) + 3, Detrend.MEAN)[:2].tolist()
    [-3.5, -2.5]
    >>> bool(np.allclose(detrend(np.arange(8.0) + 3, Detrend.LINEAR), 0))
    True
    """
    check(samples, 1.0)
    result: Array = np.array(samples, dtype=np.float64)
    if how is not Detrend.NONE:
        result -= result.mean(axis=-1, keepdims=True)
    if how is Detrend.LINEAR:
        count = result.shape[-1]
        places = np.arange(count) - (count - 1) / 2
        slope = (result @ places / (places @ places))[..., np.newaxis]
        result -= slope * places
    return result


def apply_filter(samples: NDArray[np.floating], sample_rate_hz: float, chosen: Filter) -> Filtered:
    """The signal as a filter lets it through, without delay.

    Use it to listen to one part of a machine: above a few kilohertz for bearings, around a
    gear mesh, without a line of the mains. A spectrum needs no filter, and statistics such
    as crest factor and kurtosis after one describe the filtered signal, not the machine.

    The signal is continued by its mirror image at both ends, and what rings from there is
    counted in ``unsettled_samples``.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    sample_rate_hz : float
        Above 0.
    chosen : Filter
        With all edges below half the sampling rate.

    Returns
    -------
    Filtered
        As many samples, in the unit of the signal.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0,
        an edge is at half the rate or above, or the signal is too short to settle.

    Examples
    --------
    >>> time_s = np.arange(2_000) / 1_000
    >>> slow, fast = np.sin(2 * np.pi * 5 * time_s), np.sin(2 * np.pi * 200 * time_s)
    >>> result = apply_filter(slow + fast, 1_000, Filter(FilterKind.LOW, high_hz=50))
    >>> bool(np.abs(result.samples - slow)[100:-100].max() < 0.005)
    True
    """
    check(samples, sample_rate_hz)
    if max(chosen.edges_hz) >= sample_rate_hz / 2:
        raise SignalError(
            f"A filter edge at {max(chosen.edges_hz):g} Hz needs a sampling rate above "
            f"{2 * max(chosen.edges_hz):g} Hz, got {sample_rate_hz:g} Hz."
        )
    unsettled = math.ceil(chosen.settling_s * sample_rate_hz)
    count = samples.shape[-1]
    if 2 * unsettled >= count:
        raise SignalError(
            f"A {chosen.words} filter needs {chosen.settling_s:.3g} s to settle at each end, "
            f"but the signal lasts {count / sample_rate_hz:.3g} s. Choose wider edges, "
            "a lower order or a longer time."
        )
    return Filtered(apply_response(samples, sample_rate_hz, chosen.gain, unsettled), unsettled)


def apply_response(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    response: Callable[[Array], NDArray[Any]],
    settling_samples: int,
) -> Array:
    """The signal with each of its frequencies multiplied by ``response(frequency in Hz)``.

    Both ends are continued by their mirror image for twice the settling time and faded out
    there, so that the beginning does not ring into the end.

    Parameters
    ----------
    samples : array of shape (..., samples)
        Finite, in any unit.
    sample_rate_hz : float
        Above 0.
    response : callable
        Takes frequencies from 0 Hz to half the rate, gives real or complex factors.
    settling_samples : int
        How long the response rings.

    Returns
    -------
    array of shape (..., samples)
    """
    from scipy import fft

    count = samples.shape[-1]
    margin = min(2 * settling_samples, count - 1)
    extended = _continued(samples, margin)
    length = fft.next_fast_len(extended.shape[-1], real=True)
    lines = fft.rfft(extended, length, axis=-1)
    lines *= response(np.arange(lines.shape[-1]) * (sample_rate_hz / length))
    result: Array = fft.irfft(lines, length, axis=-1, overwrite_x=True)
    return result[..., margin : margin + count]


def _continued(samples: NDArray[np.floating], margin: int) -> Array:
    """Mirrored for ``margin`` samples at both ends; the outer half of that fades to 0."""
    widths = [(0, 0)] * (samples.ndim - 1) + [(margin, margin)]
    extended: Array = np.pad(np.asarray(samples, dtype=np.float64), widths, mode="reflect")
    half = margin // 2
    if half:
        fade = 0.5 - 0.5 * np.cos(np.pi * np.arange(half) / half)
        extended[..., :half] *= fade
        extended[..., -half:] *= fade[::-1]
    return extended


def _given(edge_hz: float | None) -> str:
    return "none" if edge_hz is None else f"{edge_hz:g} Hz"
