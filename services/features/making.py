"""Make tables of features from recordings or from other tables, and write their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.features.catalogue import TableFeature
from diagnostics.features.config import ExtractionConfig
from diagnostics.features.extraction import extract_features
from diagnostics.features.table_file import Origin, TableFile
from diagnostics.progress import Progress, Report
from models import FeatureSet
from services import actor, events, locks
from services.errors import Invalid
from services.features.sources import Sources, blocks_of
from services.features.tables import Part, StoredTable
from services.files.kept_files import hold
from services.jobs.job_runs import keep_result, running_job

LONGEST_NAME = 120
STAGE = "Extracting features"


class FeatureSetMade(TypedDict):
    """What a job leaves that made a set."""

    feature_set_id: int
    name: str
    number: int
    row_count: int


def clean_name(name: str) -> str:
    clean = " ".join(str(name).split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise Invalid(
            f"A feature set needs a name of 1 to {LONGEST_NAME} characters that can be shown."
        )
    return clean


def extracted(
    sources: Sources,
    features: Sequence[TableFeature],
    config: ExtractionConfig,
    report: Report,
) -> Iterator[Part]:
    """The features of all windows, block by block."""
    done, total = 0, sources.window_count
    report(Progress(STAGE, 0, total))
    for block in blocks_of(sources, config):
        rate = block.source.sample_rate_hz
        values = extract_features(block.windows.samples, rate, features, block.windows.context)
        starts_s = block.first_samples / rate
        stops_s = starts_s + config.window / rate
        yield Part(block.source.origin, values, block.first_samples, starts_s, stops_s)
        done += len(values)
        report(Progress(STAGE, done, total, f"{done:,} of {total:,} windows"))


def of_columns(table: TableFile, columns: Sequence[str], report: Report) -> Iterator[Part]:
    """Some columns of another table."""
    places = [table.columns.index(name) for name in columns]
    done = 0
    for rows in table.blocks():
        report(Progress("Writing the selection", done, table.row_count))
        told = list(
            zip(
                rows.recording_ids.tolist(),
                rows.recordings,
                rows.labels,
                rows.groups,
                strict=True,
            )
        )
        for start, stop in runs(told):
            yield Part(
                Origin(*told[start]),
                rows.values[start:stop, places],
                rows.first_samples[start:stop],
                rows.starts_s[start:stop],
                rows.stops_s[start:stop],
            )
        done += len(told)


def runs(told: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Stretches of equal neighbours.

    Examples
    --------
    >>> list(runs(["a", "a", "b"]))
    [(0, 2), (2, 3)]
    """
    start = 0
    for place in range(1, len(told) + 1):
        if place == len(told) or told[place] != told[start]:
            if place > start:
                yield start, place
            start = place


def summary_of(
    table: StoredTable, unit: str, notes: Sequence[str], unknown: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "labels": dict(sorted(table.labels.items())),
        "groups": table.group_count,
        "recordings": table.recording_count,
        "unit": unit,
        "notes": list(notes),
        "unknown": dict(unknown),
    }


def keep_set(session: Session, name: str, table: StoredTable, **about: Any) -> FeatureSetMade:
    """The row of a table: the next version of its name."""
    hold(session, *table.keys)
    locks.alone(session, "feature sets")
    highest = session.scalar(select(func.max(FeatureSet.number)).where(FeatureSet.name == name))
    row = FeatureSet(
        name=name,
        number=(highest or 0) + 1,
        row_count=table.row_count,
        artefact_key=table.artefact_key,
        parquet_key=table.parquet_key,
        content_hash=table.content_hash,
        job_id=running_job(),
        owner_id=actor.user_id(),
        **about,
    )
    session.add(row)
    session.flush()
    events.record(
        session, "feature_set.made", f"feature_set:{row.id}", name=name, number=row.number
    )
    return {
        "feature_set_id": row.id,
        "name": name,
        "number": row.number,
        "row_count": row.row_count,
    }


def keep_made(session: Session, made: FeatureSetMade) -> FeatureSetMade:
    """Let the running job have its result with its effect: a second attempt finds it."""
    keep_result(session, dict(made))
    return made


def texts(values: Sequence[Any], count: int, what: str) -> list[str]:
    """One text for each row; a class may be a number."""
    found = ["" if one is None else str(one) for one in np.asarray(values, dtype=object).tolist()]
    if len(found) != count:
        raise Invalid(f"Each of {count} rows needs a {what}, got {len(found)}.")
    return found
