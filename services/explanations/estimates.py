"""What an explanation will take, before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.explain.registry import FEATURE_METHODS, METHODS
from models import Experiment, Explanation, Recording
from services.classifier_cost_service import ClassifierCostService
from services.errors import NotFound
from services.explanations.asking import MEAN, TITLES, ZEROS, Asked
from services.explanations.baselines import BASELINE_WINDOWS
from services.runtime import unit_of_work

LOOKED_AT = 20
EXAMINING = 4
"""A score card asks the method three times more about its windows, and draws curves."""
_CURVE_PASSES = 132


class ExplanationEstimate(TypedDict):
    """``seconds`` and ``bytes`` are None where nothing like it was measured."""

    windows: int
    passes: int
    seconds: float | None
    bytes: int | None
    basis: str


def estimate(experiment_id: int, recording_id: int, wanted: Asked) -> ExplanationEstimate:
    """By earlier explanations of the experiment, else by the measured cost of a window.

    Raises
    ------
    NotFound
        If experiment or recording do not exist.
    """
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        recording = session.get(Recording, recording_id)
        if experiment is None or recording is None:
            raise NotFound("There is no such experiment or recording.")
        config = dict(experiment.config)
        windows, passes = _work(config, recording, wanted)
        earlier = _earlier(session, experiment, wanted.method)
        classes = len(experiment.class_names)
    found: ExplanationEstimate = {
        "windows": windows,
        "passes": passes,
        "seconds": None,
        "bytes": None,
        "basis": "nothing like it was measured yet; the job tells once it runs",
    }
    if earlier:
        rates = [seconds / max(1, done) for seconds, done, _ in earlier]
        found["seconds"] = median(rates) * passes
        found["bytes"] = max(size for *_, size in earlier)
        found["basis"] = f"{len(earlier)} earlier by {TITLES[wanted.method]} of this experiment"
        return found
    latency_s = _latency_s(config, classes)
    if latency_s is not None and wanted.method not in FEATURE_METHODS:
        found["seconds"] = latency_s * passes
        found["basis"] = "the measured cost of one window; batches are often quicker"
    return found


def passes_of(method: str, parameters: Mapping[str, Any], windows: int, channels: int) -> int:
    """Passes through the network for so many windows, with the score card."""
    if method in FEATURE_METHODS:
        return windows
    card = METHODS[method]
    alone = parameters.get("baseline", ZEROS) in (ZEROS, MEAN)
    each = card.passes(dict(parameters), channels, 1 if alone else BASELINE_WINDOWS)
    examined = min(windows, card.card_windows)
    return round(each * (windows + (EXAMINING - 1) * examined) + _CURVE_PASSES * examined)


def _work(config: dict[str, Any], recording: Recording, wanted: Asked) -> tuple[int, int]:
    rate = config.get("sample_rate_hz") or recording.sample_rate_hz
    samples = recording.sample_count * rate / recording.sample_rate_hz
    available = max(1, int(samples // config["window"]))
    most = METHODS[wanted.method].most_windows if wanted.method in METHODS else 60
    windows = min(available, most)
    channels = len(config.get("channels", (0,)))
    return windows, passes_of(wanted.method, wanted.parameters, windows, channels)


def _earlier(session: Session, experiment: Experiment, method: str) -> list[tuple[float, int, int]]:
    newest = (
        select(Explanation.summary, Explanation.parameters)
        .where(Explanation.experiment_id == experiment.id, Explanation.method == method)
        .order_by(Explanation.id.desc())
        .limit(LOOKED_AT)
    )
    channels = len(experiment.config.get("channels", (0,)))
    return [
        (
            float(summary["seconds"]),
            passes_of(method, parameters, int(summary["explained"]), channels),
            int(summary.get("bytes", 0)),
        )
        for summary, parameters in session.execute(newest)
        if "seconds" in summary
    ]


def _latency_s(config: dict[str, Any], classes: int) -> float | None:
    found = ClassifierCostService.find_cost(
        {
            "classifier": config["classifier"],
            "parameters": config["parameters"],
            "window": config["window"],
            "channels": len(config.get("channels", (0,))),
            "classes": classes,
        }
    )
    cost = None if found is None else found["cost"]
    return None if cost is None else cost["latency"]["median_ms"] / 1000
