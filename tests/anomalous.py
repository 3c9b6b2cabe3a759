"""A table with a few rows that are unlike the others, as a source; and its detections."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from diagnostics.tables.profile import profile_table
from diagnostics.tables.readers import open_table
from diagnostics.tables.writing import write_table
from models import Source, SourceKind, SourceVersion
from services import actor
from services.anomalies.comparing import AnomalyComparingService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomalies.running import AnomalyRunService
from services.anomaly_service import AnomalyService
from services.files.staging import staging
from services.runtime import artefacts, unit_of_work
from services.source_service import SourceService
from services.sources.making import SourceMakingService
from services.upload_service import UploadService

ODD = (7, 150, 299)
QUICK = "statistical"


def table_csv(rows: int = 300, seed: int = 0) -> bytes:
    """Three columns of numbers and a state; the rows of ``ODD`` are far out in ``flow``."""
    values = np.random.default_rng(seed).normal(size=(rows, 3))
    values[[row for row in ODD if row < rows], 1] += 12.0
    lines = ["flow_in,flow,heat,state"]
    lines += [f"{a:.4f},{b:.4f},{c:.4f},{'on' if a > 0 else 'off'}" for a, b, c in values]
    return ("\n".join(lines) + "\n").encode()


def uploaded(content: bytes, name: str = "pump.csv") -> str:
    upload = UploadService.begin(name, len(content))
    UploadService.append(upload["id"], 0, content, hashlib.sha256(content).hexdigest())
    return upload["id"]


def source(
    content: bytes | None = None, name: str = "pump.csv", owner_id: int | None = None
) -> str:
    """A source of the actor's that has been read, quickly: in this process, and without a job."""
    with staging() as place:
        path, target = place / name, place / "table.parquet"
        path.write_bytes(table_csv() if content is None else content)
        read = write_table(open_table(path, "csv", place), target)
        profile = profile_table(target, read.columns)
        keys = artefacts().put_file("sources", ".parquet", target)
        told = artefacts().put("sources", ".json", json.dumps(profile).encode())
    given = {"kind": SourceKind.TABLE, "config": {"file_name": name}, "missing_codes": []}
    columns = [{**one.to_dict(), "role": "feature", "empty": False} for one in read.columns]
    with unit_of_work() as session:
        row = Source(name=name, **given, owner_id=owner_id or actor.user_id())
        session.add(row)
        session.flush()
        version = SourceVersion(
            source_id=row.id,
            number=1,
            content_hash=keys,
            parquet_key=keys,
            profile_key=told,
            row_count=read.row_count,
            columns=columns,
            missing_codes=[],
            notes=[],
        )
        session.add(version)
        return row.id


def imported(content: bytes, name: str = "pump.csv", **more) -> str:
    """A source of the actor's, read as a job reads it."""
    source_id = SourceService.create_source("table", {"upload_id": uploaded(content, name)}, **more)
    SourceMakingService.make_version(source_id)
    return source_id


def detection(source_id: str, algorithm: str = QUICK, **more) -> str:
    """A detection that has ended."""
    detection_id = AnomalyService.detect(source_id, algorithm, **more)
    AnomalyRunService.detect(detection_id)
    return detection_id


def comparison(source_id: str, algorithms=("statistical", "ecod"), **more) -> str:
    comparison_id = AnomalyComparisonService.create_comparison(source_id, algorithms, **more)
    AnomalyComparingService.compare(comparison_id)
    return comparison_id
