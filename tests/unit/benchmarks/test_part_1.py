from __future__ import annotations

from pathlib import Path

from benchmarks import measure, part_1
from benchmarks.measure import Benchmark

FOLDER = Path(part_1.__file__).parent


def test_page_shows_each_figure_with_its_limit_and_machine(tmp_path):
    figures = [measure.at_most("zoom p95", 12.345, 60, "ms", n=50)]
    measure.write(Benchmark("zoom", "Zoom", "All of it.", figures, "make it"), tmp_path)
    text = part_1.page([part_1.read("zoom", tmp_path)])
    assert "| zoom p95 | 12.3 ms | 50 | ≤ 60 ms | yes |  |" in text
    assert "processor" in text


def test_every_benchmark_is_in_the_list():
    others = {"__init__", "measure", "part_1"}
    assert {path.stem for path in FOLDER.glob("*.py")} - others == set(part_1.BENCHMARKS)


def test_page_is_made_from_the_results():
    assert part_1.PAGE.read_text() == part_1.page([part_1.read(n) for n in part_1.BENCHMARKS])
