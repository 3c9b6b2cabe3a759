"""A recording of a bearing that strikes, and plots of it, for tests of the signals page."""

from __future__ import annotations

from typing import Any

import numpy as np

from diagnostics.signals.signal import Unit, single_channel
from services.signals.curves import ALL, Computed, Span
from services.signals.plots import PlotView, compute, kind_of, plot_of
from services.signals.settings import PlotSettings

RATE_HZ = 10_000.0
COUNT = 100_000
SHAFT_RPM = 1_500.0
STRIKES_HZ = 90.0


def _signal() -> Any:
    """Strikes that ring at 3.2 kHz, the shaft, and noise."""
    times_s = np.arange(COUNT) / RATE_HZ
    since_s = times_s % (1 / STRIKES_HZ)
    ringing = np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_200 * since_s)
    noise = np.random.default_rng(7).normal(scale=0.1, size=COUNT)
    return 2 * ringing + 0.5 * np.cos(2 * np.pi * SHAFT_RPM / 60 * times_s) + noise


SAMPLES = _signal()
SIGNAL = single_channel(SAMPLES, RATE_HZ, Unit.ACCELERATION)


def plot(
    kind: str,
    recording_id: int,
    span: Span = ALL,
    start_s: float | None = None,
    stop_s: float | None = None,
    **settings: Any,
) -> PlotView:
    """A plot with some settings."""
    place = (recording_id, 0, start_s, stop_s)
    return plot_of(kind_of(kind), place, PlotSettings.from_mapping(settings), span)


def lines(kind: str, recording_id: int, **settings: Any) -> Computed:
    """The same of the whole recording, before it is thinned."""
    place = (recording_id, 0, None, None)
    return compute(kind_of(kind), place, PlotSettings.from_mapping(settings))[1]
