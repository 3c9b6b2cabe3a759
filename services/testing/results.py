"""What pytest said: the last line of its output, and its report as XML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from services.errors import Unavailable

LARGEST_REPORT = 64 * 2**20
SHOWN_TESTS = 200
LONGEST_MESSAGE = 2_000
# "=== 1 failed, 2 passed in 0.12s ===", without the frame where it was run with -q; a long run
# has "in 65.00s (0:01:05)".
SUMMARY = re.compile(
    r"^(?:=+ )?(?P<counts>\d+ [a-z]+(?:, \d+ [a-z]+)*|no tests ran)"
    r" in (?P<seconds>\d+\.\d+)s(?: \(\d[\d:, a-z]*\))?(?: =+)?$",
    re.MULTILINE,
)
NAMES = {
    "passed": "passed",
    "failed": "failed",
    "error": "errors",
    "errors": "errors",
    "skipped": "skipped",
    "xfailed": "xfailed",
    "xpassed": "xpassed",
    "deselected": "deselected",
    "warning": "warnings",
    "warnings": "warnings",
}
COLLECTION = re.compile(r"Interrupted: \d+ errors? during collection")


class Counts(TypedDict):
    """How many tests ended how; ``total`` of those that ran or were skipped."""

    total: int
    passed: int
    failed: int
    errors: int
    skipped: int
    xfailed: int
    xpassed: int
    deselected: int
    warnings: int
    duration_s: float
    # passed, failed, error, no_tests, or unknown where the output has no last line.
    status: str


class CaseView(TypedDict):
    name: str
    status: str
    seconds: float
    message: str


def parse_output(stdout: str) -> Counts:
    """Read the last line of what pytest printed."""
    counts = _nothing()
    found = None
    for found in SUMMARY.finditer(stdout):  # noqa: B007  # the last one counts
        pass
    if found is None:
        return counts
    for number, name in re.findall(r"(\d+) ([a-z]+)", found["counts"]):
        if name in NAMES:
            counts[NAMES[name]] = int(number)  # type: ignore[literal-required]
    counts["duration_s"] = float(found["seconds"])
    ran = ("passed", "failed", "errors", "skipped", "xfailed", "xpassed")
    counts["total"] = sum(counts[name] for name in ran)  # type: ignore[literal-required]
    counts["status"] = _status(counts, broken=bool(COLLECTION.search(stdout)))
    return counts


def parse_report(path: Path) -> list[CaseView]:
    """The tests of a report in JUnit's XML, in their order.

    Raises
    ------
    Unavailable
        If there is none, or it cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_REPORT:
            raise Unavailable(f"The report is larger than {LARGEST_REPORT >> 20} MiB.")
        parser = XMLParser(target=_PlainTree())
        parser.feed(path.read_bytes())
        root: Element = parser.close()
    except FileNotFoundError as error:
        raise Unavailable("pytest left no report; its output says why.") from error
    except ParseError as error:
        raise Unavailable(f"The report of pytest cannot be read: {error}.") from error
    return [_test_case(case) for case in root.iter("testcase")]


class _PlainTree(TreeBuilder):
    """Refuses a document type: with it come entities, which can grow without end."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Unavailable("The report of pytest has a document type, which it never has.")


def _test_case(case: Element) -> CaseView:
    place = ".".join(part for part in (case.get("classname"), case.get("name")) if part)
    status, message = "passed", ""
    for kind, found in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        part = case.find(kind)
        if part is not None:
            status = "xfailed" if part.get("type") == "pytest.xfail" else found
            message = part.get("message") or part.text or ""
    return {
        "name": place,
        "status": status,
        "seconds": float(case.get("time") or 0.0),
        "message": message[:LONGEST_MESSAGE],
    }


def _nothing() -> Counts:
    return {
        "total": 0,
        "passed": 0,
        "failed": 0,
        "errors": 0,
        "skipped": 0,
        "xfailed": 0,
        "xpassed": 0,
        "deselected": 0,
        "warnings": 0,
        "duration_s": 0.0,
        "status": "unknown",
    }


def _status(counts: Counts, *, broken: bool) -> str:
    if counts["errors"] or broken:
        return "error"
    if counts["failed"]:
        return "failed"
    return "passed" if counts["total"] else "no_tests"
