"""Files in the making: a folder of its own for each piece of work, on the disk of the data."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from flask import current_app

FOLDER = "staging"


@contextmanager
def staging() -> Iterator[Path]:
    """An empty folder that goes with all that is in it."""
    with tempfile.TemporaryDirectory(dir=staging_folder()) as place:
        yield Path(place)


def staging_folder() -> Path:
    """Where such folders lie."""
    folder = Path(current_app.config["DATA_FOLDER"]) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def delete_left(before: datetime) -> int:
    """Delete what lost workers left, when nothing in it was written since; how many there were."""
    left = [path for path in staging_folder().iterdir() if last_change(path) < before.timestamp()]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def last_change(path: Path) -> float:
    """When a file was written last, or the newest of all in a folder; never for one that is gone.

    Others write while we look: a name may be gone before it is asked for its time.
    """
    found = [str(path)]
    for folder, folders, files in os.walk(path):
        found += [os.path.join(folder, name) for name in (*folders, *files)]
    times = []
    for one in found:
        with suppress(FileNotFoundError):
            times.append(os.stat(one).st_mtime)
    return max(times, default=math.inf)
