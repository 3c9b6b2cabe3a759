"""What became of the files of an import, counted and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from services.importing.reading import MOST_SENTENCES, Read

# The worst of them; a job's row is no place for ten thousand sentences.
MOST_FILES = 200


class FileResult(TypedDict):
    """``known`` were in the data set already, ``twice`` came in another file of the import,
    ``skipped`` were left out because another data set has them; ``refused`` has a sentence for
    each, ``warnings`` the first of all."""

    file_name: str
    upload_id: str
    imported: int
    known: int
    twice: int
    skipped: int
    refused: list[str]
    warnings: list[str]
    warning_count: int
    sentence: str


class OtherDataset(TypedDict):
    """Another data set that has recordings of the import, too."""

    dataset_id: int
    name: str
    count: int


class ImportResult(TypedDict):
    """``files`` has those first that people should read; the row of a job has no more of them
    than ``MOST_FILES``, of ``file_count``."""

    dataset_id: int
    version: int | None
    imported: int
    known: int
    twice: int
    skipped: int
    elsewhere: list[OtherDataset]
    refused_files: int
    left_out: int
    file_count: int
    files: list[FileResult]


@dataclass
class Fate:
    """What became of the recordings of one file."""

    imported: int = 0
    known: int = 0
    twice: int = 0
    skipped: int = 0
    others: Counter[tuple[int, str]] = field(default_factory=Counter)


def file_result(read: Read, fate: Fate) -> FileResult:
    return {
        "file_name": read.file.name,
        "upload_id": read.file.upload_id,
        "imported": fate.imported,
        "known": fate.known,
        "twice": fate.twice,
        "skipped": fate.skipped,
        "refused": read.refused[:MOST_SENTENCES],
        "warnings": [_warning(*one) for one in list(read.warned.items())[:MOST_SENTENCES]],
        "warning_count": len(read.warned),
        "sentence": _sentence(read, fate),
    }


def import_result(
    dataset_id: int,
    version: int | None,
    read: Sequence[Read],
    fates: Sequence[Fate],
    left_out: int,
) -> ImportResult:
    others: Counter[tuple[int, str]] = Counter()
    for fate in fates:
        others.update(fate.others)
    files = [file_result(one, fate) for one, fate in zip(read, fates, strict=True)]
    return {
        "dataset_id": dataset_id,
        "version": version,
        "imported": sum(fate.imported for fate in fates),
        "known": sum(fate.known for fate in fates),
        "twice": sum(fate.twice for fate in fates),
        "skipped": sum(fate.skipped for fate in fates),
        "elsewhere": [
            {"dataset_id": key, "name": name, "count": count}
            for (key, name), count in others.most_common(MOST_SENTENCES)
        ],
        "refused_files": sum(bool(one.refused) for one in read),
        "left_out": left_out,
        "file_count": len(files),
        "files": files,
    }


def worst_first(result: ImportResult) -> ImportResult:
    """The result as the row of a job keeps it."""
    files = sorted(result["files"], key=_weight)[:MOST_FILES]
    return {**result, "files": files}


def _warning(message: str, prefixes: Sequence[str]) -> str:
    """One sentence for all recordings of a file that it is true of."""
    if len(prefixes) == 1:
        return f"{prefixes[0]}{message}"
    return f"{message} ({len(prefixes)} recordings)"


def _weight(file: FileResult) -> int:
    if file["refused"]:
        return 0
    if file["known"] or file["twice"] or file["skipped"]:
        return 1
    return 2 if file["warnings"] else 3


def _sentence(read: Read, fate: Fate) -> str:
    parts = []
    if read.describes is not None:
        parts.append(f"It describes {read.describes}; no recording is made from it.")
    if fate.imported:
        parts.append(f"{_recordings(fate.imported)} imported.")
    if fate.known:
        parts.append(f"{_recordings(fate.known, 'is', 'are')} in the data set already.")
    if fate.twice:
        parts.append(f"{_recordings(fate.twice, 'is', 'are')} in another file of this import, too.")
    if fate.skipped:
        parts.append(f"{_recordings(fate.skipped)} left out: {_names(fate.others)} has the same.")
    elif fate.others:
        parts.append(f"The same samples are in {_names(fate.others)}, too.")
    if read.refused:
        many = len(read.refused)
        more = f" ({many:,} recordings in all)" if many > 1 else ""
        parts.append(f"Not imported: {read.refused[0]}{more}")
    return " ".join(parts)


def _names(others: Mapping[tuple[int, str], int]) -> str:
    names = [f"“{name}”" for _, name in others]
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} other data sets"
    return " and ".join(names)


def _recordings(number: int, one: str = "", many: str = "") -> str:
    words = f"1 recording {one}" if number == 1 else f"{number:,} recordings {many}"
    return words.rstrip()
