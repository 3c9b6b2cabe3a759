"""The checks run for real on a small project that each test makes for itself."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from models import Experiment, JobStatus
from services import testing_service
from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound, Unavailable
from services.job_service import JobService
from services.jobs.job_runs import JobCancelled
from services.runtime import unit_of_work
from services.testing import choices, running
from services.testing.results import parse_output, parse_report
from services.testing_service import TestingService
from tasks.checks import run_check
from tasks.runner import run_job
from tests.trained import trained_experiment

TESTS = """
import os
import pytest
def test_pass(): pass
def test_fail(): assert 1 == 2, "one is not two"
@pytest.fixture
def broken(): raise OSError("no")
def test_error(broken): pass
@pytest.mark.skip(reason="later")
def test_skip(): pass
@pytest.mark.xfail
def test_xfail(): assert 0
@pytest.mark.slow
def test_knows_no_secrets():
    assert "SECRET_KEY" not in os.environ and "DATA_FOLDER" not in os.environ
"""
PROJECT = '[tool.pytest.ini_options]\nmarkers = ["slow"]\npythonpath = ["."]\n'


@pytest.fixture
def project(server, tmp_path) -> Path:
    folder = tmp_path / "project"
    (folder / "tests" / "unit").mkdir(parents=True)
    (folder / "services").mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "tests" / "test_all.py").write_text(TESTS)
    good = "from services.code import used\n\n\ndef test_ok():\n    assert used() == 1\n"
    (folder / "tests" / "unit" / "test_ok.py").write_text(good)
    code = "import os\n\n\ndef used():\n    return 1\n\n\ndef unused():\n    return 2\n"
    (folder / "services" / "code.py").write_text(code)
    server.config.update(PROJECT_FOLDER=str(folder), QUALITY_CHECKS=True)
    return folder


@pytest.fixture
def allowed(project, admin) -> Path:
    return project


def test_tests_are_run_and_told_one_by_one(allowed):
    told = []
    done = TestingService.run_pytest("tests", report=told.append)
    assert done["status"] == "error"
    names = ("total", "passed", "failed", "errors", "skipped", "xfailed", "xpassed")
    assert [done[name] for name in names] == [7, 3, 1, 1, 1, 1, 0]
    assert (done["code"], done["test_count"]) == (1, 7)
    worst = [(case["name"], case["status"]) for case in done["tests"][:2]]
    assert worst == [("tests.test_all.test_error", "error"), ("tests.test_all.test_fail", "failed")]
    assert "one is not two" in done["tests"][1]["message"]
    assert "1 failed" in done["output"]
    assert "1 failed" in "".join(progress.log for progress in told)


def test_only_what_is_marked(allowed):
    done = TestingService.run_pytest("tests/test_all.py", "slow", verbose=True)
    assert (done["status"], done["passed"], done["deselected"]) == ("passed", 1, 5)
    assert "test_knows_no_secrets PASSED" in done["output"]
    assert TestingService.run_pytest("tests/unit", "slow")["status"] == "no_tests"


def test_coverage_is_that_of_the_folder(allowed):
    done = TestingService.run_coverage("tests/unit/test_ok.py", "services", 80.0)
    # Of the five lines of code.py, one is not reached.
    assert (done["coverage_percent"], done["is_enough"], done["passed"]) == (80.0, True, 1)
    assert done["files"] == [{"path": "services/code.py", "percent": 80.0, "missing": 1}]
    with pytest.raises(Invalid, match="from 0 to 100 %"):
        TestingService.run_coverage(min_coverage=101)


def test_the_linter_says_what_it_found(allowed):
    done = TestingService.validate_code_quality("services")
    assert (done["status"], done["is_formatted"], done["finding_count"]) == ("failed", True, 1)
    assert done["findings"][0]["path"] == "services/code.py"
    assert (done["findings"][0]["code"], done["findings"][0]["line"]) == ("F401", 1)


FOREIGN = [
    *("", ".", "/", "/etc", "..", "../", "tests/..", "tests/../services", "./tests", "tests/"),
    *("-p", "--rootdir=/", "-x", "--collect-only", "tests/-p.py", "tests\0", "tests\n-p evil"),
    *("tests/test_all.py::test_pass", "tests/outside", "tests/link.py", "tests/unit/link"),
    *("services", "tests;id", "tests $(id)", "@tests", "tests/test_none.py", "TESTS"),
]


@pytest.mark.parametrize("path", FOREIGN)
def test_nothing_else_can_be_named(allowed, tmp_path, path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "test_evil.py").write_text("def test_evil(): pass\n")
    (allowed / "tests" / "outside").symlink_to(tmp_path / "elsewhere")
    (allowed / "tests" / "link.py").symlink_to(tmp_path / "elsewhere" / "test_evil.py")
    (allowed / "tests" / "unit" / "link").symlink_to(tmp_path)
    (allowed / "tests" / "-p.py").write_text("")
    for ask in (
        lambda: TestingService.run_pytest(path),
        lambda: TestingService.run_coverage(path),
        lambda: TestingService.request_check("tests", {"test_path": path}),
        lambda: TestingService.request_check("coverage", {"test_path": path}),
    ):
        with pytest.raises(Invalid, match="is not in their list"):
            ask()
    with pytest.raises(Invalid):
        TestingService.run_coverage(source_path=path if path != "services" else "tests")
    if not path.startswith("services"):
        with pytest.raises(Invalid):
            TestingService.validate_code_quality(path)


@pytest.mark.parametrize(
    "markers",
    [
        *("-p evil", "--rootdir=/", "a b", "and", "not", "(", ")", "(a", "a)", "a and", "or a"),
        *("a;b", "a\0", "a=b", "__import__('os')", "a.b", "a and not", "()", "a -p", "é", "1a"),
        "a or " * 60 + "a",
    ],
)
def test_markers_that_are_no_expression_are_refused(markers):
    with pytest.raises(Invalid):
        choices.checked_markers(markers)


@pytest.mark.parametrize(
    "markers", ["", "  ", "slow", "not slow", "not not a", "(a or b) and not (c)", "a\nand b"]
)
def test_markers_that_are_an_expression_are_kept(markers):
    assert (
        choices.checked_markers(markers).split()
        == markers.replace("(", "( ").replace(")", " )").split()
    )


def test_choices_are_those_of_the_project(allowed):
    paths = [file["path"] for file in TestingService.get_test_files()]
    assert paths == ["tests", "tests/test_all.py", "tests/unit", "tests/unit/test_ok.py"]
    assert "services/code.py" in [file["path"] for file in TestingService.list_sources()]


@pytest.mark.parametrize(
    ("check", "given", "message"),
    [
        ("shell", {}, "The check is one of"),
        ("tests", {"report": 1}, "knows nothing of report"),
        ("quality", {"path": "/etc"}, "not in their list"),
        ("benchmarks", {"api_url": "http://169.254.169.254/healthz"}, "Only addresses of this"),
        ("benchmarks", {"api_url": "http://127.0.0.1:8050/api/v1/jobs"}, "Only addresses of this"),
        ("benchmarks", {"api_url": "http://127.0.0.1:8050@evil/healthz"}, "Only addresses of"),
    ],
)
def test_a_job_is_asked_for_only_with_what_may_run(allowed, check, given, message):
    with pytest.raises(Invalid, match=message):
        TestingService.request_check(check, given)


def test_checks_are_off_unless_they_are_allowed(project, server, admin, analyst):
    server.config["QUALITY_CHECKS"] = False
    for ask in (
        TestingService.run_pytest,
        TestingService.run_coverage,
        TestingService.run_benchmarks,
        TestingService.validate_code_quality,
        lambda: TestingService.request_check("tests", {}),
    ):
        with acting_as(admin), pytest.raises(Unavailable, match="QUALITY_CHECKS=1"):
            ask()
        with acting_as(analyst), pytest.raises(Forbidden, match="Only an admin"):
            ask()


def test_missing_packages_are_named(allowed, monkeypatch):
    monkeypatch.setattr(testing_service.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match=r"^pytest is not installed here"):
        TestingService.run_pytest()


def test_a_job_runs_it_and_the_history_has_it(allowed, sent):
    job_id = TestingService.request_check("quality", {"path": "services/code.py"})
    assert TestingService.request_check("quality", {"path": "services/code.py"}) == job_id
    run_job(job_id, run_check)
    (job,) = TestingService.get_recent_test_history()
    assert (job["status"], job["title"]) == (JobStatus.DONE, "Code quality of services/code.py")
    assert (job["result"]["check"], job["result"]["finding_count"]) == ("quality", 1)


def test_a_cancelled_run_leaves_no_process(tmp_path):
    """Also not the one that it has started."""
    child = "import time; time.sleep(600)"
    code = f"""
import subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "{child}"])
print(other.pid, flush=True)
time.sleep(600)
"""
    told = []

    def tell(text):
        told.append(text)
        if text.strip().isdecimal():
            raise JobCancelled

    with pytest.raises(JobCancelled):
        running.run([sys.executable, "-c", code], tmp_path, dict(os.environ), tell)
    number = int(told[-1])
    end = time.monotonic() + 10
    while psutil.pid_exists(number) and time.monotonic() < end:
        if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.05)
    assert not psutil.pid_exists(number) or psutil.Process(number).status() == "zombie"


def test_a_run_has_a_limit_and_needs_a_program(tmp_path):
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(Unavailable, match="longer than"):
        running.run(sleep, tmp_path, {}, lambda _: None, limit_s=0.5)
    with pytest.raises(Unavailable, match="cannot be started"):
        running.run([str(tmp_path / "none")], tmp_path, {}, lambda _: None)
    assert threading.active_count() < 50


def test_answers_of_the_site_are_timed(allowed, server):
    from werkzeug.serving import make_server

    site = make_server("127.0.0.1", 0, lambda _environ, start: start("200 OK", []) or [b""])
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    try:
        server.config["PUBLIC_URL"] = f"http://127.0.0.1:{site.server_port}"
        timed = TestingService.run_benchmarks(api_url="/healthz", num_samples=5)
    finally:
        site.shutdown()
        thread.join()
        site.server_close()
    assert timed["api"]["count"] == 5
    assert 0 < timed["api"]["median_ms"] <= timed["api"]["p95_ms"] <= timed["api"]["longest_ms"]
    with pytest.raises(Unavailable, match="does not answer"):
        TestingService.run_benchmarks(api_url="/healthz")
    with pytest.raises(NotFound, match="such a checkpoint"):
        TestingService.run_benchmarks("../../etc/passwd")
    with pytest.raises(Invalid, match="from 1 to 10000"):
        TestingService.run_benchmarks(num_samples=0)


# What pytest 9.2 printed, word for word.
OUTPUTS = {
    "all": (
        "ERROR tests/test_a.py::test_error - OSError: no\n"
        "==== 1 failed, 1 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 error in 6.40s =====\n",
        ("error", 6, 1, 1, 1, 1, 1, 1, 6.40),
    ),
    "quiet": (
        "FAILED tests/test_a.py::test_fail - AssertionError: one is not two\n"
        "1 failed, 1 passed in 5.54s\n",
        ("failed", 2, 1, 1, 0, 0, 0, 0, 5.54),
    ),
    "passed with a warning": (
        "========================= 1 passed, 1 warning in 8.55s =========================\n",
        ("passed", 1, 1, 0, 0, 0, 0, 0, 8.55),
    ),
    "long": (
        "================= 120 passed, 3 skipped in 3725.20s (1:02:05) ==================\n",
        ("passed", 123, 120, 0, 0, 3, 0, 0, 3725.20),
    ),
    "collection error": (
        "ERROR tests/test_bad.py\n"
        "!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!\n"
        "=============================== 1 error in 8.65s ===============================\n",
        ("error", 1, 0, 0, 1, 0, 0, 0, 8.65),
    ),
    "no tests": (
        "============================ no tests ran in 10.39s ============================\n",
        ("no_tests", 0, 0, 0, 0, 0, 0, 0, 10.39),
    ),
    "all deselected": ("6 deselected in 5.74s\n", ("no_tests", 0, 0, 0, 0, 0, 0, 0, 5.74)),
    "wrong option": (
        "ERROR: Wrong expression passed to '-m': (: at column 2: expected not OR left "
        "parenthesis OR identifier; got end of input\n",
        ("unknown", 0, 0, 0, 0, 0, 0, 0, 0.0),
    ),
    "a test that prints a summary": (
        "99 failed in 0.01s\n.\n1 passed in 8.18s\n",
        ("passed", 1, 1, 0, 0, 0, 0, 0, 8.18),
    ),
    "nothing": ("", ("unknown", 0, 0, 0, 0, 0, 0, 0, 0.0)),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_of_pytest_are_read(name):
    printed, expected = OUTPUTS[name]
    read = parse_output(printed)
    names = ("passed", "failed", "errors", "skipped", "xfailed", "xpassed", "duration_s")
    assert (read["status"], read["total"], *(read[n] for n in names)) == expected


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("content", "message"),
    [(BOMB, "document type"), ("<testsuites>", "cannot be read"), ("", "cannot be read")],
)
def test_reports_that_are_none_are_refused(tmp_path, content, message):
    (tmp_path / "report.xml").write_text(content)
    with pytest.raises(Unavailable, match=message):
        parse_report(tmp_path / "report.xml")
    with pytest.raises(Unavailable, match="left no report"):
        parse_report(tmp_path / "none.xml")


def test_a_retried_check_is_still_bound_to_the_lists(allowed, sent):
    """What the row holds is checked by the worker again."""
    job_id = JobService.submit(
        testing_service.JobKind.RUN_CHECK,
        {"check": "tests", "given": {"test_path": "--rootdir=/"}},
        "Tests",
    )
    run_job(job_id, run_check)
    job = JobService.get_job(job_id)
    assert job["status"] is JobStatus.FAILED
    assert "is not in their list" in job["error"]


def test_a_network_of_an_experiment_is_timed(allowed):
    experiment_id = trained_experiment()
    with unit_of_work(writing=False) as session:
        key = session.get_one(Experiment, experiment_id).checkpoint_key
    with acting_as(None), pytest.raises(Forbidden):
        TestingService.run_benchmarks(key)
    timed = TestingService.run_benchmarks(key, num_samples=3)
    assert timed["model"]["count"] == 3
    assert 0 < timed["model"]["median_ms"] <= timed["model"]["longest_ms"]
    (offered,) = TestingService.list_networks()
    assert offered["value"] == key
