"""Windows of one length and rate, and what several features of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.envelope import Band, default_band

SHORTEST = 256
"""Samples of the shortest window that features are computed of."""
_STILL = 1e-12
# Beyond this no unit makes sense, and sixth powers would not fit into a number.
_IMPOSSIBLE = 1e40
T = TypeVar("T")


def fitting_window(window: float | None, shortest: float) -> int | None:
    """The longest power of two [samples] that a recording of ``shortest`` samples holds.

    None where ``window`` fits already, or where no window would.

    Examples
    --------
    >>> fitting_window(4096, 1200.0), fitting_window(1024, 1200.0), fitting_window(4096, 200.0)
    (1024, None, None)
    """
    if not window or window <= shortest or shortest < SHORTEST:
        return None
    return 1 << math.floor(math.log2(shortest))


@dataclass(frozen=True)
class Context:
    """What is known about the machine and chosen for the table, beside the samples.

    Parameters
    ----------
    shaft_hz : float or array of shape (windows,), optional
        Turns of the shaft per second; NaN or None where the speed is unknown.
    orders : mapping of str to float
        BPFO, BPFI, BSF and FTF in shaft orders, as ``Bearing.orders()`` gives them. BSF is
        the spin of a ball; the features look at 2 × BSF, at which its damage strikes. (The
        ball value that is published with the CWRU data is 2 × BSF already.)
    tolerance : float
        How far a line may lie from where the speed puts it, as a part of its frequency.
        Above 0, below 0.25. Bearings slip by 1 to 2 %.
    band : Band, optional
        Where the envelope is taken; otherwise :func:`diagnostics.signals.envelope.default_band`.
    edges_hz : five floats
        The four bands of the frequency domain lie between them; rising, from 0.

    Raises
    ------
    SignalError
        If a number is out of its range.

    Examples
    --------
    >>> Context(shaft_hz=30.0).speeds(2).tolist(), Context().speeds(1).tolist()
    ([30.0, 30.0], [nan])
    """

    shaft_hz: float | NDArray[np.float64] | None = None
    orders: Mapping[str, float] = field(default_factory=dict)
    tolerance: float = 0.02
    band: Band | None = None
    edges_hz: tuple[float, ...] = (0.0, 500.0, 2_000.0, 5_000.0, 10_000.0)

    def __post_init__(self) -> None:
        if not 0 < self.tolerance < 0.25:
            raise SignalError(
                f"The tolerance must be above 0 and below 0.25, got {self.tolerance:g}."
            )
        edges = np.asarray(self.edges_hz, dtype=np.float64)
        if edges.shape != (5,) or edges[0] < 0 or not (np.diff(edges) > 0).all():
            raise SignalError(
                "The four bands need five edges in Hz that rise from 0 or above, got "
                f"{', '.join(f'{edge:g}' for edge in edges.ravel())}."
            )

    def speeds(self, windows: int) -> NDArray[np.float64]:
        """Shaft frequency of each window in Hz, NaN where it is unknown.

        Raises
        ------
        SignalError
            If there are as many speeds as neither one nor the windows.
        """
        given = np.nan if self.shaft_hz is None else self.shaft_hz
        speeds = np.asarray(given, dtype=np.float64)
        if speeds.ndim and speeds.shape != (windows,):
            raise SignalError(
                f"Expected one speed for each of {windows} windows, got {speeds.size}."
            )
        speeds = np.broadcast_to(speeds, (windows,))
        return np.where(np.isfinite(speeds) & (speeds > 0), speeds, np.nan)

    def of_rows(self, rows: slice) -> Context:
        """The context of some of the windows."""
        if self.shaft_hz is None or np.ndim(self.shaft_hz) == 0:
            return self
        return replace(self, shaft_hz=np.asarray(self.shaft_hz)[rows])


class Batch:
    """Some windows in double precision, without their means.

    A window with a value that is not finite, or beyond 1e40, is ``broken``: zeros stand in
    its place and whoever reads the features puts NaN. A constant window is all zeros here,
    of which every feature makes 0.

    What several features need, such as the spectrum, is computed once: :meth:`share`.

    Parameters
    ----------
    samples : array of shape (windows, samples)
        In any unit, at least 256 samples.
    sample_rate_hz : float
        Above 0.
    context : Context

    Raises
    ------
    SignalError
        If the shape or the rate is another one, or the speeds do not fit the windows.

    Examples
    --------
    >>> batch = Batch(np.array([np.ones(256), np.full(256, np.nan)]), 1000.0)
    >>> batch.centred.any(), batch.broken.tolist(), batch.seconds
    (np.False_, [False, True], 0.256)
    """

    def __init__(
        self,
        samples: NDArray[np.floating],
        sample_rate_hz: float,
        context: Context | None = None,
    ) -> None:
        if not (np.isfinite(sample_rate_hz) and sample_rate_hz > 0):
            raise SignalError(f"The sampling rate must be above 0 Hz, got {sample_rate_hz:g} Hz.")
        if samples.ndim != 2 or samples.shape[1] < SHORTEST:
            raise SignalError(
                f"Features are computed of windows of {SHORTEST} samples or more, as rows of "
                f"one array; got the shape {samples.shape}."
            )
        self.sample_rate_hz = float(sample_rate_hz)
        self.context = context or Context()
        self.shaft_hz = self.context.speeds(len(samples))
        values = np.array(samples, dtype=np.float64)
        sums = np.empty((3, len(values)))
        with np.errstate(over="ignore", invalid="ignore"):
            # Row by row, since one row stays in the cache through all steps.
            for number, row in enumerate(values):
                sums[:, number] = row.mean(), row.max(), row.min()
                np.subtract(row, sums[0, number], out=row)
            mean, high, low = sums
            largest = np.maximum(high, -low)
            self.peak = np.maximum(high - mean, mean - low)
        # Also true of NaN.
        self.broken: NDArray[np.bool_] = ~(largest < _IMPOSSIBLE)
        nothing = self.broken | (self.peak <= _STILL * largest)
        values[nothing], self.peak[nothing] = 0.0, 0.0
        self.centred: NDArray[np.float64] = values
        self._parts: dict[Callable[[Batch], Any], Any] = {}

    def __len__(self) -> int:
        return len(self.centred)

    @property
    def sample_count(self) -> int:
        return int(self.centred.shape[1])

    @property
    def seconds(self) -> float:
        return self.sample_count / self.sample_rate_hz

    @property
    def band(self) -> Band:
        """Where the envelope is taken."""
        return self.context.band or default_band(self.sample_rate_hz)

    def share(self, part: Callable[[Batch], T]) -> T:
        """What ``part`` makes of this batch, made once.

        Parameters
        ----------
        part : function of a Batch
            A function of a module, the same one at each call.
        """
        if part not in self._parts:
            self._parts[part] = part(self)
        found: T = self._parts[part]
        return found


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quotient of each row; 0 where nothing stands below, as in a constant window.

    Examples
    --------
    >>> ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()
    [0.5, 0.0]
    """
    result = np.where(np.isnan(below), np.nan, 0.0)
    np.divide(above, below, out=result, where=below > 0)
    return result


def kurtosis_of(values: NDArray[np.float64], still: float = _STILL) -> NDArray[np.float64]:
    """Fourth central moment over the squared variance of each row, 0 for a constant one.

    Constant is what deviates from its mean by less than ``still`` times the mean.

    Examples
    --------
    >>> kurtosis_of(np.array([[1.0, -1.0], [2.0, 2.0]])).tolist()
    [1.0, 0.0]
    """
    mean = values.mean(axis=1)
    off = values - mean[:, None]
    squares = np.square(off, out=off)
    variance = squares.mean(axis=1)
    fourth = np.vecdot(squares, squares) / values.shape[1]
    varies = variance > (still * mean) ** 2
    return ratio(np.where(varies, fourth, 0.0), np.where(varies, variance**2, 0.0))
