"""Features of many windows, block by block: as much memory for ten thousand as for ten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.batch import Batch, Context
from diagnostics.features.catalogue import ALL, TableFeature, features_of

AT_ONCE = 327_680
"""Samples that are computed at once: 16 windows of 20 480, which need some 40 MiB."""


@dataclass(frozen=True, eq=False)
class WindowBlock:
    """Windows of one recording: samples (windows, samples), their rate, what is known of it."""

    samples: NDArray[np.floating]
    sample_rate_hz: float
    context: Context | None = None


def extract(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    domains: str | Iterable[str] = ALL,
    context: Context | None = None,
) -> NDArray[np.float64]:
    """All features of some domains, of each window.

    Parameters
    ----------
    samples : array of shape (windows, samples)
        In any unit; also a memory map: few windows are read at once.
    sample_rate_hz : float
        Above 0.
    domains : str or strings
        As :func:`diagnostics.features.catalogue.features_of` takes them.
    context : Context, optional
        Speed, bearing, bands.

    Returns
    -------
    array of shape (windows, features)
        In the order of ``features_of(domains)``. NaN in each column of a window that has a
        value that is not finite, and where a number cannot be known: :func:`unknown` says
        why. Everything known of a constant window is 0.

    Raises
    ------
    SignalError
        If a window is too short for a domain, or the band does not fit the sampling rate.
    FeatureError
        If there is no such domain.

    Examples
    --------
    >>> waves = np.sin(2 * np.pi * 50 * np.arange(2000) / 2000) * np.array([[1.0], [2.0]])
    >>> table = extract(waves, 2000, ["time"])
    >>> table.shape, table[:, 0].round(3).tolist()
    ((2, 7), [0.707, 1.414])
    """
    return extract_features(samples, sample_rate_hz, features_of(domains), context)


def extract_features(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    features: Sequence[TableFeature],
    context: Context | None = None,
) -> NDArray[np.float64]:
    """The listed features of each window; otherwise as :func:`extract`.

    Parameters
    ----------
    samples : array of shape (windows, samples)
    sample_rate_hz : float
    features : sequence of TableFeature
    context : Context, optional

    Returns
    -------
    array of shape (windows, features)
    """
    context = context or Context()
    context.speeds(len(samples))
    table = np.empty((len(samples), len(features)))
    step = max(1, AT_ONCE // max(1, samples.shape[-1]))
    for start in range(0, len(samples), step):
        rows = slice(start, start + step)
        batch = Batch(samples[rows], sample_rate_hz, context.of_rows(rows))
        for column, feature in enumerate(features):
            table[rows, column] = feature.compute(batch)
        table[rows][batch.broken] = np.nan
    return table


def extract_stream(
    blocks: Iterable[WindowBlock], features: Sequence[TableFeature]
) -> Iterator[NDArray[np.float64]]:
    """The listed features, block by block as they come; no block is kept.

    Parameters
    ----------
    blocks : iterable of WindowBlock
        A generator that reads a recording at a time needs the memory of one.
    features : sequence of TableFeature

    Yields
    ------
    array of shape (windows, features)
        One for each block.

    Examples
    --------
    >>> blocks = (WindowBlock(np.eye(2, 512), 1000.0) for _ in range(3))
    >>> [table.shape for table in extract_stream(blocks, features_of("time"))]
    [(2, 7), (2, 7), (2, 7)]
    """
    for block in blocks:
        yield extract_features(block.samples, block.sample_rate_hz, features, block.context)


def unknown(
    features: Sequence[TableFeature], sample_rate_hz: float, context: Context
) -> dict[str, str]:
    """Why some columns have no number in any window, by the name of the feature.

    Parameters
    ----------
    features : sequence of TableFeature
    sample_rate_hz : float
    context : Context

    Returns
    -------
    dict of str to str
        A sentence for each feature that cannot be known.

    Examples
    --------
    >>> unknown(features_of("frequency"), 8_000, Context())["VeryHighBandEnergy"]
    'A sampling rate of 8000 Hz shows nothing above 4000 Hz.'
    """
    speeds = np.asarray(np.nan if context.shaft_hz is None else context.shaft_hz, dtype=float)
    reasons = {}
    for feature in features:
        if feature.needs_speed and not (speeds > 0).any():
            reasons[feature.name] = "The speed of the shaft is not known."
        elif feature.needs_bearing and not context.orders:
            reasons[feature.name] = "The bearing is not known."
        elif feature.name in _BANDS:
            low_hz = context.edges_hz[_BANDS.index(feature.name)]
            if low_hz > sample_rate_hz / 2:
                reasons[feature.name] = (
                    f"A sampling rate of {sample_rate_hz:g} Hz shows nothing above "
                    f"{sample_rate_hz / 2:g} Hz."
                )
    return reasons


_BANDS = ("LowBandEnergy", "MidBandEnergy", "HighBandEnergy", "VeryHighBandEnergy")
