"""Frequencies as hertz, as cycles per minute, or in multiples of the shaft's speed."""

from __future__ import annotations

import enum
import math

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError

Array = NDArray[np.float64]


class FrequencyAxis(enum.StrEnum):
    """What an axis of frequencies counts.

    In *orders* the lines of a machine stay where they are when its speed changes: imbalance
    at 1, a gear mesh at its number of teeth. Lines of the mains and resonances do not.
    """

    HZ = "hz"
    CPM = "cpm"
    ORDERS = "orders"

    @property
    def unit(self) -> str:
        return _WORDS[self][1]

    @property
    def axis_title(self) -> str:
        """What to write along the axis.

        Examples
        --------
        >>> [axis.axis_title for axis in FrequencyAxis]
        ['Frequency [Hz]', 'Frequency [CPM]', 'Order [× shaft speed]']
        """
        return "{} [{}]".format(*_WORDS[self])


_WORDS = {
    FrequencyAxis.HZ: ("Frequency", "Hz"),
    FrequencyAxis.CPM: ("Frequency", "CPM"),
    FrequencyAxis.ORDERS: ("Order", "× shaft speed"),
}


def hz_per_unit(axis: FrequencyAxis, speed_rpm: float | None = None) -> float:
    """How many hertz one on the axis is.

    Parameters
    ----------
    axis : FrequencyAxis
    speed_rpm : float, optional
        Of the shaft, above 0; needed for orders.

    Raises
    ------
    SignalError
        If the axis counts orders and the speed is not known or not above 0.

    Examples
    --------
    >>> hz_per_unit(FrequencyAxis.ORDERS, 1_797.0)
    29.95
    >>> round(1 / hz_per_unit(FrequencyAxis.CPM), 6)
    60.0
    """
    if axis is FrequencyAxis.HZ:
        return 1.0
    if axis is FrequencyAxis.CPM:
        return 1 / 60
    if speed_rpm is None or not 0 < speed_rpm < math.inf:
        got = "none" if speed_rpm is None else f"{speed_rpm:g} rpm"
        raise SignalError(
            f"Orders need the speed of the shaft, above 0 rpm, got {got}. Enter it, or have it "
            "estimated."
        )
    return speed_rpm / 60


def from_hz(
    frequencies_hz: NDArray[np.floating], axis: FrequencyAxis, speed_rpm: float | None = None
) -> Array:
    """Frequencies in the unit of the axis.

    Raises
    ------
    SignalError
        As :func:`hz_per_unit`.

    Examples
    --------
    >>> from_hz(np.array([25.0, 50.0]), FrequencyAxis.ORDERS, 1_500).tolist()
    [1.0, 2.0]
    >>> from_hz(np.array([25.0, 50.0]), FrequencyAxis.CPM).round(9).tolist()
    [1500.0, 3000.0]
    """
    values = np.asarray(frequencies_hz, dtype=np.float64)
    result: Array = (
        values * 60 if axis is FrequencyAxis.CPM else values / hz_per_unit(axis, speed_rpm)
    )
    return result


def to_hz(
    values: NDArray[np.floating], axis: FrequencyAxis, speed_rpm: float | None = None
) -> Array:
    """Frequencies in hertz from those on the axis.

    Raises
    ------
    SignalError
        As :func:`hz_per_unit`.

    Examples
    --------
    >>> to_hz(np.array([3.585]), FrequencyAxis.ORDERS, 1_797).round(2).tolist()
    [107.37]
    """
    result: Array = np.asarray(values, dtype=np.float64) * hz_per_unit(axis, speed_rpm)
    return result
