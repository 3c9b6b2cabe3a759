"""What a repeated experiment would be: its runs, its folds, what to know before it begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from diagnostics.errors import TrainingError
from diagnostics.training.classifiers import trainable
from diagnostics.training.config import GroupFolds, RandomWindows, TrainingConfig
from diagnostics.training.folds import scarce_classes
from diagnostics.training.resampling import common_rate
from diagnostics.training.split import Side, Split, class_counts, preview_rows, split_recordings
from services.errors import Invalid
from services.experiments import alike, feature_sets
from services.experiments.data import as_invalid, choose, find_version, group_title, members_of
from services.experiments.planning import work_of

MOST_RUNS = 100
LARGEST_SEED = 2**31 - 1


class FoldView(TypedDict):
    """The test of one fold, and how many windows its other sides have."""

    fold: int
    groups: int
    recordings: int
    classes: dict[str, int]
    windows: dict[str, int]
    work: dict[str, int]


class PlanView(TypedDict):
    """``folds`` has one entry, number 0, where all runs have the same split."""

    runs: int
    folds: list[FoldView]
    seeds: list[int]
    class_names: list[str]
    warnings: list[str]
    sample_rate_hz: float


def checked(config: Mapping[str, Any], seeds: Sequence[int]) -> tuple[TrainingConfig, list[int]]:
    """The config of all runs, and their seeds.

    Raises
    ------
    Invalid
        If something is wrong, or there is nothing to repeat.
    """
    found = list(seeds)
    wrong = [s for s in found if isinstance(s, bool) or not isinstance(s, int)]
    if wrong or any(not 0 <= seed <= LARGEST_SEED for seed in found):
        raise Invalid(f"Seeds are whole numbers from 0 to {LARGEST_SEED}.")
    if len(set(found)) < len(found):
        raise Invalid("A seed comes twice: it would give the same result again.")
    try:
        given = TrainingConfig.from_dict(feature_sets.completed(config))
        trainable(given.classifier)
        found = found or [given.seed]
        given = replace(given, seed=found[0])
        if isinstance(given.split, GroupFolds):
            given = replace(given, split=replace(given.split, fold=0))
    except TrainingError as error:
        raise as_invalid(error) from error
    runs = (fold_count(given) or 1) * len(found)
    if runs < 2:
        raise Invalid("One seed without folds is a single training. Give more seeds, or folds.")
    if runs > MOST_RUNS:
        raise Invalid(f"A repeated experiment has {MOST_RUNS} trainings at most, got {runs}.")
    return given, found


def fold_count(config: TrainingConfig) -> int:
    """0 where there are no folds."""
    return config.split.folds if isinstance(config.split, GroupFolds) else 0


def runs_of(config: TrainingConfig, seeds: Sequence[int]) -> Iterator[tuple[int, TrainingConfig]]:
    """Fold and config of each run; all folds of a seed before the next seed."""
    for seed in seeds:
        for fold in range(1, fold_count(config) + 1) or (0,):
            yield fold, replace(_of_fold(config, fold), seed=seed)


def plan(session: Session, version_id: int, config: TrainingConfig, seeds: list[int]) -> PlanView:
    """What the runs would learn from and be tested on.

    Raises
    ------
    NotFound
        If there is no such version.
    Invalid
        If the data cannot be parted so; the sentence says why.
    """
    find_version(session, version_id)
    members = None
    if not (isinstance(config.split, RandomWindows) or config.feature_set):
        members = alike.members_alike(session, version_id, config)
    everybody = members or members_of(session, version_id)
    there, told = feature_sets.with_features(session, version_id, config, everybody)
    chosen = choose(there, config)
    title, folds = group_title(config.group_by), fold_count(config)
    warnings = [*told, *chosen.warnings]
    try:
        rate = common_rate((c.sample_rate_hz for c in chosen.candidates), config.sample_rate_hz)
        splits = {
            fold: split_recordings(chosen.candidates, _of_fold(config, fold).split, title)
            for fold in range(1, folds + 1) or (0,)
        }
    except TrainingError as error:
        raise as_invalid(error) from error
    if folds:
        warnings += scarce_classes(class_counts(chosen.candidates), folds, title)
    else:
        warnings += splits[0].warnings
    return {
        "runs": len(splits) * len(seeds),
        "folds": [_fold(fold, split, config, rate) for fold, split in splits.items()],
        "seeds": seeds,
        "class_names": list(next(iter(splits.values())).class_names),
        "warnings": [*warnings, *_shared(splits)],
        "sample_rate_hz": rate,
    }


def _of_fold(config: TrainingConfig, fold: int) -> TrainingConfig:
    split = config.split
    if not isinstance(split, GroupFolds) or not fold:
        return config
    return replace(config, split=replace(split, fold=fold))


def _fold(fold: int, split: Split, config: TrainingConfig, rate: float) -> FoldView:
    windows = Counter({side.value: 0 for side in Side})
    classes: Counter[str] = Counter()
    for row in preview_rows(split, config.window, config.hop, rate):
        windows[row.side.value] += row.windows
        if row.side is Side.TEST:
            classes[row.target] += row.recordings
    return {
        "fold": fold,
        "groups": len(split.groups(Side.TEST)),
        "recordings": classes.total(),
        "classes": {name: classes[name] for name in split.class_names},
        "windows": dict(windows),
        "work": asdict(work_of(split, config, rate)),
    }


def _shared(splits: Mapping[int, Split]) -> list[str]:
    """The warning about bearings on two sides, once for all folds."""
    if 0 in splits:
        return []
    told = [w for split in splits.values() for w in split.warnings if "bearings in the test" in w]
    if not told:
        return []
    return [
        f"In {len(told)} of the {len(splits)} folds bearings of the test are in the training part"
        " too: the result says how well known bearings are recognised, not how well a new bearing"
        " is diagnosed. Group by bearing to learn that."
    ]
