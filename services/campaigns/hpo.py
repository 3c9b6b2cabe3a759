"""Searches over settings: a sampler chooses, and the point is put into the campaign's config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.search.settings import apply_point
from diagnostics.search.study import PastPoint, SearchStudy
from diagnostics.training.config import TrainingConfig
from models import Campaign, TrialState
from services.campaigns.kinds import Asked, Suggestion, TrainedTrial
from services.campaigns.studies import open_study


class SettingsSearch:
    """Hyper-parameter optimisation."""

    def suggest(self, asked: Asked) -> Suggestion:
        study = open_study(asked.campaign)
        if asked.number > 1 and study.is_new():
            # The rows came out of a backup, and the memory was not in it.
            study.learn(list(_scored(asked)))
        point = study.ask(asked.number)
        base = TrainingConfig.from_dict(asked.campaign.config)
        try:
            config = apply_point(base, point.params)
        except TrainingError as error:
            return Suggestion(point.params, None, point.study_number, refusal=str(error))
        return Suggestion(point.params, config, point.study_number)

    def study(self, campaign: Campaign) -> SearchStudy | None:
        return open_study(campaign)

    def measure(self, trained: TrainedTrial) -> Mapping[str, Any]:
        if "latency_ms" not in trained.campaign.metrics:
            return {}
        from diagnostics.training.cost import CostQuestion, measure_cost

        config = trained.config
        asked = CostQuestion(
            config.classifier,
            config.parameters,
            config.window,
            len(config.channels),
            trained.classes,
        )
        return {"latency_ms": measure_cost(asked).latency.median_ms}


def _scored(asked: Asked) -> Iterator[PastPoint]:
    for trial in asked.past():
        measured = trial.measured or {}
        values = [measured.get(name) for name in asked.campaign.metrics]
        known = trial.state is TrialState.COMPLETE and None not in values
        if known and trial.params is not None:
            yield PastPoint(trial.params, tuple(map(float, values)))  # type: ignore[arg-type]
