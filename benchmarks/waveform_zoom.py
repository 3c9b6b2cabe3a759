"""The waveform of ten million samples: first view and zooms, through the whole application.

Requests go through the sign-in gate, Dash, the service and the pyramid of the stored file,
as those of a browser do; only the network is left out.
"""

from __future__ import annotations

import base64
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient
from numpy.typing import NDArray
from tsdownsample import MinMaxDownsampler

from benchmarks.list_at_scale import Browser, application_of, sign_in
from benchmarks.measure import Benchmark, Figure, at_most, main, percentile
from diagnostics.signals.signal import Unit, single_channel
from layouts.analysis.settings import Ids as SettingIds
from layouts.figures.signals import line_values
from layouts.signals import Ids
from models import Origin
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.signal_view_service import STRETCHES

SAMPLES = 10_000_000
RATE_HZ = 100_000.0
SPIKE, SPIKE_HEIGHT = 5_432_101, 60.0
FIRST_VIEWS, ZOOMS, ALL_POINTS = 40, 400, 5
LIMIT_MS, LIMIT_KB = 60.0, 60.0
MS, KB = 1e3, 1e-3


@dataclass(frozen=True)
class Answers:
    """How long each answer took, in seconds, and how long it was, in bytes."""

    seconds: list[float]
    sizes: list[int]


class Page:
    """What the browser asks for on the signals page."""

    def __init__(self, client: FlaskClient, recording_id: int) -> None:
        self._browser = Browser(client)
        target = {
            "recording": recording_id,
            "channel": 0,
            "start": None,
            "stop": None,
            "stamp": 1,
        }
        self._given = {f"{Ids.target}.data": target, f"{SettingIds.processed}.data": {}}

    def first_view(self) -> bytes:
        return self._browser.send(f"{Ids.waveform}.figure.", self._given)

    def zoom(self, start_s: float, stop_s: float) -> bytes:
        event = {"xaxis.range[0]": start_s, "xaxis.range[1]": stop_s}
        # The callback that only patches the figure is the one with a mark behind its output.
        given = {**self._given, f"{Ids.waveform}.relayoutData": event}
        return self._browser.send(f"{Ids.waveform}.figure@", given)


def run() -> Benchmark:
    rng = np.random.default_rng(1)
    samples = rng.standard_normal(SAMPLES, dtype=np.float32)
    samples[SPIKE] = SPIKE_HEIGHT
    ranges = _ranges(rng)
    with tempfile.TemporaryDirectory() as folder:
        page = _page(Path(folder), samples)
        first = _answers(FIRST_VIEWS, lambda _turn: page.first_view())
        zooms = _answers(ZOOMS, lambda turn: page.zoom(*(ranges[turn] / RATE_HZ)))
        shown = sum(_shows_spike(page, span) for span in _around_spike(rng))
    alone = _answers(ZOOMS, lambda turn: _tsdownsample(samples, ranges[turn]))
    every = _answers(ALL_POINTS, lambda _turn: _all_points(samples))
    return Benchmark(
        name="waveform_zoom",
        title="Waveform of ten million samples: first view and zooms",
        method=(
            f"{SAMPLES} float32 samples with one spike, stored as a recording (gzip, min-max "
            f"pyramid). Requests to the running application in one process, {2 * STRETCHES} points "
            "an answer; payload before compression. Zooms begin anywhere and are between 100 "
            "samples and the whole wide, evenly over the logarithm; seed 1. tsdownsample MinMax "
            "reduces the same ranges of an array that lies in memory, and sends nothing but the "
            "points; sending all points encodes them as compactly as the page does."
        ),
        figures=[
            *_figures("First view", first, limited=True),
            *_figures("Zoom", zooms, limited=True),
            Figure(
                "Views around the spike that show it",
                100.0 * shown / ZOOMS,
                "%",
                ZOOMS,
                "= 100 %",
                shown == ZOOMS,
            ),
            *_figures("tsdownsample MinMax alone", alone, limited=False),
            *_figures("Sending all points", every, limited=False),
        ],
        command="python -m benchmarks.waveform_zoom",
    )


