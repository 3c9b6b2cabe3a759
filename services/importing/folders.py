"""Folders of the server that settings allow: what lies in them, and nothing beside them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from diagnostics.errors import FileFormatError

_OUTSIDE = "This file does not lie in the folder, or is a link to another place."
_GONE = "The file is not there any more, or this site may not read it."
_UNREADABLE = "This folder cannot be read at the moment."
# Such a descriptor only says which file it is: nothing is opened that acts on being opened.
_WHICH = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """A file or a folder; ``name`` is relative to the allowed folder."""

    name: str
    is_folder: bool


@contextmanager
def held_open(root: Path, name: str) -> Iterator[Path]:
    """A file or folder of the root, by a path that leads to it whatever its name becomes.

    Whoever may write to the folder can put a link in the place of a file after it was checked.
    So every folder on the way is opened below the one before, links not followed, what was
    found at the end is checked, and all reading goes by the descriptor of that.

    Parameters
    ----------
    root : Path
    name : str
        With ``/`` between folders; empty for the root.

    Yields
    ------
    Path
        Good while the context lasts, in this process.

    Raises
    ------
    FileFormatError
        If the name leaves the root, a part of it is a link, it is neither a plain file nor a
        folder, or may not be read.
    """
    with _found(root, name) as which:
        try:
            descriptor = os.open(_path_of(which), os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise FileFormatError(_GONE) from error
    try:
        yield _path_of(descriptor)
    finally:
        os.close(descriptor)


def look_at(root: Path, name: str) -> os.stat_result:
    """What a name that somebody sent stands for: a plain file or a folder of the root.

    Raises
    ------
    FileFormatError
        As :func:`held_open`.
    """
    with _found(root, name) as which:
        return os.fstat(which)


def entries_of(root: Path, folder: str) -> list[Entry]:
    """Folders and plain files in a folder, by name, folders first; links are left out.

    Raises
    ------
    FileFormatError
        If the folder leaves the root or cannot be read.
    """
    found = []
    try:
        with _descriptor(root, folder) as opened, os.scandir(opened) as inside:
            for one in inside:
                is_folder = one.is_dir(follow_symlinks=False)
                if is_folder or one.is_file(follow_symlinks=False):
                    name = (PurePosixPath(folder) / one.name).as_posix()
                    found.append(Entry(name, is_folder))
    except OSError as error:
        raise FileFormatError(_UNREADABLE) from error
    shown = [one for one in found if one.name.isprintable() and not _is_hidden(one.name)]
    return sorted(shown, key=lambda one: (not one.is_folder, one.name.lower(), one.name))


def files_under(root: Path, folder: str) -> Iterator[str]:
    """Names of all plain files in a folder and its sub-folders, in order.

    Raises
    ------
    FileFormatError
        As :func:`entries_of`.
    """
    # Folders nest deeper than functions may call each other.
    open_folders = [iter(entries_of(root, folder))]
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif entry.is_folder:
            open_folders.append(iter(entries_of(root, entry.name)))
        else:
            yield entry.name


@contextmanager
def _descriptor(root: Path, name: str) -> Iterator[int]:
    with held_open(root, name) as path:
        yield int(path.name)


@contextmanager
def _found(root: Path, name: str) -> Iterator[int]:
    """Which file or folder a name stands for, as a descriptor that cannot be read from."""
    which = -1
    try:
        which = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in _parts(name):
            below = os.open(part, _WHICH, dir_fd=which)
            os.close(which)
            which = below
        kind = os.fstat(which).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise ValueError(f"{name} is neither a file nor a folder.")
    except (ValueError, OSError) as error:
        _close(which)
        raise FileFormatError(_OUTSIDE) from error
    try:
        yield which
    finally:
        _close(which)


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or "\\" in name:
        raise ValueError(f"{name} leaves the folder.")
    return path.parts


def _path_of(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}")


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        os.close(descriptor)


def _is_hidden(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".")
