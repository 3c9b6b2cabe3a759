"""The mark of a restore that is under way, and the refusal to work on what it left half done."""

from __future__ import annotations

from pathlib import Path

from services.errors import Conflict

MARK = "restore-under-way"


def check_whole(data_folder: Path) -> None:
    """See that no restore was cut short on the folder.

    Raises
    ------
    Conflict
        If one was, with what is to be done.
    """
    mark = data_folder / MARK
    if mark.exists():
        raise Conflict(
            f"A restore into {data_folder} was cut short (a backup of {mark.read_text()}). Run "
            "“python -m cli restore” with that file again: it begins anew, and what is there "
            "cannot be used before."
        )