@contextmanager
def recording_of(folder: Path, samples: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Recording and channel of the samples in an application of their own; acts as an analyst."""
    server, person = application_of(folder)
    with server.app_context(), acting_as(person):
        yield _store(samples), 0


def _store(samples: NDArray[np.float32]) -> int:
    signal = single_channel(samples, RATE_HZ, Unit.ACCELERATION)
    stored = store_samples(signal, About("long", Origin.GENERATED))
    dataset_id = DatasetService.create("benchmark", origin=Origin.GENERATED)
    added = DatasetService.add_recordings(dataset_id, [stored], "benchmark")
    return added["recordings"][0].recording_id


def _page(folder: Path, samples: NDArray[np.float32]) -> Page:
    server, person = application_of(folder)
    with server.app_context(), acting_as(person):
        recording_id = _store(samples)
        client = sign_in(server, person)
    return Page(client, recording_id)


def _ranges(rng: np.random.Generator) -> NDArray[np.int64]:
    """First sample and the one after the last of each zoom, shape (zooms, 2)."""
    widths = np.exp(rng.uniform(np.log(100), np.log(SAMPLES), ZOOMS)).astype(np.int64)
    starts = (rng.uniform(size=ZOOMS) * (SAMPLES - widths)).astype(np.int64)
    return np.stack([starts, starts + widths], axis=-1)


def _around_spike(rng: np.random.Generator) -> NDArray[np.float64]:
    """Times that hold the spike, from the whole recording to a millisecond."""
    widths = np.exp(rng.uniform(np.log(100), np.log(SAMPLES), ZOOMS))
    starts = np.maximum(SPIKE - rng.uniform(0.02, 0.98, ZOOMS) * widths, 0)
    return np.stack([starts, starts + widths], axis=-1) / RATE_HZ


def _shows_spike(page: Page, span_s: NDArray[np.float64]) -> bool:
    operations = json.loads(page.zoom(*span_s))["response"][Ids.waveform]["figure"]["operations"]
    sent = next(o["params"]["value"] for o in operations if o["location"][-1] == "y")
    return bool(np.frombuffer(base64.b64decode(sent["bdata"]), "f4").max() == SPIKE_HEIGHT)


def _tsdownsample(samples: NDArray[np.float32], span: NDArray[np.int64]) -> bytes:
    part = samples[span[0] : span[1]]
    if part.size <= 2 * STRETCHES:
        kept = np.arange(part.size)
    else:
        reduce = MinMaxDownsampler()  # type: ignore[no-untyped-call]  # it has no hints
        kept = reduce.downsample(part, n_out=2 * STRETCHES)
    x = (span[0] + kept) / RATE_HZ
    return json.dumps({"x": line_values(x), "y": line_values(part[kept])}).encode()


def _all_points(samples: NDArray[np.float32]) -> bytes:
    # Evenly spaced: a start and a step take the place of ten million times.
    trace = {"x0": 0.0, "dx": 1 / RATE_HZ, "y": line_values(samples)}
    return json.dumps(trace).encode()


def _answers(count: int, ask: Callable[[int], bytes]) -> Answers:
    ask(0)
    seconds, sizes = [], []
    for turn in range(count):
        begin = time.perf_counter()
        answer = ask(turn)
        seconds.append(time.perf_counter() - begin)
        sizes.append(len(answer))
    return Answers(seconds, sizes)


def _figures(name: str, answers: Answers, *, limited: bool) -> list[Figure]:
    n = len(answers.seconds)
    p95_ms, largest_kb = percentile(answers.seconds, 95) * MS, max(answers.sizes) * KB
    figures = [Figure(f"{name}, p50", percentile(answers.seconds, 50) * MS, "ms", n)]
    if limited:
        figures.append(at_most(f"{name}, p95", p95_ms, LIMIT_MS, "ms", n=n))
        figures.append(at_most(f"{name}, largest payload", largest_kb, LIMIT_KB, "kB", n=n))
    else:
        figures.append(Figure(f"{name}, p95", p95_ms, "ms", n))
        figures.append(Figure(f"{name}, largest payload", largest_kb, "kB", n))
    return figures


if __name__ == "__main__":
    main(run)
