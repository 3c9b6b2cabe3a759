"""Room on the disk: what needs it is refused before it begins, and not in the middle."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy.exc import DatabaseError

from services.errors import Unavailable
from services.runtime import artefacts

# What a job of each kind writes at least. Services that know more ask for more before they submit.
# 0: it takes away, and is let through on a full disk, too.
NEEDED_BYTES: dict[str, int] = {
    "clean_up": 0,
    "preview_import": 1 << 20,
    "import_recordings": 16 << 20,
    "train_experiment": 64 << 20,
    "predict_recording": 1 << 20,
    "explain_recording": 8 << 20,
    "explain_recordings": 8 << 20,
    "generate_demo": 64 << 20,
    "generate_dataset": 16 << 20,
    "check_signatures": 1 << 20,
    "export_dataset": 16 << 20,
    "measure_recordings": 0,
    "extract_features": 8 << 20,
    "analyse_features": 4 << 20,
    "measure_classifier": 1 << 20,
    "evaluate_experiment": 1 << 20,
    "vote_together": 4 << 20,
    "check_leakage": 1 << 20,
    "run_check": 64 << 20,
    "send_digests": 0,
    "import_source": 16 << 20,
    "detect_anomalies": 4 << 20,
    "detect_in_batch": 4 << 20,
    "compare_detectors": 4 << 20,
    "explain_anomalies": 1 << 20,
    "replay_stream": 0,
    "run_trial": 64 << 20,
    "evaluate_campaign": 4 << 20,
    "measure_importance": 1 << 20,
    "make_variant": 64 << 20,
    "predict_batch": 1 << 20,
    "time_variant": 1 << 20,
}


NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NO_ROOM_IN_SQLITE = "database or disk is full"


class Disk(NamedTuple):
    """Bytes of a file system, as ``shutil.disk_usage`` tells them."""

    total: int
    used: int
    free: int

    @property
    def used_share(self) -> float:
        """Of what can be had: some of the total is the system's alone."""
        return self.used / max(self.used + self.free, 1)


Measure = Callable[[Path], tuple[int, int, int]]


def measure_with(server: Flask, measure: Measure) -> None:
    """Say how the room of a folder is measured; without it the system is asked."""
    server.extensions["disk_usage"] = measure


def check_room(needed_bytes: int, what: str) -> None:
    """See that so much can be written beside the reserve, wherever this site keeps files.

    ``what`` completes “There is no room for …”.

    Raises
    ------
    Unavailable
        If a disk has less; the sentence says what is needed and what is free.
    """
    reserve = int(current_app.config["DISK_RESERVE_BYTES"])
    free = min(disk.free for disk in disks())
    if free < needed_bytes + reserve:
        needed = _megabytes(needed_bytes + 999_999)  # rounded up, what is free is rounded down
        raise Unavailable(
            f"There is no room for {what}: it needs about {needed} beside the "
            f"{_megabytes(reserve)} that stay free, and {_megabytes(free)} are free. "
            "Delete what is not needed any more, or ask an admin to make room."
        )


def check_job(kind: str, title: str) -> None:
    """See that there is room for what a job of a kind writes at least.

    Raises
    ------
    Unavailable
        If there is none.
    """
    if NEEDED_BYTES[kind]:
        check_room(NEEDED_BYTES[kind], f"“{title}”")


def ran_out(error: BaseException) -> bool:
    """Whether an error, or what it came from, is that of a full disk."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in NO_ROOM:
            return True
        if isinstance(seen, DatabaseError) and NO_ROOM_IN_SQLITE in str(seen.orig):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def disks() -> Iterator[Disk]:
    """The disk of the data folder, and that of the store when it is a folder."""
    measure: Measure = current_app.extensions.get("disk_usage", shutil.disk_usage)
    for folder in (Path(current_app.config["DATA_FOLDER"]), artefacts().local_folder):
        if folder is not None:
            yield Disk(*measure(_existing(folder)))


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it: the store is made by the first file."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _megabytes(count: int) -> str:
    return f"{count // 10**6:,} MB"
