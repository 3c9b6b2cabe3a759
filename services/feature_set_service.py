"""The feature sets that are kept: listed, looked at, downloaded, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from diagnostics.errors import FeatureError
from diagnostics.features.distribution import class_histograms
from diagnostics.features.table_export import csv_pieces
from diagnostics.features.table_file import TableFile
from models import DatasetVersion, FeatureAnalysis, FeatureSet
from services import actor, events
from services.errors import Invalid
from services.experiments.feature_sets import (
    FeatureSetUsed,
    content_view,
    find_source,
    trainable_views,
)
from services.features.tables import stored_table
from services.features.views import (
    FeatureSetBrief,
    FeatureSetView,
    FeatureView,
    briefs,
    chosen,
    count_uses,
    feature_view,
    find_set,
    whole,
)
from services.files.kept_files import delete_unnamed
from services.paging import paged, within
from services.runtime import artefacts, unit_of_work

MOST_ROWS = 500
MOST_CHOICES = 200
LONGEST_FILE_NAME = 80
FORMATS = {
    "hdf5": (".h5", "application/x-hdf5"),
    "parquet": (".parquet", "application/vnd.apache.parquet"),
    "csv": (".csv", "text/csv"),
}
# What a row can be sorted by beside the features.
OF_WINDOWS = ("recording_id", "label", "group", "start_s")


class WindowRow(TypedDict):
    """A window; ``values`` in the order of the columns, None where unknown."""

    row: int
    recording_id: int
    recording: str
    label: str
    group: str
    start_s: float | None
    stop_s: float | None
    values: list[float | None]


class RowsView(TypedDict):
    total: int
    rows: list[WindowRow]


class DistributionView(TypedDict):
    """Shares by class of the windows in each bin between two ``edges``."""

    feature: FeatureView
    edges: list[float]
    shares: dict[str, list[float]]
    known: dict[str, int]
    unknown: dict[str, int]


class TableDownload(TypedDict):
    """Where a table lies, or its text piece by piece, and how a browser should call it."""

    path: Path | None
    pieces: Iterator[str] | None
    file_name: str
    media_type: str


class FeatureSetService:
    """List, read, download and delete feature sets."""

    @staticmethod
    def list_feature_sets(
        limit: int = 50, offset: int = 0, dataset_id: int | None = None
    ) -> list[FeatureSetBrief]:
        """Sets, newest first."""
        actor.reader()
        of_dataset = [] if dataset_id is None else [DatasetVersion.dataset_id == dataset_id]
        with unit_of_work(writing=False) as session:
            return briefs(session, paged(chosen(*of_dataset), limit, offset))

    @staticmethod
    def count_feature_sets(dataset_id: int | None = None) -> int:
        actor.reader()
        counted = select(func.count()).select_from(FeatureSet)
        if dataset_id is not None:
            counted = counted.join(
                DatasetVersion, DatasetVersion.id == FeatureSet.dataset_version_id
            ).where(DatasetVersion.dataset_id == dataset_id)
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def get_feature_set(feature_set_id: int) -> FeatureSetView:
        """One set.

        Raises
        ------
        NotFound
            If there is no such set.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return whole(session, feature_set_id)

    @staticmethod
    def list_trainable(version_id: int, content_hash: str = "") -> list[FeatureSetUsed]:
        """The sets of a version that a classifier can learn from, newest first.

        With ``content_hash`` also that one, if it is deleted and an experiment keeps it.

        Raises
        ------
        NotFound
            If neither a set nor an experiment has that content.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return trainable_views(session, version_id, content_hash, MOST_CHOICES)

    @staticmethod
    def find_version(named: int | str) -> int:
        """The version of a data set that a set was extracted from, by its number, name or content.

        Raises
        ------
        NotFound
            If there is no such set.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return find_source(session, named).version_id

    @staticmethod
    def find_used(content_hash: str) -> FeatureSetUsed | None:
        """The set that a config names by its content; None where it names none.

        Raises
        ------
        NotFound
            If neither a set nor an experiment has that content.
        """
        actor.reader()
        if not content_hash:
            return None
        with unit_of_work(writing=False) as session:
            return content_view(session, content_hash)

    @staticmethod
    def list_rows(
        feature_set_id: int,
        limit: int = 100,
        offset: int = 0,
        sort: str = "",
        *,
        descending: bool = False,
        label: str | None = None,
    ) -> RowsView:
        """Windows of a set, in their order or sorted by a column; unknown numbers come last.

        Raises
        ------
        NotFound
            If there is no such set.
        Invalid
            If there is no such column.
        """
        actor.reader()
        rows, first = within(limit, offset, MOST_ROWS)
        with stored_table(_key(feature_set_id)) as table:
            places = _places(table, sort, descending=descending, label=label)
            here = places[min(first, len(places)) :][:rows]
            found = table.rows(here)
            values = _plain(found.values)
            return {
                "total": len(places),
                "rows": [
                    {
                        "row": int(place),
                        "recording_id": int(found.recording_ids[n]),
                        "recording": found.recordings[n],
                        "label": found.labels[n],
                        "group": found.groups[n],
                        "start_s": _number(found.starts_s[n]),
                        "stop_s": _number(found.stops_s[n]),
                        "values": values[n],
                    }
                    for n, place in enumerate(here)
                ],
            }

    @staticmethod
    def get_distribution(feature_set_id: int, feature: str) -> DistributionView:
        """How the numbers of a feature are spread within each class.

        Raises
        ------
        NotFound
            If there is no such set.
        Invalid
            If the set has no such feature.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            made = find_set(session, feature_set_id)
            key, unit = made.artefact_key, str(made.summary.get("unit", ""))
        with stored_table(key) as table:
            try:
                values = table.column(feature)
            except FeatureError as error:
                raise Invalid(str(error)) from error
            found = class_histograms(values, table.of_windows("label"), table.labels)
        return {
            "feature": feature_view(feature, unit),
            "edges": found.edges.tolist(),
            "shares": {name: shares.tolist() for name, shares in sorted(found.shares.items())},
            "known": found.known,
            "unknown": found.unknown,
        }

    @staticmethod
    def open_feature_set(feature_set_id: int, format: str = "hdf5") -> TableDownload:
        """The table of a set for a download: ``hdf5``, ``parquet`` or ``csv``.

        Raises
        ------
        NotFound
            If there is no such set.
        Invalid
            If there is no such format.
        """
        actor.reader()
        if format not in FORMATS:
            raise Invalid(f"A feature set is given as {', '.join(FORMATS)}, got “{format!s:.20}”.")
        suffix, media_type = FORMATS[format]
        with unit_of_work(writing=False) as session:
            made = find_set(session, feature_set_id)
            key = made.parquet_key if format == "parquet" else made.artefact_key
            clean = re.sub(r"[^\w.-]+", "_", made.name).strip("._")[:LONGEST_FILE_NAME]
            file_name = f"{clean or 'features'}_v{made.number}{suffix}"
        path = artefacts().local_path(key)
        return {
            "path": None if format == "csv" else path,
            "pieces": _csv(key) if format == "csv" else None,
            "file_name": file_name,
            "media_type": media_type,
        }

    @staticmethod
    def delete_feature_set(feature_set_id: int) -> int:
        """Delete a set with what was seen in it; the data set and selections from it stay.

        Experiments that learned from it keep its columns and numbers; how many these are.

        Raises
        ------
        NotFound
            If there is no such set.
        Forbidden
            If somebody else made it.
        """
        actor.writer()
        with unit_of_work() as session:
            row = find_set(session, feature_set_id)
            actor.owner_or_admin(row.owner_id)
            analyses = select(FeatureAnalysis.artefact_key)
            keys = session.scalars(analyses.where(FeatureAnalysis.feature_set_id == row.id)).all()
            gone = [row.artefact_key, row.parquet_key, *keys]
            used = count_uses(session, row.id)
            told = {"name": row.name, "number": row.number, "experiments": used}
            session.delete(row)
            events.record(session, "feature_set.deleted", f"feature_set:{feature_set_id}", **told)
        delete_unnamed(gone)
        return used


def _key(feature_set_id: int) -> str:
    with unit_of_work(writing=False) as session:
        return find_set(session, feature_set_id).artefact_key


def _csv(key: str) -> Iterator[str]:
    with stored_table(key) as table:
        yield from csv_pieces(table)


def _places(
    table: TableFile, sort: str, *, descending: bool, label: str | None
) -> NDArray[np.intp]:
    """The rows of one class, or all, in the order that is asked for."""
    places = np.arange(table.row_count)
    if label is not None:
        wanted = table.labels.index(label) if label in table.labels else -1
        places = np.flatnonzero(table.of_windows("label") == wanted)
    if not sort:
        return places
    if sort in table.columns:
        values = table.column(sort)
    elif sort in OF_WINDOWS:
        values = _of_windows(table, sort)
    else:
        raise Invalid(f"The table has no column “{sort:.80}” to sort by.")
    mine = values[places]
    order = np.argsort(-mine if descending else mine, kind="stable")
    found: NDArray[np.intp] = places[order]
    return found


def _of_windows(table: TableFile, name: str) -> NDArray[np.float64]:
    """Numbers by which windows are sorted; of texts, their places in the alphabet."""
    values = table.of_windows(name)
    if name in ("label", "group"):
        names = table.labels if name == "label" else table.groups
        rank = np.argsort(np.argsort(np.array(names, dtype=str)))
        values = rank[values]
    return values.astype(np.float64)


def _plain(values: NDArray[np.float64]) -> list[list[float | None]]:
    return [[_number(one) for one in row] for row in values.tolist()]


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
