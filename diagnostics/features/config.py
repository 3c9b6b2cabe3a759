"""How windows are cut for a table of features, and what they are called by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features.batch import SHORTEST

LONGEST = 1 << 22
"""Samples of the longest window."""
MOST_OVERLAP = 0.95


@dataclass(frozen=True)
class ExtractionConfig:
    """What an extraction is asked for beside the domains.

    Parameters
    ----------
    channel : int
        Position of the channel in each recording, from 0.
    window : int
        Samples of a window, from 256 to 4 194 304. Of a recording of another sampling rate
        they last another time.
    overlap : float
        The part of a window that it shares with the next one: 0 or above, at most 0.95.
    group_by : str
        What may not lie on two sides of a comparison: ``bearing``, ``machine``,
        ``recording``, or an attribute. Empty: the bearing where one is known, else the
        machine, else the recording.
    band_hz : (float, float), optional
        Where the envelope is taken.

    Raises
    ------
    FeatureError
        If a number is out of its range.

    Examples
    --------
    >>> ExtractionConfig(window=1000, overlap=0.25).hop
    750
    """

    channel: int = 0
    window: int = 4096
    overlap: float = 0.0
    group_by: str = ""
    band_hz: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.channel <= 10_000:
            raise FeatureError(f"Channels are counted from 0, got {self.channel}.")
        if not SHORTEST <= self.window <= LONGEST:
            raise FeatureError(f"A window has {SHORTEST} to {LONGEST} samples, got {self.window}.")
        if not 0 <= self.overlap <= MOST_OVERLAP:
            raise FeatureError(
                f"The overlap must be a part of the window from 0 to {MOST_OVERLAP:g}, "
                f"got {self.overlap:g}."
            )
        if self.band_hz is not None and not 0 <= self.band_hz[0] < self.band_hz[1]:
            low, high = self.band_hz
            raise FeatureError(
                "A band begins at 0 Hz or above and ends above its beginning, got "
                f"{low:g} to {high:g} Hz."
            )

    @property
    def hop(self) -> int:
        """Samples from the beginning of a window to that of the next."""
        return max(1, round(self.window * (1 - self.overlap)))

    def as_dict(self) -> dict[str, Any]:
        """As :func:`read_config` takes it."""
        return asdict(self)


def read_config(given: Mapping[str, Any] | None) -> ExtractionConfig:
    """A configuration that came from outside.

    Parameters
    ----------
    given : mapping, optional
        Names and values of :class:`ExtractionConfig`; what is missing has its default.

    Raises
    ------
    FeatureError
        If a name is not known, or a value is of another kind or out of its range.

    Examples
    --------
    >>> read_config({"window": 2048, "overlap": 0.5}).hop
    1024
    """
    asked = dict(given or {})
    unknown = sorted(set(asked) - set(_KINDS))
    if unknown:
        raise FeatureError(
            f"An extraction knows no “{unknown[0]!s:.40}”; there are {', '.join(_KINDS)}."
        )
    read = {}
    for name, value in asked.items():
        if value is None and name != "band_hz":
            continue
        try:
            read[name] = _KINDS[name](value)
        except (TypeError, ValueError, OverflowError) as error:
            raise FeatureError(f"“{name}” cannot be “{value!s:.40}”.") from error
    return ExtractionConfig(**read)


def window_starts(sample_count: int, window: int, hop: int) -> NDArray[np.int64]:
    """First samples of the windows that lie wholly inside a recording.

    Parameters
    ----------
    sample_count, window, hop : int

    Returns
    -------
    array of shape (windows,)
        Empty for a recording that is shorter than a window.

    Examples
    --------
    >>> window_starts(10, 4, 3).tolist(), window_starts(3, 4, 3).tolist()
    ([0, 3, 6], [])
    """
    return np.arange(0, max(0, sample_count - window + 1), hop, dtype=np.int64)


def _whole(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or number != float(value):
        raise ValueError("no whole number")
    return number


def _band(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    low, high = value
    return float(low), float(high)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 120:
        raise ValueError("no text")
    return value


_KINDS: dict[str, Any] = {
    "channel": _whole,
    "window": _whole,
    "overlap": float,
    "group_by": _text,
    "band_hz": _band,
}
