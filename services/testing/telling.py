"""What a check tells, as its job keeps it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.errors import Unavailable
from services.testing.results import SHOWN_TESTS, CaseView, parse_output, parse_report
from services.testing.running import Finished

SHOWN_FINDINGS = 500
OUTPUT_TAIL = 20_000


def cases_of(xml: Path) -> list[CaseView]:
    """The tests of a run; none where pytest ended before it could write its report."""
    return parse_report(xml) if xml.exists() else []


def told_by_pytest(done: Finished, cases: Sequence[CaseView]) -> dict[str, Any]:
    """By the report where there is one; its worst tests first, the slowest among the rest."""
    counts = parse_output(done.output)
    worst = {"error": 0, "failed": 1, "skipped": 3, "xfailed": 3}
    ordered = sorted(cases, key=lambda case: (worst.get(case["status"], 2), -case["seconds"]))
    return {
        **counts,
        "code": done.code,
        "seconds": round(done.seconds, 2),
        "tests": [dict(case) for case in ordered[:SHOWN_TESTS]],
        "test_count": len(cases),
        "output": done.output[-OUTPUT_TAIL:],
    }


def told_by_coverage(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise Unavailable("Nothing of the folder was reached by the tests, so nothing is measured.")
    told = json.loads(path.read_text())
    files = [
        {
            "path": name,
            "percent": round(part["summary"]["percent_covered"], 1),
            "missing": part["summary"]["missing_lines"],
        }
        for name, part in told["files"].items()
    ]
    return {
        "coverage_percent": round(told["totals"]["percent_covered"], 2),
        "files": sorted(files, key=lambda file: (file["percent"], file["path"]))[:SHOWN_FINDINGS],
    }


def told_by_ruff(linted: Finished, project: Path) -> list[dict[str, Any]]:
    try:
        told = json.loads(linted.output)
    except ValueError as error:
        last = linted.output.strip().splitlines()[-1:] or ["no output"]
        raise Unavailable(f"ruff could not be read: {last[0]}") from error
    return [
        {
            "path": str(Path(one["filename"]).relative_to(project.resolve())),
            "line": one["location"]["row"],
            "code": one["code"],
            "message": one["message"],
        }
        for one in told
    ]
