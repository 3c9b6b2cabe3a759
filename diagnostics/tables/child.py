"""The process that reads a table of a stranger: ``python -m diagnostics.tables.child``.

It gets a question as JSON on its standard input and answers with JSON lines: how far it is, and
at last what it found. It has limits for memory and time and none of the parent's secrets.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from diagnostics.errors import DiagnosticsError

TOO_LARGE = "The table takes more memory than is given for one. Split it."


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # libraries that print would garble the answers
    os.dup2(nowhere, 2)
    asked = json.loads(sys.stdin.buffer.readline())
    _limit(asked["memory_bytes"], asked["seconds"])
    try:
        answer = _imported(asked, answers)
    except DiagnosticsError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": TOO_LARGE}
    answers.write(json.dumps(answer) + "\n")


def _imported(asked: dict[str, Any], answers: IO[str]) -> dict[str, Any]:
    from diagnostics.tables.profile import profile_table
    from diagnostics.tables.readers import open_table
    from diagnostics.tables.writing import write_table

    def done(rows: int) -> None:
        answers.write(json.dumps({"rows": rows}) + "\n")

    target = Path(asked["target"])
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        reading = open_table(Path(asked["path"]), asked["format"], Path(place))
        table = write_table(reading, target, done)
    return {
        "row_count": table.row_count,
        "columns": [column.to_dict() for column in table.columns],
        "notes": list(table.notes),
        "profile": profile_table(target, table.columns, asked["missing_codes"]),
    }


def _limit(memory_bytes: int, seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
