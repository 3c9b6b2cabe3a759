"""What the leakage guard says, over HTTP."""

from __future__ import annotations

from pydantic import BaseModel

from services.experiments.views import ExperimentState


class CheckOut(BaseModel):
    """``value`` is what was measured and ``threshold`` above what it counts, where there is any."""

    name: str
    finding: str
    sentence: str
    value: float | None
    threshold: float | None
    places: list[str]


class LeakageOut(BaseModel):
    verdict: str
    sentence: str
    checks: list[CheckOut]


class SideOfGapOut(BaseModel):
    experiment_id: int
    name: str
    state: ExperimentState
    split_by: str
    leak: str | None


class GapScoreOut(BaseModel):
    """``gap`` is random less by group; ``low`` and ``high`` end the interval of the latter."""

    level: str
    name: str
    by_windows: float
    by_windows_n: int
    by_group: float
    by_group_n: int
    low: float | None
    high: float | None
    gap: float


class GapOut(BaseModel):
    """``scores`` is empty until both are tested; ``no_interval`` is why the gap has none."""

    by_windows: SideOfGapOut
    by_group: SideOfGapOut
    scores: list[GapScoreOut]
    no_interval: str
    notes: list[str]
