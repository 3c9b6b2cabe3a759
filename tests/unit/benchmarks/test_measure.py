from __future__ import annotations

import json

import psutil
import pytest

from benchmarks import measure
from benchmarks.measure import Benchmark, Figure


@pytest.fixture
def benchmark() -> Benchmark:
    kept = measure.at_most("zoom p95", 12.345, 60, "ms", n=50)
    missed = measure.at_least("import", 0.5, 0.6, "of the script")
    return Benchmark("zoom", "Zoom", "All.", [kept, missed, Figure("size", 1234, "kB")], "make it")


def test_limits_are_judged(benchmark):
    assert [figure.holds for figure in benchmark.figures] == [True, False, None]


def test_results_are_kept_with_machine_and_date(benchmark, tmp_path):
    found = json.loads(measure.write(benchmark, tmp_path).read_text())
    assert found["figures"][0]["limit"] == "≤ 60 ms"
    assert found["machine"]["cores"] == str(psutil.cpu_count())
    assert found["date"].endswith("UTC")


def test_lines_show_what_is_known(benchmark):
    assert measure.lines(benchmark) == [
        "Zoom",
        "  zoom p95: 12.3 ms, n = 50  (limit ≤ 60 ms: kept)",
        "  import: 0.5 of the script, n = 1  (limit ≥ 0.6 of the script: NOT KEPT)",
        "  size: 1234 kB, n = 1",
    ]


def test_warm_up_does_not_count():
    calls = []
    assert len(measure.seconds_of(lambda: calls.append(1), repeat=3, warm_up=2)) == 3
    assert len(calls) == 5


def test_percentiles():
    assert measure.median([3.0, 1.0, 2.0]) == 2.0
    assert measure.percentile(range(101), 95) == 95.0


def test_memory_counts_shared_pages_once_in_pss():
    found = measure.memory_mib([psutil.Process()])
    assert 0 < found["pss"] <= found["rss"]
