"""What a kind of campaign has to say: which training is the next, and what to measure of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from diagnostics.training.config import TrainingConfig
from models import Campaign, CampaignKind, TrialState

if TYPE_CHECKING:
    from diagnostics.search.study import SearchStudy
    from diagnostics.training.fitted import FittedClassifier


@dataclass(frozen=True)
class PastTrial:
    """A trial of the same campaign that has begun, as far as it is known."""

    number: int
    state: TrialState
    params: dict[str, Any] | None
    value: float | None
    measured: dict[str, Any] | None
    fingerprint: str | None


@dataclass(frozen=True)
class Asked:
    """Trial ``number``, counted from 1, is to be chosen.

    ``campaign`` is read-only and detached. ``past`` reads the trials before it, in their order,
    once it is called.
    """

    campaign: Campaign
    number: int
    past: Callable[[], list[PastTrial]]


@dataclass(frozen=True)
class Suggestion:
    """What to train, and how lists show it.

    ``config`` is that of the campaign with what was chosen; its split is put in afterwards. None
    where that is no training: ``refusal`` says why, and the trial fails with it.
    ``study_number`` names the trial to the study, where the sampler has one. With ``same_as``
    nothing is trained: the results of that trial of the campaign hold for this one.
    """

    params: dict[str, Any]
    config: TrainingConfig | None
    study_number: int | None = None
    refusal: str = ""
    fingerprint: str | None = None
    same_as: int | None = None


@dataclass(frozen=True)
class TrainedTrial:
    """The first training of a trial that came to its end, for what else is measured of it."""

    campaign: Campaign
    params: dict[str, Any]
    config: TrainingConfig
    fitted: FittedClassifier
    parameter_count: int | None
    classes: int
    sample_rate_hz: float


class Searching(Protocol):
    """One kind of campaign. Called in workers, outside of any unit of work."""

    def suggest(self, asked: Asked) -> Suggestion:
        """Choose what is trained next."""

    def study(self, campaign: Campaign) -> SearchStudy | None:
        """What is told of scores and asked whether a trial ends early; None where nothing is."""

    def measure(self, trained: TrainedTrial) -> Mapping[str, Any]:
        """What is kept in ``measured`` beside the scores, under names of the kind's own."""


def searching(kind: CampaignKind) -> Searching:
    """What runs campaigns of a kind; imported here, since it may load torch or a sampler."""
    if kind is CampaignKind.HPO:
        from services.campaigns.hpo import SettingsSearch

        return SettingsSearch()
    from services.campaigns.nas import ArchitectureSearch

    return ArchitectureSearch()
