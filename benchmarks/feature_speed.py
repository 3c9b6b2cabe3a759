"""How fast features of windows are computed, beside tsfel in the same run.

On one core: the libraries' threads are held to one before they are loaded.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import psutil  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.measure import Benchmark, Figure, at_least, at_most, main, median  # noqa: E402
from diagnostics.features.batch import Context  # noqa: E402
from diagnostics.features.catalogue import Domain, TableFeature, feature, features_of  # noqa: E402
from diagnostics.features.extraction import (  # noqa: E402
    WindowBlock,
    extract_features,
    extract_stream,
)

WINDOW = 20_480
RATE_HZ = 20_480.0
WINDOWS = 64
THEIRS = 16
ROUNDS = 9
STREAMED = 10_000
IN_BLOCK = 50
UNIT = "ms/window"
CONTEXT = Context(30.0, {"BPFO": 3.585, "BPFI": 5.415, "BSF": 2.357, "FTF": 0.398})
# Features of ours that tsfel has, and what it calls them.
SAME = {
    "RMS": "signal:rms",
    "Kurtosis": "signal:kurtosis",
    "Skewness": "signal:skewness",
    "DominantFreq": "signal:fundamental_frequency",
    "SpectralCentroid": "signal:spectral_centroid",
    "SpectralStd": "signal:spectral_spread",
    "SpectralEntropy": "signal:spectral_entropy",
    "EnvelopeRMS": "envelope:rms",
    "EnvelopeKurtosis": "envelope:kurtosis",
    "EnvelopePeak": "envelope:calc_max",
    "ModulationFreq": "envelope:fundamental_frequency",
}
# Apart from what the program needs: see benchmarks/apart/.
TSFEL = Path(sys.prefix) / "tsfel"
APART = Path(__file__).parent / "apart"
Windows = NDArray[np.float32]


def run() -> Benchmark:
    process = psutil.Process()
    allowed = process.cpu_affinity()
    process.cpu_affinity(allowed[:1])
    try:
        figures = [*_beside_tsfel(), *_each_domain(), *_streamed(process)]
    finally:
        process.cpu_affinity(allowed)
    return Benchmark(
        name="feature_speed",
        title="Features of windows",
        method=(
            f"Windows of {WINDOW:,} samples at 20 480 Hz with two tones, strikes and noise, in "
            "memory as 32-bit numbers; one core, seconds of the processor. Ours and tsfel take "
            f"turns, {ROUNDS} rounds, medians. tsfel 0.2.0: its functions called directly on "
            "double precision, without its tables and progress, the envelope by scipy’s Hilbert "
            f"transform, once for all four; {len(SAME)} features, those that both have. Streamed: "
            f"{STREAMED:,} windows, {IN_BLOCK} of a recording at a time, made as they are needed."
        ),
        figures=figures,
        command="python -m benchmarks.feature_speed",
    )


def _windows(count: int) -> Windows:
    rng = np.random.default_rng(0)
    time_s = np.arange(WINDOW) / RATE_HZ
    tones = np.sin(2 * np.pi * 30 * time_s) + 0.3 * np.sin(2 * np.pi * 700 * time_s)
    since_strike = np.mod(time_s, 1 / 107.5)
    ringing = np.exp(-900 * since_strike) * np.sin(2 * np.pi * 5_000 * since_strike)
    noise = rng.normal(scale=0.5, size=(count, WINDOW))
    made: Windows = (tones + 2 * ringing + noise).astype(np.float32)
    return made


def _beside_tsfel() -> Iterator[Figure]:
    samples = _windows(WINDOWS)
    same = [feature(name) for name in SAME]
    several = features_of([Domain.TIME, Domain.FREQUENCY, Domain.ENVELOPE])
    rounds = []
    with _tsfel(samples[:THEIRS]) as theirs:
        for _ in range(ROUNDS + 1):
            rounds.append((theirs(), _ours(samples, same), _ours(samples, several)))
    # The first round warms up.
    tsfel, equal, more = (median(column) for column in zip(*rounds[1:], strict=True))
    yield Figure(f"tsfel, {len(SAME)} features", tsfel, UNIT, ROUNDS)
    yield Figure(f"ours, the same {len(SAME)} features", equal, UNIT, ROUNDS)
    yield at_least("the same features: times as fast", tsfel / equal, 10, "×", n=ROUNDS)
    yield Figure(f"ours, time, frequency and envelope: {len(several)} features", more, UNIT, ROUNDS)
    note = f"our {len(several)} features against {len(SAME)} of tsfel"
    yield Figure("all of these domains: times as fast", tsfel / more, "×", ROUNDS, note=note)


def _each_domain() -> Iterator[Figure]:
    samples = _windows(WINDOWS)
    for domain in Domain:
        features = features_of(domain)
        name = f"{domain.value}, {len(features)} features"
        yield Figure(name, _median(samples, features), UNIT, ROUNDS)
    every = features_of()
    yield at_most(f"all {len(every)}", _median(samples, every), 8.0, UNIT, n=ROUNDS)
    every += features_of(Domain.ORDER)
    yield Figure(f"all and orders: {len(every)}", _median(samples, every), UNIT, ROUNDS)


def _streamed(process: psutil.Process) -> Iterator[Figure]:
    features = features_of()
    list(extract_stream(_blocks(2), features))
    before = process.memory_info().rss
    grown, rows, begun = [], 0, time.perf_counter()
    for table in extract_stream(_blocks(STREAMED // IN_BLOCK), features):
        rows += len(table)
        grown.append((process.memory_info().rss - before) / 2**20)
    seconds = time.perf_counter() - begun
    yield Figure("streamed, all 36, by the clock", rows / seconds, "windows/s", rows)
    yield at_most("memory grown while streaming", max(grown), 64, "MiB", n=rows)


def _blocks(count: int) -> Iterator[WindowBlock]:
    made = _windows(IN_BLOCK)
    for number in range(count):
        yield WindowBlock(made * np.float32(1 + number / count), RATE_HZ, CONTEXT)


def _median(samples: Windows, features: Sequence[TableFeature]) -> float:
    _ours(samples, features)
    return median([_ours(samples, features) for _ in range(ROUNDS)])


def _ours(samples: Windows, features: Sequence[TableFeature]) -> float:
    """Milliseconds of the processor for one window."""
    begun = time.process_time()
    extract_features(samples, RATE_HZ, features, CONTEXT)
    return (time.process_time() - begun) * 1000 / len(samples)


@contextmanager
def _tsfel(samples: Windows) -> Iterator[Callable[[], float]]:
    """Milliseconds of the processor that tsfel takes for one window, at each call."""
    if not TSFEL.exists():
        _install()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "windows.npy"
        np.save(file, samples)
        command = [sys.executable, str(APART / "tsfel_features.py"), str(file), str(RATE_HZ)]
        with subprocess.Popen(
            [*command, *SAME.values()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={**os.environ, "PYTHONPATH": str(TSFEL)},
        ) as process:
            yield lambda: _asked(process)
            process.stdin.close()  # type: ignore[union-attr]


def _asked(process: subprocess.Popen[str]) -> float:
    process.stdin.write("\n")  # type: ignore[union-attr]
    return float(process.stdout.readline())  # type: ignore[union-attr]


def _install() -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--target", str(TSFEL), "-r", str(APART / "requirements.txt")]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(run)
