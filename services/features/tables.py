"""Tables of features in the store: written from windows, and opened again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.features.table_file import Origin, TableFile, open_table, writing_table
from models import DatasetVersion, FeatureAnalysis, FeatureSet
from services.files.staging import staging
from services.runtime import artefacts

FOLDER = "features"


class Part(NamedTuple):
    """Rows of one recording on their way into a table."""

    origin: Origin
    values: NDArray[np.float64]
    first_samples: NDArray[np.int64]
    starts_s: NDArray[np.float64]
    stops_s: NDArray[np.float64]


@dataclass(frozen=True)
class StoredTable:
    """A table that lies in the store, and what its row will need."""

    artefact_key: str
    parquet_key: str
    content_hash: str
    row_count: int
    labels: dict[str, int]
    group_count: int
    recording_count: int

    @property
    def keys(self) -> tuple[str, str]:
        return self.artefact_key, self.parquet_key


def store_table(
    columns: Sequence[str],
    units: Sequence[str],
    parts: Iterable[Part],
    about: Mapping[str, Any],
    folder: str = FOLDER,
) -> StoredTable:
    """Write the parts as they come into HDF5, then the whole as Parquet, both into the store."""
    with staging() as place:
        path, parquet = place / "table.h5", place / "table.parquet"
        with writing_table(path, columns, units) as table:
            for part in parts:
                table.add(*part)
            table.finish(about)
        _write_parquet(path, parquet)
        return StoredTable(
            artefacts().put_file(folder, ".h5", path, table.content_hash),
            artefacts().put_file(folder, ".parquet", parquet),
            table.content_hash,
            table.row_count,
            table.windows_by_label,
            table.group_count,
            table.recording_count,
        )


@contextmanager
def stored_table(key: str) -> Iterator[TableFile]:
    """Open a table of the store for reading."""
    with open_table(artefacts().local_path(key)) as table:
        yield table


def _write_parquet(source: Path, target: Path) -> None:
    from diagnostics.features.table_export import write_parquet

    with open_table(source) as table:
        write_parquet(table, target)


def forget_features(session: Session, dataset_id: int) -> list[str]:
    """Keys of the files of a data set's feature sets; their rows go with its versions."""
    sets = (
        select(FeatureSet.id)
        .join(DatasetVersion, DatasetVersion.id == FeatureSet.dataset_version_id)
        .where(DatasetVersion.dataset_id == dataset_id)
    )
    found: list[str] = []
    for column in (FeatureSet.artefact_key, FeatureSet.parquet_key):
        found += session.scalars(select(column).where(FeatureSet.id.in_(sets)))
    analyses = select(FeatureAnalysis.artefact_key)
    found += session.scalars(analyses.where(FeatureAnalysis.feature_set_id.in_(sets)))
    return found
