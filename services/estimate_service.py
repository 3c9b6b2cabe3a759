"""How long trainings will take, from earlier ones or from the measured cost of a window."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from diagnostics.errors import TrainingError
from diagnostics.training.card import Family
from diagnostics.training.config import TrainingConfig
from diagnostics.training.estimate import (
    Work,
    alike,
    least_bytes,
    seconds_by_latency,
    seconds_by_throughput,
)
from models import Experiment, ExperimentEpoch
from services import actor
from services.classifier_cost_service import ClassifierCostService
from services.experiments.data import as_invalid
from services.runtime import unit_of_work

# The newest trainings of a classifier that are looked at, and those of them that are used.
LOOKED_AT, USED = 50, 5


class EstimateView(TypedDict):
    """``bytes`` is None where nothing is known; ``at_least``: more comes on top of it."""

    seconds: float
    bytes: int | None
    at_least: bool
    basis: str


class TrainingEstimateService:
    """Estimate time and memory of a training before it begins."""

    @staticmethod
    def estimate(
        config: Mapping[str, Any], classes: int, work: Mapping[str, int]
    ) -> EstimateView | None:
        """What a training will take at most; None where nothing like it was measured.

        ``work`` has the windows ``seen`` in an epoch, and those of ``train``, ``validation`` and
        ``test``.

        Raises
        ------
        Invalid
            If the config is wrong.
        """
        actor.reader()
        try:
            checked = TrainingConfig.from_dict(config)
        except TrainingError as error:
            raise as_invalid(error) from error
        with unit_of_work(writing=False) as session:
            return estimate(session, checked, classes, Work(**work))


def estimate(
    session: Session, config: TrainingConfig, classes: int, work: Work
) -> EstimateView | None:
    """By earlier trainings, else by the measured cost of one window, else None."""
    return _by_earlier(session, config, work) or _by_cost(config, classes, work)


def _by_earlier(session: Session, config: TrainingConfig, work: Work) -> EstimateView | None:
    newest = (
        select(Experiment)
        .where(Experiment.classifier == config.classifier, Experiment.summary.is_not(None))
        .options(defer(Experiment.split), defer(Experiment.summary))
        .order_by(Experiment.id.desc())
        .limit(LOOKED_AT)
    )
    used = [row for row in session.scalars(newest) if alike(config, row.config)][:USED]
    ids = [row.id for row in used]
    speeds = select(ExperimentEpoch.windows_per_s).where(ExperimentEpoch.experiment_id.in_(ids))
    throughput = [speed for speed in session.scalars(speeds) if speed > 0]
    if not throughput:
        return None
    peaks = [row.peak_bytes for row in used if row.peak_bytes is not None]
    counted = f"{len(used)} earlier trainings" if len(used) > 1 else "an earlier training"
    return {
        "seconds": seconds_by_throughput(config, work, median(throughput)),
        "bytes": round(median(peaks)) if peaks else None,
        "at_least": False,
        "basis": f"{counted} of the same classifier on windows of this length:"
        f" {median(throughput):.3g} windows/s",
    }


def _by_cost(config: TrainingConfig, classes: int, work: Work) -> EstimateView | None:
    if config.feature_set:
        return None  # what was measured includes the basic features
    found = ClassifierCostService.find_cost(
        {
            "classifier": config.classifier,
            "parameters": config.parameters,
            "window": config.window,
            "channels": len(config.channels),
            "classes": classes,
        }
    )
    cost = None if found is None else found["cost"]
    if cost is None:
        return None
    latency_ms = cost["latency"]["median_ms"]
    network = config.card.family is Family.NETWORK
    how = ", three times that for a training step" if network else ", without the fit itself"
    return {
        "seconds": seconds_by_latency(config, work, latency_ms),
        "bytes": least_bytes(config, work, cost["numbers"]) if network else None,
        "at_least": True,
        "basis": f"the measured cost of one window, {latency_ms:.3g} ms{how}; batches are often"
        " quicker",
    }
