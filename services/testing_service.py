"""Run the project's own tests and checks, for developers who are admins of an installation.

It is off unless ``QUALITY_CHECKS`` says otherwise. What runs is named by the project: a path of
its list, an expression of markers by a grammar, and no option of anybody's.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from flask import current_app
from sqlalchemy import select

from diagnostics.progress import Progress, Report, silent
from models import Experiment, JobKind
from services import actor
from services.errors import Invalid, Unavailable
from services.job_service import JobService, JobView
from services.runtime import unit_of_work
from services.testing.choices import (
    SOURCES,
    TESTS,
    checked_markers,
    checked_path,
    paths_of_sources,
    paths_of_tests,
)
from services.testing.results import Counts, parse_output
from services.testing.running import Finished, run
from services.testing.telling import (
    SHOWN_FINDINGS,
    cases_of,
    told_by_coverage,
    told_by_pytest,
    told_by_ruff,
)
from services.testing.timing import own_address, prediction, request, times

# The checks, and what may be said to each.
CHECKS: dict[str, frozenset[str]] = {
    "tests": frozenset({"test_path", "markers", "verbose", "capture_output"}),
    "coverage": frozenset({"test_path", "source_path", "min_coverage"}),
    "benchmarks": frozenset({"model_path", "api_url", "num_samples"}),
    "quality": frozenset({"path"}),
}
SUBJECT = "quality-checks"
MOST_SAMPLES = 10_000
SHOWN_NETWORKS = 50
MISSING = (
    "{} is not installed here: it is one of the packages for developers. Install "
    "requirements-dev.txt in a copy for development."
)


class FileView(TypedDict):
    path: str
    is_folder: bool


class TestingService:
    """Run pytest, coverage, small benchmarks and the linter on paths of this project."""

    __test__ = False  # its name is not meant for pytest

    @staticmethod
    def is_enabled() -> bool:
        """Whether this installation runs checks at all."""
        actor.admin()
        return bool(current_app.config["QUALITY_CHECKS"])

    @staticmethod
    def request_check(check: str, arguments: Mapping[str, Any]) -> int:
        """Have a check run by a worker; its job.

        ``check`` is one of ``CHECKS``; ``arguments`` are those of the method that it calls.

        Raises
        ------
        Invalid
            If there is no such check, or an argument is not one of the choices.
        Unavailable
            If checks are off, or a package is missing.
        """
        _allow()
        given = _checked(check, arguments)
        return JobService.submit_once(
            JobKind.RUN_CHECK,
            {"check": check, "given": given},
            title=_title(check, given),
            subject=SUBJECT,
            of_anybody=True,
        )

    @staticmethod
    def run_pytest(
        test_path: str = TESTS,
        markers: str = "",
        verbose: bool = False,
        capture_output: bool = True,
        *,
        report: Report = silent,
    ) -> dict[str, Any]:
        """Run tests: their counts, the tests themselves, and the end of the output.

        Raises
        ------
        Invalid
            If the path is not one of the project's tests, or the markers are no expression.
        Unavailable
            If checks are off, pytest is missing, or it takes too long.
        """
        _allow("pytest")
        arguments = _pytest_arguments(test_path, markers, verbose, capture_output)
        with tempfile.TemporaryDirectory(prefix="checks-") as folder:
            xml = Path(folder) / "report.xml"
            done = _run([*_module("pytest"), f"--junitxml={xml}", *arguments], report)
            return told_by_pytest(done, cases_of(xml))

    @staticmethod
    def run_coverage(
        test_path: str = TESTS,
        source_path: str = "services",
        min_coverage: float = 80.0,
        *,
        report: Report = silent,
    ) -> dict[str, Any]:
        """Run tests and see which lines of a folder they reach, in percent.

        Raises
        ------
        Invalid
            If a path is not one of the project's, or the minimum is no percentage.
        Unavailable
            If checks are off, a package is missing, or it takes too long.
        """
        _allow("pytest", "coverage")
        source = checked_path(source_path, list(SOURCES), "The folder")
        if not 0.0 <= min_coverage <= 100.0:
            raise Invalid(f"The least coverage is from 0 to 100 %, got {min_coverage:g}.")
        with tempfile.TemporaryDirectory(prefix="checks-") as folder:
            kept, told = Path(folder) / "coverage", Path(folder) / "coverage.json"
            xml = Path(folder) / "report.xml"
            measure = [*_module("coverage"), "run", f"--data-file={kept}", f"--source={source}"]
            tests = ["-m", "pytest", f"--junitxml={xml}", *_pytest_arguments(test_path, "")]
            done = _run([*measure, *tests], report)
            _run([*_module("coverage"), "json", f"--data-file={kept}", "-o", str(told)], report)
            covered = told_by_coverage(told)
            is_enough = covered["coverage_percent"] >= min_coverage
            return {
                **told_by_pytest(done, cases_of(xml)),
                **covered,
                "source_path": source,
                "min_coverage": min_coverage,
                "is_enough": is_enough,
            }

    @staticmethod
    def run_benchmarks(
        model_path: str | None = None,
        api_url: str | None = None,
        num_samples: int = 100,
        *,
        report: Report = silent,
    ) -> dict[str, Any]:
        """Time a trained network on single windows, and answers of this site.

        ``model_path`` is the key of an experiment's checkpoint in the store; ``api_url`` one of
        this site's own addresses that anybody may ask. What is None is left out.

        Raises
        ------
        Invalid
            If an address is not this site's own, or the number is not from 1 to 10 000.
        NotFound
            If no network has such a checkpoint.
        Unavailable
            If checks are off, or the site does not answer.
        """
        _allow()
        if not 1 <= num_samples <= MOST_SAMPLES:
            raise Invalid(f"The number is from 1 to {MOST_SAMPLES}, got {num_samples}.")
        timed: dict[str, Any] = {"num_samples": num_samples}
        if model_path:
            timed["model"] = times(prediction(model_path), num_samples, "model", report)
        if api_url:
            address = own_address(api_url)
            timed["api"] = times(request(address), num_samples, "requests", report)
        return timed

    @staticmethod
    def parse_pytest_output(stdout: str) -> Counts:
        """Counts, time and outcome out of what pytest printed."""
        actor.admin()
        return parse_output(stdout)

    @staticmethod
    def get_test_files() -> list[FileView]:
        """Folders and files of tests that can be run."""
        actor.admin()
        return [
            {"path": path, "is_folder": not path.endswith(".py")}
            for path in paths_of_tests(_project())
        ]

    @staticmethod
    def list_sources() -> list[FileView]:
        """Folders and files that the linter can look at."""
        actor.admin()
        return _files(paths_of_sources(_project()))

    @staticmethod
    def list_networks() -> list[dict[str, str]]:
        """The newest trained networks, to choose one for :meth:`run_benchmarks`."""
        actor.admin()
        from services.xai_service import XAIService

        names = {one["experiment_id"]: one["name"] for one in XAIService.list_networks()}
        keyed = select(Experiment.id, Experiment.checkpoint_key).where(
            Experiment.id.in_(list(names)), Experiment.checkpoint_key.is_not(None)
        )
        with unit_of_work(writing=False) as session:
            rows = session.execute(keyed.order_by(Experiment.id.desc()).limit(SHOWN_NETWORKS))
            return [{"label": names[row.id], "value": str(row.checkpoint_key)} for row in rows]

    @staticmethod
    def validate_code_quality(path: str = "services", *, report: Report = silent) -> dict[str, Any]:
        """What the linter and the formatter say of a folder or a file.

        Raises
        ------
        Invalid
            If the path is not one of the project's.
        Unavailable
            If checks are off, or ruff is missing.
        """
        _allow("ruff")
        chosen = checked_path(path, paths_of_sources(_project()), "The path")
        linted = _run(
            [*_module("ruff"), "check", "--no-cache", "--output-format=json", chosen],
            report,
            tells=False,
        )
        formatted = _run([*_module("ruff"), "format", "--no-cache", "--check", chosen], report)
        findings = told_by_ruff(linted, _project())
        return {
            "path": path,
            "finding_count": len(findings),
            "findings": findings[:SHOWN_FINDINGS],
            "is_formatted": formatted.code == 0,
            "status": "passed" if not findings and formatted.code == 0 else "failed",
        }

    @staticmethod
    def get_recent_test_history(limit: int = 20) -> list[JobView]:
        """The newest checks, with what they found as the result of their jobs."""
        actor.admin()
        return JobService.list_jobs(limit, kind=JobKind.RUN_CHECK.value)


def _allow(*packages: str) -> None:
    actor.admin()
    if not current_app.config["QUALITY_CHECKS"]:
        raise Unavailable(
            "Checks are off in this installation. Set QUALITY_CHECKS=1 in a copy for development."
        )
    for name in packages:
        if importlib.util.find_spec(name) is None:
            raise Unavailable(MISSING.format(name))


def _project() -> Path:
    return Path(current_app.config["PROJECT_FOLDER"])


def _files(paths: Sequence[str]) -> list[FileView]:
    return [{"path": path, "is_folder": not path.endswith(".py")} for path in paths]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _pytest_arguments(
    path: str, markers: str, verbose: bool = False, capture_output: bool = True
) -> list[str]:
    chosen = checked_path(path, paths_of_tests(_project()), "What is tested")
    options = ["-p", "no:cacheprovider", "-v" if verbose else "-q"]
    if not capture_output:
        options.append("--capture=no")
    expression = checked_markers(markers)
    if expression:
        options.append(f"-m={expression}")
    # Nothing that follows is taken for an option; the list has no such path either.
    return [*options, "--", chosen]


def _checked(check: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse in front of the page what the worker would refuse."""
    given = dict(arguments)
    if check not in CHECKS:
        raise Invalid(f"The check is one of {', '.join(CHECKS)}, got “{check}”.")
    if unknown := sorted(given.keys() - CHECKS[check]):
        raise Invalid(f"The check “{check}” knows nothing of {', '.join(unknown)}.")
    if check == "tests":
        _allow("pytest")
        _pytest_arguments(given.get("test_path", TESTS), given.get("markers", ""))
    elif check == "coverage":
        _allow("pytest", "coverage")
        _pytest_arguments(given.get("test_path", TESTS), "")
        checked_path(given.get("source_path", "services"), list(SOURCES), "The folder")
    elif check == "quality":
        _allow("ruff")
        checked_path(given.get("path", "services"), paths_of_sources(_project()), "The path")
    elif given.get("api_url"):
        own_address(str(given["api_url"]))
    return given


def _title(check: str, given: Mapping[str, Any]) -> str:
    about = given.get("test_path") or given.get("path") or ""
    names = {
        "tests": "Tests of",
        "coverage": "Coverage by",
        "quality": "Code quality of",
        "benchmarks": "Benchmarks",
    }
    return f"{names[check]} {about}".strip()


def _run(arguments: Sequence[str], report: Report, *, tells: bool = True) -> Finished:
    def tell(text: str) -> None:
        last = text.rsplit("\n", 1)[-1][:200]
        report(Progress("run", 0, 1, last if tells else "", text if tells else ""))

    environment = dict(current_app.config["PLAIN_ENVIRONMENT"])
    return run(arguments, _project(), environment, tell)
