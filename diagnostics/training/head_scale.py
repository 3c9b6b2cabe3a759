"""Bring what a head estimates to a common scale, by what the training part says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.training.heads import HEADS, Head
from diagnostics.training.windows import WindowSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HeadScale:
    """Mean and deviation of a quantity over the training windows; kept with the weights.

    Without them, an error of a hundred turns a minute would drown one of a tenth in severity.

    Parameters
    ----------
    name : str
        Of the quantity.
    mean, deviation : float
        In its unit, of the training windows for which it is known.
    recordings : int
        For how many training recordings it is known.
    off : str
        Why the head was not trained; empty for one that was.
    """

    name: str
    mean: float
    deviation: float
    recordings: int
    off: str = ""

    @property
    def head(self) -> Head:
        return HEADS[self.name]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def fit_scales(
    heads: Sequence[Head], weights: Mapping[str, float], training: WindowSet
) -> tuple[HeadScale, ...]:
    """The scale of each head, from the training part and nothing else.

    Parameters
    ----------
    heads : sequence of Head
    weights : mapping
        Parameters of the network, by name.
    training : WindowSet
        Of the training side only.

    Returns
    -------
    tuple of HeadScale
        In the order of the heads. One for which there is nothing to learn is off.
    """
    known = training.known([head.name for head in heads])
    return tuple(
        _scale(head, known[:, place], weights[head.weight], training)
        for place, head in enumerate(heads)
    )


def _scale(head: Head, values: Floats, weight: float, training: WindowSet) -> HeadScale:
    there = np.isfinite(values)
    recordings = int(np.unique(training.owner[there]).size)
    if not recordings:
        return HeadScale(head.name, 0.0, 1.0, 0, "no training recording says it")
    mean, deviation = float(values[there].mean()), float(values[there].std())
    off = ""
    if np.ptp(values[there]) == 0:
        off = f"all training recordings that say it say {mean:g}{' ' * bool(head.unit)}{head.unit}"
    elif not weight:
        off = "its error has the weight 0 in the loss"
    return HeadScale(head.name, mean, deviation if deviation else 1.0, recordings, off)


def on_scale(scales: Sequence[HeadScale], values: Floats) -> NDArray[np.float32]:
    """Known values as heads learn them; NaN where nothing is known or the head is off.

    Parameters
    ----------
    values : array of shape (windows, heads)
        In the units of the quantities.
    """
    if not scales:
        return np.zeros((len(values), 0), dtype=np.float32)
    mean, deviation = _columns(scales)
    scaled = (values - mean) / deviation
    scaled[:, [bool(scale.off) for scale in scales]] = np.nan
    return scaled.astype(np.float32)


def in_units(scales: Sequence[HeadScale], raw: Floats) -> Floats:
    """What heads say, in the units of the quantities and held where these can lie.

    Examples
    --------
    >>> scale = HeadScale("severity", 0.5, 0.2, 12)
    >>> in_units([scale], np.array([[-1.0], [9.0]])).round(2).tolist()
    [[0.3], [1.0]]
    """
    if not scales:
        return np.zeros((len(raw), 0))
    mean, deviation = _columns(scales)
    low, high = ([getattr(scale.head, end) for scale in scales] for end in ("low", "high"))
    found = np.clip(raw * deviation + mean, low, high)
    found[:, [bool(scale.off) for scale in scales]] = np.nan
    return found


def _columns(scales: Sequence[HeadScale]) -> tuple[Floats, Floats]:
    return (
        np.array([scale.mean for scale in scales]),
        np.array([scale.deviation for scale in scales]),
    )
