"""Folders of the server from which files may be imported: look into them, and find files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR
from typing import TypedDict

from flask import current_app

from diagnostics.errors import FileFormatError
from diagnostics.importers.archives import is_archive
from services import actor
from services.errors import Invalid, NotFound
from services.importing.folders import Entry, entries_of, files_under, look_at
from services.importing.sources import SourceFile, is_read, key_of
from services.paging import within

MOST_FILES = 50_000
MOST_NAMES = 5_000


class EntryView(TypedDict):
    """``name`` is relative to the allowed folder; a sub-folder ends with ``/``."""

    name: str
    is_folder: bool
    size: int
    changed_at: datetime
    is_read: bool


class FolderView(TypedDict):
    """One page of a folder; ``total`` counts what the search leaves."""

    folder: str
    path: str
    entries: list[EntryView]
    total: int


class ImportFolderService:
    """Server folders that the settings allow; people see their names, never their places."""

    @staticmethod
    def list_folders() -> list[str]:
        """Names of the folders; none unless settings name some."""
        actor.writer()
        return sorted(_allowed())

    @staticmethod
    def browse(
        folder: str, path: str = "", search: str = "", limit: int = 100, offset: int = 0
    ) -> FolderView:
        """What lies in a folder or in one below it: folders first, links left out.

        Raises
        ------
        NotFound
            If there is no such folder.
        """
        actor.writer()
        root = _root(folder)
        try:
            found = entries_of(root, path)
        except FileFormatError as error:
            raise NotFound(str(error)) from error
        words = search.lower().split()
        found = [one for one in found if all(w in _last(one.name).lower() for w in words)]
        rows, first = within(limit, offset)
        shown = [_view(root, one) for one in found[first : first + rows]]
        return {
            "folder": folder,
            "path": path.strip("/"),
            "entries": [one for one in shown if one is not None],
            "total": len(found),
        }

    @staticmethod
    def check_names(folder: str, names: Sequence[str]) -> list[str]:
        """Names of files and of sub-folders (with ``/`` at the end) as a job may keep them.

        Raises
        ------
        NotFound
            If there is no such folder or file.
        Invalid
            If too many are named one by one.
        """
        actor.writer()
        root = _root(folder)
        if len(names) > MOST_NAMES:
            raise Invalid(
                f"At most {MOST_NAMES:,} files are named one by one, got {len(names):,}. "
                "Choose the folder that they lie in."
            )
        for name in names:
            try:
                is_folder = S_ISDIR(look_at(root, name).st_mode)
            except FileFormatError as error:
                raise NotFound(f"“{name}”: {error}") from error
            if is_folder != (name.endswith("/") or not name):
                raise NotFound(f"“{name}” is not there any more. Look into the folder again.")
        return list(names)

    @staticmethod
    def find_files(folder: str, names: Sequence[str]) -> list[SourceFile]:
        """The named files, and those of a kind that is read in the named sub-folders.

        Raises
        ------
        NotFound
            If a name is not there any more.
        Invalid
            If there are too many files.
        """
        ImportFolderService.check_names(folder, names)
        root = _root(folder)
        found: dict[str, SourceFile] = {}
        try:
            for name, is_found in _flat(root, names):
                size = look_at(root, name).st_size
                found[name] = SourceFile(
                    key=key_of("folder", folder, name),
                    name=f"{folder}/{name}",
                    path=root / name,
                    root=root,
                    size=size,
                    found=is_found,
                )
                if len(found) > MOST_FILES:
                    raise Invalid(
                        f"The folder has more than {MOST_FILES:,} files; import it in parts."
                    )
        except (FileFormatError, OSError) as error:
            raise NotFound(
                "Something in the folder went away while it was looked at. Try again."
            ) from error
        return list(found.values())


def _allowed() -> dict[str, Path]:
    folders: dict[str, Path] = current_app.config["IMPORT_FOLDERS"]
    return folders


def _root(folder: str) -> Path:
    root = _allowed().get(folder)
    if root is None:
        raise NotFound(f"There is no folder “{folder}” to import from.")
    try:
        # The setting itself may be a link; nothing below it.
        return root.resolve(strict=True)
    except OSError as error:
        raise NotFound(f"The folder “{folder}” cannot be read at the moment.") from error


def _flat(root: Path, names: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Files by name, and whether they were found in a folder that was named."""
    for name in names:
        if name.endswith("/") or not name:
            for one in files_under(root, name.strip("/")):
                if is_read(one) or is_archive(one):
                    yield one, True
        else:
            yield name, False


def _view(root: Path, entry: Entry) -> EntryView | None:
    try:
        state = look_at(root, entry.name)
    except FileFormatError:  # it went away between the two looks
        return None
    return {
        "name": f"{entry.name}/" if entry.is_folder else entry.name,
        "is_folder": entry.is_folder,
        "size": 0 if entry.is_folder else state.st_size,
        "changed_at": datetime.fromtimestamp(state.st_mtime, UTC),
        "is_read": not entry.is_folder and (is_read(entry.name) or is_archive(entry.name)),
    }


def _last(name: str) -> str:
    return name.rpartition("/")[2]
