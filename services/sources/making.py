"""Read what a source is made from, and keep the rows as its next version; what a job does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from diagnostics.features.catalogue import features_of
from diagnostics.features.config import read_config
from diagnostics.features.table_export import WINDOW_COLUMNS
from diagnostics.progress import Progress, Report, silent
from diagnostics.tables.apart import import_apart
from diagnostics.tables.kinds import Column, ReadTable
from diagnostics.tables.profile import profile_table, time_column_of
from diagnostics.tables.readers import Reading
from diagnostics.tables.stored import columns_of
from diagnostics.tables.writing import write_table
from models import FeatureSet, Source, SourceKind, SourceVersion
from services import actor, events, locks
from services.datasets.versions import version_id_of
from services.errors import Invalid, NotFound
from services.features.making import extracted
from services.features.sources import Sources, sources_of
from services.files import kept_files
from services.files.staging import staging
from services.jobs.job_runs import keep_result, kept_result
from services.runtime import artefacts, unit_of_work
from services.sources.databases import opened_rows
from services.sources.views import find_row
from services.upload_service import UploadService

FOLDER = "sources"
# What stands in a table of features beside the features.
OF_WINDOWS = {"label": "label", "group": "label", "recording": "label"}
NAMED_LABEL = (
    *("label", "labels", "anomaly", "is_anomaly", "class", "target", "outlier", "is_outlier"),
    *("changepoint", "change_point", "is_changepoint"),
)


class SourceMakingService:
    """Make the versions of sources."""

    @staticmethod
    def make_version(source_id: str, report: Report = silent) -> dict[str, Any]:
        """Read a source as its row says now, and keep a version unless nothing has changed.

        Raises
        ------
        NotFound
            If there is no such source, or what it is made from is gone.
        DiagnosticsError
            If the file cannot be read.
        """
        actor.writer()
        done = kept_result()
        if done is not None:
            return done
        with unit_of_work(writing=False) as session:
            source = find_row(session, source_id)
            actor.owner_or_admin(source.owner_id)
            kind, config, codes = source.kind, dict(source.config), list(source.missing_codes)
        with staging() as place:
            table, key = _read(source_id, kind, config, codes, place, report)
            profile = artefacts().put(FOLDER, ".json", json.dumps(table.profile).encode())
        made = _keep(source_id, table, codes, key, profile)
        if kind is SourceKind.TABLE and "upload_id" in config:
            UploadService.discard_many([config["upload_id"]])
        return made


def _read(
    source_id: str,
    kind: SourceKind,
    config: dict[str, Any],
    codes: Sequence[str],
    place: Path,
    report: Report,
) -> tuple[ReadTable, str]:
    """The table and where it lies in the store."""
    target = place / "table.parquet"
    if kind is SourceKind.TABLE and "upload_id" in config:
        file_name, path = UploadService.locate(config["upload_id"])
        table = import_apart(path, file_name, target, codes, _told(report))
        return table, artefacts().put_file(FOLDER, ".parquet", target)
    if kind is SourceKind.TABLE:
        return _read_again(source_id, codes, report)
    if kind is SourceKind.FEATURE_SET:
        with unit_of_work(writing=False) as session:
            found = session.get(FeatureSet, config["feature_set_id"])
            if found is None:
                raise NotFound("The feature set was deleted.")
            key = found.parquet_key
        return _profiled(artefacts().local_path(key), (), codes, report), key
    if kind is SourceKind.DATABASE_VIEW:
        with opened_rows(config) as rows:
            table = write_table(Reading(rows.batches(), rows.told), target, _told(report))
    else:
        table = _extract(config, target, report)
    table = _profiled(target, table.notes, codes, report)
    return table, artefacts().put_file(FOLDER, ".parquet", target)


def _read_again(source_id: str, codes: Sequence[str], report: Report) -> tuple[ReadTable, str]:
    """The same rows with other values read as missing."""
    newest = (
        select(SourceVersion.parquet_key, SourceVersion.notes)
        .where(SourceVersion.source_id == source_id)
        .order_by(SourceVersion.number.desc())
        .limit(1)
    )
    with unit_of_work(writing=False) as session:
        row = session.execute(newest).one_or_none()
    if row is None:
        raise Invalid("The file of this source could not be read. Send another one.")
    return _profiled(artefacts().local_path(row[0]), row[1], codes, report), row[0]


def _profiled(path: Path, notes: Sequence[str], codes: Sequence[str], report: Report) -> ReadTable:
    report(Progress("Looking at the columns", 0, 1))
    columns, rows = columns_of(path)
    return ReadTable(rows, columns, tuple(notes), profile_table(path, columns, codes))


def _extract(config: dict[str, Any], target: Path, report: Report) -> ReadTable:
    """Features of windows, as rows of a table."""
    features = features_of(config["domains"])
    asked = read_config({name: config[name] for name in ("window", "overlap", "channel")})
    with unit_of_work(writing=False) as session:
        version_id = version_id_of(session, config["dataset_id"], None)
        if version_id is None:
            raise Invalid("The data set has no recordings yet.")
        sources = sources_of(session, version_id, features, asked)
    if "recording_id" in config:
        number = config["recording_id"]
        own = [one for one in sources.recordings if one.origin.recording_id == number]
        if not own:
            raise Invalid("The recording is shorter than a window, or lacks the channel.")
        sources = Sources(own, sources.unit, sources.group_by, [], sources.unknown)
    names = [feature.name for feature in features]
    parts = extracted(sources, features, asked, report)
    return write_table(Reading(_rows(parts, names), lambda: list(sources.notes)), target)


def _rows(parts: Any, names: Sequence[str]) -> Iterator[Any]:
    import pyarrow as pa

    for part in parts:
        count = len(part.values)
        origin = part.origin
        about = [
            pa.array([origin.recording_id] * count, pa.int64()),
            pa.array([origin.recording] * count, pa.string()),
            pa.array(part.first_samples, pa.int64()),
            pa.array(part.starts_s, pa.float64()),
            pa.array(part.stops_s, pa.float64()),
            pa.array([origin.label] * count, pa.string()),
            pa.array([origin.group] * count, pa.string()),
        ]
        columns = [pa.array(column, pa.float64()) for column in part.values.T]
        yield pa.record_batch([*about, *columns], names=[*WINDOW_COLUMNS, *names])


def _told(report: Report) -> Any:
    def rows_read(rows: int) -> None:
        report(Progress("Reading rows", 0, 0, f"{rows:,} rows"))

    report(Progress("Reading rows", 0, 0))
    return rows_read


def _keep(
    source_id: str, table: ReadTable, codes: Sequence[str], key: str, profile: str
) -> dict[str, Any]:
    with unit_of_work() as session:
        kept_files.hold(session, key, profile)
        locks.alone(session, "source versions")
        source = find_row(session, source_id)
        time_column = time_column_of(table.columns, source.time_column)
        content_hash = _hash(key, codes, time_column)
        numbers = select(func.max(SourceVersion.number)).where(SourceVersion.source_id == source_id)
        number = session.scalar(numbers) or 0
        same = select(SourceVersion.content_hash).where(
            SourceVersion.source_id == source_id, SourceVersion.number == number
        )
        if session.scalar(same) != content_hash:
            number += 1
            session.add(
                SourceVersion(
                    source_id=source_id,
                    number=number,
                    content_hash=content_hash,
                    parquet_key=key,
                    profile_key=profile,
                    row_count=table.row_count,
                    columns=_columns(table, source, time_column),
                    missing_codes=list(codes),
                    time_column=time_column,
                    notes=list(table.notes),
                )
            )
            events.record(session, "source.version_made", f"source:{source_id}", number=number)
        if "upload_id" in source.config:
            source.config = {k: v for k, v in source.config.items() if k != "upload_id"}
        made = {"source_id": source_id, "version": number, "row_count": table.row_count}
        keep_result(session, made)
        return made


def _columns(table: ReadTable, source: Source, time_column: str | None) -> list[dict[str, Any]]:
    about = {one["name"]: one for one in table.profile["columns"]}
    of_windows = source.kind not in (SourceKind.TABLE, SourceKind.DATABASE_VIEW)
    return [
        {
            **column.to_dict(),
            "role": _role(column, time_column, of_windows=of_windows),
            "empty": about[column.name]["missing"] == table.row_count,
        }
        for column in table.columns
    ]


def _role(column: Column, time_column: str | None, *, of_windows: bool) -> str:
    if of_windows and column.name in WINDOW_COLUMNS:
        return OF_WINDOWS.get(column.name, "key")
    if column.name == time_column or column.type == "time":
        return "time"
    return "label" if column.name.lower() in NAMED_LABEL else "feature"


def _hash(key: str, codes: Sequence[str], time_column: str | None) -> str:
    told = json.dumps([key, sorted(codes), time_column])
    return hashlib.sha256(told.encode()).hexdigest()
