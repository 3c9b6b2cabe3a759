"""The variants of resnet18, on real recordings."""

from __future__ import annotations

from benchmarks.measure import Benchmark, main
from benchmarks.variants_on_cwru import run_network


def run() -> Benchmark:
    return run_network("resnet18", long=True)


if __name__ == "__main__":
    main(run)
