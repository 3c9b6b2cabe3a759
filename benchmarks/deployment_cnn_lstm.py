"""The variants of cnn_lstm, on real recordings."""

from __future__ import annotations

from benchmarks.measure import Benchmark, main
from benchmarks.variants_on_cwru import run_network


def run() -> Benchmark:
    return run_network("cnn_lstm")


if __name__ == "__main__":
    main(run)
