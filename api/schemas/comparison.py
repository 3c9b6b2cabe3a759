"""A comparison of experiments as the API gives it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

# Six numbers with their commas, and some spaces.
LONGEST_LIST = 100


class ComparisonQuery(BaseModel):
    """``experiments`` are numbers with commas, such as ``3,5,8``: the first is the one that the
    others are held against. ``windows`` adds p-values over windows, which are not independent."""

    experiments: str = Field(pattern=r"^\s*\d{1,9}(\s*,\s*\d{1,9})*\s*$", max_length=LONGEST_LIST)
    windows: bool = False

    @property
    def numbers(self) -> list[int]:
        return [int(part) for part in self.experiments.split(",")]


class ComparedScoreOut(BaseModel):
    value: float
    low: float | None
    high: float | None


class ComparedOut(BaseModel):
    experiment_id: int
    name: str
    classifier: str
    classifier_title: str
    dataset_id: int
    dataset_name: str
    version_number: int
    generated: bool
    group_by: str
    owner_name: str
    class_names: list[str]
    metrics: dict[str, dict[str, ComparedScoreOut]]
    own_recordings: int
    windows: int
    confusion_matrix: list[list[int]]
    config: dict[str, Any]
    parameter_count: int | None
    wall_time_s: float | None
    leak: str | None


class McNemarOut(BaseModel):
    """``only_first`` and ``only_second`` count what one alone named rightly."""

    n: int
    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    exact_p: float
    mid_p: float
    smallest_exact_p: float
    smallest_mid_p: float
    odds_ratio: float | None
    odds_low: float
    odds_high: float | None


class DifferenceOut(BaseModel):
    """First less second, with a 95 % interval over groups; ``adjusted_…`` for all pairs at once."""

    value: float
    low: float | None
    high: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    supported: bool


class GroupTestOut(BaseModel):
    groups: int
    differing: int
    p: float
    smallest_p: float
    holm_p: float


class PairOut(McNemarOut):
    first_id: int
    second_id: int
    holm_p: float
    group_test: GroupTestOut
    decided_by: str
    differences: dict[str, DifferenceOut]
    windows: McNemarOut | None


class CochranOut(BaseModel):
    items: int
    deciding: int
    statistic: float
    freedom: int
    p_value: float
    exact: float | None
    smallest: float | None


class RankPairOut(BaseModel):
    first_id: int
    second_id: int
    rank_difference: float
    nemenyi: float
    signed_rank: float
    holm: float
    smallest: float


class FriedmanOut(BaseModel):
    blocks: int
    statistic: float
    freedom: int
    p_value: float
    smallest: float
    kendalls_w: float
    average_ranks: list[float]
    critical_difference: float
    pairs: list[RankPairOut]


class ComparisonTestsOut(BaseModel):
    """``no_…`` say why something is not there."""

    mcnemar: list[PairOut]
    cochran_q: CochranOut | None
    friedman: FriedmanOut | None
    no_interval: str | None
    no_friedman: str | None
    no_windows: str | None


class CommonTestOut(BaseModel):
    identical: bool
    common: int
    sizes: list[int]
    relabelled: int
    copies: int
    groups: int
    group_by: str
    notes: list[str]


class NamedOut(BaseModel):
    """``named`` says what each experiment called the recording."""

    recording_id: int
    name: str
    true_class: str
    group: str
    named: dict[int, str]


class OnlyRightOut(BaseModel):
    """The surest fifty are listed, ``count`` counts all."""

    experiment_id: int
    count: int
    recordings: list[NamedOut]


class SettingOut(BaseModel):
    name: str
    values: list[Any]


class ComparisonOut(BaseModel):
    """``key_differences`` are sentences that the tests and intervals support."""

    experiments: list[ComparedOut]
    statistical_tests: ComparisonTestsOut
    test_set: CommonTestOut
    only_right: list[OnlyRightOut]
    config_differences: list[SettingOut]
    key_differences: list[str]
