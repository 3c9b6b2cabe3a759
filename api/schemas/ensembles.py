"""Votes of finished experiments as the API takes and shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from diagnostics.evaluation.voting import FEWEST, MOST


class EnsemblePlanIn(BaseModel):
    """Who votes and how.

    ``voting`` is ``soft`` (mean of probabilities) or ``hard`` (one vote for each recording);
    ``weighting`` is ``equal``, ``typed`` (with ``weights``) or ``validation``.
    """

    model_config = ConfigDict(extra="forbid")

    experiment_ids: list[int] = Field(min_length=FEWEST, max_length=MOST)
    voting: str = "soft"
    weighting: str = "equal"
    weights: list[float] | None = Field(default=None, max_length=MOST)


class EnsembleIn(EnsemblePlanIn):
    name: str


class PlanMemberOut(BaseModel):
    """``recordings`` counts all of its own test; ``weight`` is null where a job finds it."""

    experiment_id: int
    name: str
    classifier: str
    classifier_title: str
    recordings: int
    weight: float | None


class EnsemblePlanOut(BaseModel):
    """What would be tested together; ``by_window`` says whether single windows are, too."""

    members: list[PlanMemberOut]
    class_names: list[str]
    recordings: int
    groups: int
    classes: dict[str, int]
    by_window: bool
    notes: list[str]


class MemberOut(BaseModel):
    """``scores`` are those over the recordings that the vote is tested on."""

    experiment_id: int
    name: str
    classifier: str
    classifier_title: str
    archived: bool
    weight: float | None
    scores: dict[str, float] | None
    validation: dict[str, float] | None


class EnsembleOut(BaseModel):
    """``changed`` names members that predict something else than when they were counted."""

    experiment_id: int
    voting: str
    weighting: str
    by_window: bool | None
    members: list[MemberOut]
    changed: list[str]
