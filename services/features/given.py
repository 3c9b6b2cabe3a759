"""Tables that somebody brings: brought into shape, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.features.table_file import Origin
from services.errors import Invalid
from services.features.making import runs, texts
from services.features.tables import FOLDER, Part
from services.features.views import known_feature

# Below the folder that is cleaned up, and with names that a backup takes.
FOLDERS = re.compile(rf"{FOLDER}(/[a-z0-9][\w-]{{0,39}}){{0,3}}", re.ASCII | re.IGNORECASE)


def table_of(features: ArrayLike) -> NDArray[np.float64]:
    try:
        values = np.asarray(features, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Invalid("Features are a table of numbers, one row for each window.") from error
    if values.ndim != 2 or not values.size:
        raise Invalid(
            f"Features are a table with a row for each window, got the shape {values.shape}."
        )
    return values


def groups_of(groups: Sequence[str] | None, count: int) -> list[str]:
    """One group for all rows where nobody says more: then nothing can be held out."""
    return [""] * count if groups is None else texts(groups, count, "group")


def folder_of(output_dir: str) -> str:
    if not FOLDERS.fullmatch(str(output_dir)):
        raise Invalid(
            f"The output folder must be “{FOLDER}” or one below it, such as “{FOLDER}/trials”, "
            f"with letters, digits, - and _; got “{output_dir!s:.60}”."
        )
    return output_dir


def column_key(name: str) -> str:
    """The name of a column with the version of its definition, where the catalogue has it."""
    if not isinstance(name, str) or not 0 < len(name) <= 80 or not name.isprintable():
        raise Invalid(f"A feature needs a name of 1 to 80 characters, got “{name!s:.80}”.")
    known = known_feature(name)
    return known.key if known else name


def parts_of(
    values: NDArray[np.float64], labels: Sequence[Any], about: Mapping[str, Any]
) -> Iterator[Part]:
    """Rows that somebody brought, in stretches of one recording, class and group."""
    count = len(values)
    ids = np.asarray(about.get("recording_ids", np.zeros(count)), dtype=np.int64)
    first = np.asarray(about.get("first_samples", np.zeros(count)), dtype=np.int64)
    if ids.shape != (count,) or first.shape != (count,):
        raise Invalid(f"Each of {count} rows needs one recording and one first sample.")
    classes = texts(labels, count, "label")
    groups = groups_of(about.get("groups"), count)
    told = list(zip(ids.tolist(), classes, groups, strict=True))
    unknown = np.full(count, np.nan)
    for start, stop in runs(told):
        recording_id, label, group = told[start]
        here = slice(start, stop)
        yield Part(
            Origin(recording_id, "", label, group),
            values[here],
            first[here],
            unknown[here],
            unknown[here],
        )
