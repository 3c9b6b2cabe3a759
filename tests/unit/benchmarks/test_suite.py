from __future__ import annotations

from pathlib import Path

from benchmarks import measure, suite
from benchmarks.measure import Benchmark

FOLDER = Path(suite.__file__).parent


def test_page_shows_each_figure_with_its_limit_and_machine(tmp_path):
    figures = [measure.at_most("zoom p95", 12.345, 60, "ms", n=50)]
    measure.write(Benchmark("zoom", "Zoom", "All of it.", figures, "make it"), tmp_path)
    text = suite.page([suite.read("zoom", tmp_path)])
    assert "| zoom p95 | 12.3 ms | 50 | ≤ 60 ms | yes |  |" in text
    assert "processor" in text


def test_every_benchmark_is_in_the_list():
    others = {
        "__init__",
        "measure",
        "suite",
        "tested",
        "web",
        "variants_on_cwru",
        "planted",
        "nab_scoring",
    }
    others |= {f"part_{n}" for n in suite.PARTS}
    assert {path.stem for path in FOLDER.glob("*.py")} - others == set(suite.BENCHMARKS)


def test_page_is_made_from_the_results():
    assert suite.PAGE.read_text() == suite.page(suite.kept())
