"""Read a table of a stranger in a process of its own, and get back a table of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from diagnostics.errors import FileFormatError
from diagnostics.tables.kinds import Column, ReadTable, format_of

MEMORY_BYTES = 6 << 30
SECONDS = 3600
_ROOT = Path(__file__).parents[2]
_STOPPED = (
    "Its reader stopped on this file, so it was left out: it is damaged, too large or made to do "
    "harm. Save it again with the program that it comes from."
)
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "LC_ALL": "C.UTF-8",
}


def import_apart(
    path: Path,
    file_name: str,
    target: Path,
    missing_codes: Sequence[str] = (),
    rows_read: Callable[[int], None] = lambda _rows: None,
) -> ReadTable:
    """Write a file of a stranger as Parquet to ``target``, and look at its columns.

    ``rows_read`` is called now and then with the number of rows; what it raises stops the reader.

    Raises
    ------
    FileFormatError
        If the file is of no format that is read, broken, or beyond the limits.
    """
    asked = {
        "path": str(path),
        "format": format_of(file_name),
        "target": str(target),
        "missing_codes": list(missing_codes),
        "memory_bytes": MEMORY_BYTES,
        "seconds": SECONDS,
    }
    answer = _answer(asked, rows_read)
    if "error" in answer:
        raise FileFormatError(answer["error"])
    return ReadTable(
        answer["row_count"],
        tuple(Column(**one) for one in answer["columns"]),
        tuple(answer["notes"]),
        answer["profile"],
    )


def _answer(asked: dict[str, Any], rows_read: Callable[[int], None]) -> dict[str, Any]:
    command = [sys.executable, "-m", "diagnostics.tables.child"]
    answer: dict[str, Any] = {}
    with subprocess.Popen(
        command,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as child:
        if child.stdin is None or child.stdout is None:  # only for the checker of types
            raise RuntimeError("The reader has no pipes.")
        try:
            child.stdin.write(json.dumps(asked) + "\n")
            child.stdin.close()
            for line in child.stdout:
                answer = json.loads(line)
                if "rows" in answer:
                    rows_read(answer["rows"])
        finally:
            child.kill()
    if "error" not in answer and "row_count" not in answer:
        raise FileFormatError(_STOPPED)
    return answer
