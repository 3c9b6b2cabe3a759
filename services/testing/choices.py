"""What may be run: paths of a list, and expressions of markers by a grammar.

Whatever reaches a command line was found here by walking the project; a text from outside is
only compared with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from services.errors import Invalid

TESTS = "tests"
SOURCES = ("api", "callbacks", "diagnostics", "layouts", "models", "services", "storage", "tasks")
LONGEST_MARKERS = 200
TOKEN = re.compile(r"\s*(?:(\()|(\))|([A-Za-z_][A-Za-z0-9_]*))")
# Words of the grammar that are no names of markers.
WORDS = frozenset({"and", "or", "not"})


def paths_of_tests(project: Path) -> list[str]:
    """The folder of tests, those in it that hold tests, and the files of tests, in order."""
    files = [path for path in _files(project, TESTS) if Path(path).name.startswith("test_")]
    folders = {parent.as_posix() for path in files for parent in Path(path).parents}
    return sorted({*files, *folders} - {"."})


def paths_of_sources(project: Path) -> list[str]:
    """Folders and files of the program and its tests, in order."""
    files = [path for folder in (*SOURCES, TESTS) for path in _files(project, folder)]
    folders = {parent.as_posix() for path in files for parent in Path(path).parents}
    return sorted({*files, *folders} - {"."})


def checked_path(path: str, listed: list[str], what: str) -> str:
    """The path, if it is one of the list.

    Raises
    ------
    Invalid
        If it is not.
    """
    if path not in listed:
        raise Invalid(f"{what} is one of the project's own; “{path}” is not in their list.")
    return path


def checked_markers(expression: str) -> str:
    """An expression of markers such as ``database and not (slow or browser)``.

    Names, ``and``, ``or``, ``not`` and parentheses, and nothing else.

    Raises
    ------
    Invalid
        If it is anything else.

    Examples
    --------
    >>> checked_markers(" database  and not (slow or browser) ")
    'database and not ( slow or browser )'
    """
    tokens = _tokens(expression)
    if tokens and _end_of_either(tokens, 0) != len(tokens):
        raise _wrong(expression)
    return " ".join(tokens)


def _tokens(expression: str) -> list[str]:
    text = expression.rstrip()
    if len(text) > LONGEST_MARKERS:
        raise Invalid(f"An expression of markers has at most {LONGEST_MARKERS} characters.")
    tokens, at = [], 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise _wrong(expression)
        tokens.append(found.group().strip())
        at = found.end()
    return tokens


def _end_of_either(tokens: list[str], at: int) -> int:
    """Where what begins here ends: operands with ``and`` or ``or`` between them; -1 if wrong."""
    end = _end_of_operand(tokens, at)
    while 0 <= end < len(tokens) and tokens[end] in ("and", "or"):
        end = _end_of_operand(tokens, end + 1)
    return end


def _end_of_operand(tokens: list[str], at: int) -> int:
    while at < len(tokens) and tokens[at] == "not":
        at += 1
    if at >= len(tokens) or tokens[at] in {*WORDS, ")"}:
        return -1
    if tokens[at] != "(":
        return at + 1
    end = _end_of_either(tokens, at + 1)
    return end + 1 if 0 <= end < len(tokens) and tokens[end] == ")" else -1


def _wrong(expression: str) -> Invalid:
    return Invalid(
        "Markers are names with and, or, not and parentheses, as in “database and not slow”; "
        f"got “{expression}”."
    )


def _files(project: Path, folder: str) -> Iterator[str]:
    """Python files below a folder; links are not followed, wherever they point."""
    start = project / folder
    if start.is_symlink() or not start.is_dir():
        return
    for entry in sorted(start.iterdir()):
        if entry.is_symlink() or entry.name.startswith((".", "-", "__pycache__")):
            continue
        inside = f"{folder}/{entry.name}"
        if entry.is_dir():
            yield from _files(project, inside)
        elif entry.suffix == ".py":
            yield inside
