"""What was estimated beside the class, as pages and tables show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.estimates import Estimated, estimated
from diagnostics.evaluation.items import Level
from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.report import score_head
from models import Recording
from services.datasets.versions import chunks

# A figure of more points is slow to draw, and shows no more.
MOST_POINTS = 2000


class PointView(TypedDict):
    """One recording or window; ``low`` and ``high`` are those of its windows."""

    recording_id: int
    name: str
    group: str
    true_class: str
    truth: float
    value: float
    low: float
    high: float


class HeadView(TypedDict):
    """One quantity on the test side. ``off`` says why it was not trained, or is empty.

    ``score`` is None where no recording of the test says the quantity.
    """

    name: str
    off: str
    trained_on: int
    mean: float
    score: dict[str, Any] | None
    points: list[PointView]


class EstimatesView(TypedDict):
    """``heads`` is empty for a classifier that names faults only."""

    level: str
    heads: list[HeadView]


def estimates_view(
    session: Session, given: Predictions, level: Level, seed: int, most: int | None = MOST_POINTS
) -> EstimatesView:
    """Every head with its points, at most so many of each, taken evenly."""
    made, heads = given.estimates, list[HeadView]()
    if made is None:
        return {"level": level.value, "heads": heads}
    by_recording = level is Level.RECORDINGS
    names = _names(session, given)
    for place, scale in enumerate(made.heads):
        found = estimated(made, place, given.recording_ids, by_recording=by_recording)
        score = score_head(given, place, seed, by_recording=by_recording)
        heads.append(
            {
                "name": scale.name,
                "off": scale.off,
                "trained_on": scale.recordings,
                "mean": scale.mean,
                "score": None if score is None else asdict(score),
                "points": _points(found, given, names, most),
            }
        )
    return {"level": level.value, "heads": heads}


def _points(
    found: Estimated, given: Predictions, names: Mapping[int, str], most: int | None
) -> list[PointView]:
    classes = dict(zip(given.recording_ids.tolist(), given.targets.tolist(), strict=True))
    rows = np.arange(len(found))
    if most is not None and len(found) > most:
        rows = np.unique(np.linspace(0, len(found) - 1, most).astype(np.int64))
    points: list[PointView] = []
    for row in rows:
        number = int(found.recording_ids[row])
        points.append(
            {
                "recording_id": number,
                "name": names.get(number, f"Recording {number}"),
                "group": given.groups[number],
                "true_class": given.class_names[classes[number]],
                "truth": float(found.truths[row]),
                "value": float(found.values[row]),
                "low": float(found.low[row]),
                "high": float(found.high[row]),
            }
        )
    return points


def _names(session: Session, given: Predictions) -> dict[int, str]:
    numbers = np.unique(given.recording_ids).tolist()
    wanted = select(Recording.id, Recording.name)
    return {
        row.id: row.name
        for some in chunks(numbers)
        for row in session.execute(wanted.where(Recording.id.in_(some)))
    }
