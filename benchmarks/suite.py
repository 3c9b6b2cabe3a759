"""``make bench``: run every benchmark, and write ``docs/benchmarks.md`` from the results.

Each runs in a process of its own, so that none warms up another. ``part_<n>.py`` runs those
of one part of the roadmap; ``--page`` only writes the page from the results that are there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import RESULTS, Benchmark, Figure, line, shown

PARTS: dict[int, tuple[str, ...]] = {
    1: ("start_and_memory", "page_opening", "import_speed", "waveform_zoom", "training_overhead"),
    2: ("import_speed", "upload_memory", "synthesis_speed", "export_speed", "list_at_scale"),
    3: (
        "bearing_rule",
        "feature_speed",
        "feature_job",
        "quality_truth",
        "waveform_zoom",
        "linked_plots",
    ),
    4: (
        "experiments_at_scale",
        "cwru_protocols",
        "networks_on_cwru",
        "generated_classes",
        "multitask_heads",
        "training_overhead",
    ),
    5: ("api_overhead", "api_monitoring", "system_health", "webhook_crash"),
    6: (
        "anomaly_detection",
        "detection_requests",
        "anomaly_quality",
        "anomaly_public",
        "streaming",
        "streaming_memory",
        "streaming_crash",
    ),
    7: ("explanations", "explained_cwru"),
    8: ("campaigns", "campaign_throughput", "campaign_methods"),
    9: ("serving", "deployment_cnn1d", "deployment_cnn_lstm", "deployment_resnet18"),
}
BENCHMARKS = tuple(dict.fromkeys(name for names in PARTS.values() for name in names))
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench` from `benchmarks/results/`; no figure is typed by hand. Numbers differ
between machines and from run to run; the limits are promises of the project on a machine with
2 cores.
"""


def read(name: str, folder: Path = RESULTS) -> Benchmark:
    """The kept results of a benchmark."""
    found = json.loads((folder / f"{name}.json").read_text())
    found["figures"] = [Figure(**figure) for figure in found["figures"]]
    return Benchmark(**found)


def kept(folder: Path = RESULTS) -> list[Benchmark]:
    """All results that are there; a new benchmark has none until it was measured."""
    return [read(name, folder) for name in BENCHMARKS if (folder / f"{name}.json").exists()]


def page(benchmarks: list[Benchmark]) -> str:
    """The document that the results make."""
    return HEAD + "".join(section(benchmark) for benchmark in benchmarks)


def section(benchmark: Benchmark) -> str:
    rows = "".join(_row(figure) for figure in benchmark.figures)
    machine = ", ".join(f"{name} {value}" for name, value in benchmark.machine.items())
    return (
        f"\n## {benchmark.title}\n\n{benchmark.method}\n\n"
        "| what | value | n | limit | kept | note |\n|---|---|---|---|---|---|\n"
        f"{rows}\n`{benchmark.command}`, {benchmark.date}; {machine}.\n"
    )


def main(names: Sequence[str], arguments: Sequence[str]) -> int:
    """Run some benchmarks, write the page of all, and tell the limits that were missed."""
    failed = 0
    if "--page" not in arguments:
        for name in names:
            command = [sys.executable, "-m", f"benchmarks.{name}"]
            failed += subprocess.run(command, check=False).returncode != 0
    benchmarks = kept()
    PAGE.write_text(page(benchmarks))
    missed = [f"{b.title}: {line(f)}\n" for b in benchmarks for f in b.figures if f.holds is False]
    sys.stdout.write("".join(missed))
    return 1 if failed or missed else 0


def _row(figure: Figure) -> str:
    kept = {None: "", True: "yes", False: "**no**"}[figure.holds]
    value = f"{shown(figure.value)} {figure.unit}"
    return f"| {figure.name} | {value} | {figure.n} | {figure.limit} | {kept} | {figure.note} |\n"


if __name__ == "__main__":
    sys.exit(main(BENCHMARKS, sys.argv[1:]))
