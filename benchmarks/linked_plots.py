"""What a selection of time in a long recording asks for: every plot and number beside it.

Each is one call of the service that the page makes when somebody selects, without the network
and the drawing. Selections differ, so that nothing is taken from what was kept.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.measure import Benchmark, Figure, main, percentile
from benchmarks.waveform_zoom import RATE_HZ, SAMPLES, recording_of
from services.signal_view_service import SignalViewService
from services.signals.plots import PlotKind

REPEAT = 15
LONG, SHORT = 1_000_000, 100_000
AIM_MS = 400.0
# The four that are looked at together: field practice has them side by side.
TOGETHER = ("spectrum", "envelope", "spectrogram", "statistics")
Ask = Callable[[float, float], object]


def run() -> Benchmark:
    rng = np.random.default_rng(1)
    samples = rng.standard_normal(SAMPLES, dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder, recording_of(Path(folder), samples) as place:
        figures = [
            figure for count in (SHORT, LONG, SAMPLES) for figure in _selected(place, count, rng)
        ]
    return Benchmark(
        name="linked_plots",
        title="Plots of a selection in ten million samples",
        method=(
            f"One recording of {SAMPLES:,} float32 samples. Each line is one call of a service, "
            f"{REPEAT} selections of one length that begin anywhere; of all samples, other "
            f"bands. Spectra take 2²⁰ samples at most, scalogram and kurtogram 2¹⁸. Together: "
            f"{', '.join(TOGETHER)} one after the other; aim {AIM_MS:g} ms for a million samples."
        ),
        figures=figures,
        command="python -m benchmarks.linked_plots",
    )


def _selected(place: tuple[int, int], count: int, rng: np.random.Generator) -> Iterator[Figure]:
    starts = rng.integers(0, max(SAMPLES - count, 1), REPEAT + 1) / RATE_HZ
    # A whole recording can only be selected once: its end is moved a little instead.
    spans = [(start, start + count / RATE_HZ - turn * 1e-3) for turn, start in enumerate(starts)]
    together = np.zeros(REPEAT)
    for name, ask in _asked(place).items():
        seconds = np.array([_seconds(ask, span) for span in spans][1:])
        if name in TOGETHER:
            together += seconds
        yield _figure(f"{count:,} samples: {name}", seconds)
    yield _figure(f"{count:,} samples: together", together)


def _asked(place: tuple[int, int]) -> dict[str, Ask]:
    def plotted(kind: PlotKind) -> Ask:
        return lambda start, stop: SignalViewService.plot(kind.value, *place, start, stop)

    return {
        **{kind.value: plotted(kind) for kind in PlotKind},
        "statistics": lambda start, stop: SignalViewService.statistics(*place, start, stop),
        "overall values": lambda start, stop: SignalViewService.overall(*place, start, stop),
    }


def _seconds(ask: Ask, span: tuple[float, float]) -> float:
    begun = time.perf_counter()
    ask(*span)
    return time.perf_counter() - begun


def _figure(name: str, seconds: np.ndarray) -> Figure:
    slowest = f"p95 {percentile(list(seconds), 95) * 1e3:.0f} ms"
    return Figure(f"{name}, p50", percentile(list(seconds), 50) * 1e3, "ms", REPEAT, note=slowest)


if __name__ == "__main__":
    main(run)
