"""Compute why rows have their scores; what a worker does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete

from diagnostics.progress import Report, silent
from models import DetectionExplanation, SourceVersion
from services import actor
from services.anomalies.keeping import verified
from services.anomalies.running import open_version
from services.anomalies.views import done_key, find_row
from services.errors import Conflict
from services.jobs.job_runs import keep_result, kept_result
from services.runtime import artefacts, unit_of_work

if TYPE_CHECKING:
    from diagnostics.detectors.detector import FittedDetector
    from diagnostics.detectors.explaining import Explained
    from diagnostics.tables.stored import StoredTable

NAMED = 3
ORDINARY = 0.5
"""Robust standard deviations from the median up to which a value is called neither high nor low."""


class AnomalyExplainingService:
    """Explain rows."""

    @staticmethod
    def explain(
        detection_id: str,
        row_indices: Sequence[int],
        method: str,
        max_features: int,
        background: int,
        report: Report = silent,
    ) -> dict[str, Any]:
        """Explain rows by the detector that was stored, and keep what came out.

        Raises
        ------
        NotFound
            If there is no such detection.
        Conflict
            If its detector is not stored, or is none of this site.
        """
        actor.writer()
        done = kept_result()
        if done is not None:
            return done
        from diagnostics.detectors.explaining import explain
        from diagnostics.tables.for_detectors import rows_for_detector

        detector, stored = _fitted(detection_id)
        table = rows_for_detector(stored, list(detector.preprocessing.given))
        rows = np.asarray(row_indices, dtype=np.intp)
        asked = {"method": method, "max_features": max_features, "background": background}
        explained = explain(detector, table, rows, **asked, report=report)  # type: ignore[arg-type]
        cells = stored.cells(rows.astype(np.int64), list(detector.columns))
        sides = detector.numbers(table, rows)
        scores = detector.calibrated(explained.scores)
        contents = [
            content_of(explained, n, cells[n], sides[n], float(scores[n]), max_features)
            for n in range(len(rows))
        ]
        return _keep(detection_id, contents, method, max_features, background)


def _fitted(detection_id: str) -> tuple[FittedDetector, StoredTable]:
    """The stored detector, and the rows that it judged."""
    from diagnostics.detectors.detector import FittedDetector

    with unit_of_work(writing=False) as session:
        row = find_row(session, detection_id)
        done_key(row)
        key = row.detector_key
        version = session.get_one(SourceVersion, row.source_version_id)
        stored = open_version(version)
    if key is None:
        raise Conflict("The fitted detector was not stored. Detect again with it.")
    return FittedDetector.from_bytes(verified(artefacts().read(key))), stored


def content_of(
    explained: Explained,
    n: int,
    cells: dict[str, Any],
    sides: Any,
    score: float,
    max_features: int,
) -> dict[str, Any]:
    """One explained row as it is answered; ``contribution`` is the share of all that speaks."""
    parts = _parts(explained, n, cells, sides, max_features)
    return {
        "row_index": int(explained.rows[n]),
        "anomaly_score": score,
        "raw_score": float(explained.scores[n]),
        "base_value": float(explained.base[n]),
        "feature_contributions": parts,
        "total_shap": float(explained.values[n].sum()),
        "residual": float(explained.residual[n]),
        "method": explained.method,
        "fidelity": float(np.nan_to_num(explained.fidelity[n])),
        "summary": summary_of(parts, score),
    }


def _parts(
    explained: Explained, n: int, cells: dict[str, Any], sides: Any, max_features: int
) -> list[dict[str, Any]]:
    values = explained.values[n]
    whole = float(np.abs(values).sum())
    parts = []
    for place in explained.ranked(n, max_features):
        name, value = explained.columns[place], float(values[place])
        error = float(explained.error[n, place])
        parts.append(
            {
                "feature": name,
                "value": cells[name],
                "shap_value": value,
                "contribution": abs(value) / whole if whole else 0.0,
                "standard_error": error if np.isfinite(error) else None,
                "side": side_of(float(sides[place])),
            }
        )
    return parts


def side_of(deviations: float) -> str:
    """Whether a value is high or low by itself, whatever it does to the score.

    Examples
    --------
    >>> side_of(4.0), side_of(-4.0), side_of(0.1)
    ('high', 'low', 'ordinary')
    """
    if abs(deviations) <= ORDINARY:
        return "ordinary"
    return "high" if deviations > 0 else "low"


def summary_of(parts: Sequence[dict[str, Any]], score: float) -> str:
    """A sentence about the columns that make a row unusual."""
    speaking = [one for one in parts if one["shap_value"] > 0][:NAMED]
    if not speaking:
        return f"Score {score:.2f}: no column makes this row unusual."
    named = [f"{one['feature']} = {_shown(one['value'])} ({one['side']})" for one in speaking]
    return f"Score {score:.2f}, most of all by {', '.join(named)}."


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float) else f"{value!s:.60}"


def _keep(
    detection_id: str,
    contents: Sequence[dict[str, Any]],
    method: str,
    max_features: int,
    background: int,
) -> dict[str, Any]:
    with unit_of_work() as session:
        find_row(session, detection_id)
        same = (
            DetectionExplanation.detection_id == detection_id,
            DetectionExplanation.method == method,
            DetectionExplanation.max_features == max_features,
            DetectionExplanation.background == background,
        )
        for content in contents:
            mine = DetectionExplanation.row_index == content["row_index"]
            session.execute(delete(DetectionExplanation).where(mine, *same))
            session.add(
                DetectionExplanation(
                    detection_id=detection_id,
                    row_index=content["row_index"],
                    method=method,
                    max_features=max_features,
                    background=background,
                    content=content,
                )
            )
        made = {"detection_id": detection_id, "rows": len(contents)}
        keep_result(session, made)
        return made
