from __future__ import annotations

import pytest

from callbacks import quality_checks
from layouts.quality_checks import NAMES, build
from models import JobKind, JobStatus
from services.errors import Invalid
from services.job_service import JobService
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.test_jobs import text
from tests.unit.services.test_testing_service import allowed, project  # noqa: F401

RAN = {
    "check": "tests",
    "status": "failed",
    "total": 3,
    "passed": 1,
    "failed": 1,
    "errors": 0,
    "skipped": 1,
    "xfailed": 0,
    "seconds": 2.5,
    "test_count": 300,
    "tests": [{"name": "tests.a", "status": "failed", "seconds": 0.5, "message": "1 is not 2"}],
    "output": "E  1 is not 2",
}
COVERED = {
    **RAN,
    "status": "passed",
    "coverage_percent": 79.5,
    "min_coverage": 80.0,
    "is_enough": False,
    "files": [{"path": "services/code.py", "percent": 79.5, "missing": 3}],
}
FINDING = {"path": "services/code.py", "line": 1, "code": "F401", "message": "unused"}
LINTED = {
    "status": "failed",
    "finding_count": 1,
    "is_formatted": False,
    "findings": [FINDING],
    "path": "services",
}
TIMES = {"count": 9, "median_ms": 1.5, "p95_ms": 2.5, "longest_ms": 3.5}


def told(result, **given):
    with unit_of_work() as session:
        job = factories.job(
            session,
            **{"kind": JobKind.RUN_CHECK, "status": JobStatus.DONE, "result": result, **given},
        )
        return text(quality_checks.show_run({}, job.id))


def test_off_says_how_to_switch_it_on(admin):
    off, hidden, *_ = quality_checks.offer("")
    assert "QUALITY_CHECKS=1" in text(off)
    assert hidden


def test_only_what_the_project_has_is_offered(allowed):  # noqa: F811
    off, hidden, tests, folders, sources, networks, addresses = quality_checks.offer("")
    assert (off, hidden) == (None, False)
    assert [one["value"] for one in tests][:2] == ["tests", "tests/test_all.py"]
    assert [one["value"] for one in folders] == ["services"]
    assert "tests/unit" in [one["value"] for one in sources]
    assert networks == [{"label": "none", "value": "none"}]
    assert [one["value"] for one in addresses] == ["none", "/healthz", "/readyz"]


def test_each_check_shows_its_fields(server):
    def shown(check):
        hidden = quality_checks.show_fields(check)
        return [name for name, is_hidden in zip(NAMES, hidden, strict=True) if not is_hidden]

    assert shown("tests") == ["test_path", "markers", "verbose"]
    assert shown("quality") == ["path"]


def press(check, *, clicks=1, markers="", path="services"):
    return quality_checks.start(
        clicks, check, "tests", markers, False, "services", 80, path, "none", "/healthz", 100
    )


def test_a_check_is_started_with_its_own_fields(allowed, monkeypatch):  # noqa: F811
    monkeypatch.setattr(quality_checks, "tell", lambda *_: None)
    assert press("tests", clicks=None) is quality_checks.no_update
    asked = {
        "tests": {"test_path": "tests", "markers": "slow", "verbose": False},
        "quality": {"path": "services"},
        "coverage": {"test_path": "tests", "source_path": "services", "min_coverage": 80},
        "benchmarks": {"api_url": "/healthz", "num_samples": 100},
    }
    for check, given in asked.items():
        job = JobService.get_job(press(check, markers="slow"))
        assert job["kind"] is JobKind.RUN_CHECK
        with unit_of_work(writing=False) as session:
            row = session.get_one(factories.Job, job["id"])
            assert row.arguments == {"check": check, "given": given}
    with pytest.raises(Invalid):
        press("quality", path="/etc")
    assert "waiting" in text(quality_checks.show_history({}, None))


@pytest.mark.parametrize(
    ("result", "parts"),
    [
        (RAN, ["1 passed, 1 failed, 1 skipped", "1 is not 2", "The first 1 of 300", "2.5 s"]),
        (COVERED, ["79.5 % covered", "80.0 %, missed", "services/code.py"]),
        (LINTED, ["1 findings, not formatted", "services/code.py:1", "F401"]),
        ({"num_samples": 9, "api": TIMES}, ["api 1.5 ms", "95 % within", "3.5"]),
    ],
    ids=["tests", "coverage", "quality", "benchmarks"],
)
def test_what_was_found_is_shown(admin, result, parts):
    shown = told(result)
    for part in parts:
        assert part in shown
    assert parts[0] in text(quality_checks.show_history({}, None))


def test_a_failed_run_says_why(admin):
    shown = told(None, status=JobStatus.FAILED, error="pytest is not installed here.")
    assert "pytest is not installed here." in shown
    assert quality_checks.show_run({}, None) == []
    assert "There is no job 99" in text(quality_checks.show_run({}, 99))


def test_the_address_names_a_run(server):
    assert '"data": 7' in text(build(id="7"))
    assert "No check was run yet" in text(quality_checks.history_table([]))
