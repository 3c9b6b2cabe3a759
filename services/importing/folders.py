"""Folders of the server that settings allow: what lies in them, and nothing beside them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from diagnostics.errors import FileFormatError

_OUTSIDE = "This file does not lie in the folder, or is a link to another place."


@dataclass(frozen=True)
class Entry:
    """A file or a folder; ``name`` is relative to the allowed folder."""

    name: str
    is_folder: bool


def place_in(root: Path, path: Path) -> Path:
    """The path, if it lies in the root and nothing on the way is a link.

    Raises
    ------
    FileFormatError
        If it does not, or is neither a plain file nor a folder.
    """
    try:
        relative = path.relative_to(root)
        if ".." in relative.parts:
            raise ValueError
        place = root
        for part in relative.parts:
            place = place / part
            kind = place.lstat().st_mode
            if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
                raise ValueError
    except (ValueError, OSError) as error:
        raise FileFormatError(_OUTSIDE) from error
    return place


def named_in(root: Path, name: str) -> Path:
    """The place of a name that somebody sent, with ``/`` between folders.

    Raises
    ------
    FileFormatError
        If it leaves the folder.
    """
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\0" in name or "\\" in name:
        raise FileFormatError(_OUTSIDE)
    return place_in(root, root / parts)


def entries_of(root: Path, folder: str) -> list[Entry]:
    """Folders and plain files in a folder, by name, folders first; links are left out.

    Raises
    ------
    FileFormatError
        If the folder leaves the root or cannot be read.
    """
    place = named_in(root, folder)
    found = []
    try:
        with os.scandir(place) as inside:
            for one in inside:
                is_folder = one.is_dir(follow_symlinks=False)
                if is_folder or one.is_file(follow_symlinks=False):
                    name = (PurePosixPath(folder) / one.name).as_posix()
                    found.append(Entry(name, is_folder))
    except OSError as error:
        raise FileFormatError("This folder cannot be read at the moment.") from error
    shown = [one for one in found if one.name.isprintable() and not _is_hidden(one.name)]
    return sorted(shown, key=lambda one: (not one.is_folder, one.name.lower(), one.name))


def files_under(root: Path, folder: str) -> Iterator[str]:
    """Names of all plain files in a folder and its sub-folders, in order.

    Raises
    ------
    FileFormatError
        As :func:`entries_of`.
    """
    for entry in entries_of(root, folder):
        if entry.is_folder:
            yield from files_under(root, entry.name)
        else:
            yield entry.name


def _is_hidden(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".")
