"""A comparison as plain values, for pages, API and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

import numpy as np

from diagnostics.evaluation.comparison import Comparison, PairResult, Scored, only_right
from diagnostics.evaluation.levels import Score
from diagnostics.evaluation.paired import McNemar
from diagnostics.evaluation.ranks import Friedman
from diagnostics.evaluation.shared_test import SharedTest
from diagnostics.training.card import Family
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import OF_VOTES
from services.comparison.notes import notes_on
from services.comparison.reading import Compared, Subject
from services.experiments.sides import split_by
from services.experiments.views import EpochView, epoch_view

MOST_LISTED = 50
# What a classical classifier is given and does not use.
OF_NETWORKS = frozenset(
    {
        *("epochs", "batch_size", "optimiser", "learning_rate", "weight_decay", "schedule"),
        *("patience", "gradient_clip", "warmup_epochs", "loss", "focal_gamma", "label_smoothing"),
        *("draw", "augmentation", "plateau_epochs", "precision"),
    }
)


class ScoreView(TypedDict):
    value: float
    low: float | None
    high: float | None


class ComparedView(TypedDict):
    """``metrics`` are those on the common recordings; ``own_recordings`` counts all of its test.

    ``confusion_matrix`` counts recordings, rows the true class.
    """

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
    metrics: dict[str, dict[str, ScoreView]]
    own_recordings: int
    windows: int
    confusion_matrix: list[list[int]]
    config: dict[str, Any]
    epochs: list[EpochView]
    parameter_count: int | None
    wall_time_s: float | None
    channel: int
    leak: str | None


class McNemarView(TypedDict):
    """Items that only one named rightly decide. ``odds_ratio`` is None where it has no bound."""

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


class DifferenceView(TypedDict):
    """First less second. ``adjusted_…`` hold for all pairs at once."""

    value: float
    low: float | None
    high: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    supported: bool


class GroupTestView(TypedDict):
    groups: int
    differing: int
    p: float
    smallest_p: float
    holm_p: float


class PairView(McNemarView):
    """``decided_by`` is ``groups`` or ``recordings``; windows only where asked for."""

    first_id: int
    second_id: int
    holm_p: float
    group_test: GroupTestView
    decided_by: str
    differences: dict[str, DifferenceView]
    windows: McNemarView | None


class StatisticsView(TypedDict):
    """``mcnemar`` has every pair; the others need three experiments or more.

    ``no_…`` say why something is not there.
    """

    mcnemar: list[PairView]
    cochran_q: dict[str, Any] | None
    friedman: dict[str, Any] | None
    no_interval: str | None
    no_friedman: str | None
    no_windows: str | None


class CommonTestView(TypedDict):
    """What is compared on; ``notes`` are sentences about it."""

    identical: bool
    common: int
    sizes: list[int]
    relabelled: int
    copies: int
    groups: int
    group_by: str
    group_names: list[str]
    notes: list[str]


class NamedView(TypedDict):
    """A recording that one experiment alone named rightly; ``named`` by experiment id."""

    recording_id: int
    name: str
    true_class: str
    group: str
    named: dict[int, str]
    channel: int


class OnlyRightView(TypedDict):
    experiment_id: int
    count: int
    recordings: list[NamedView]


class SettingView(TypedDict):
    """A setting in which the experiments differ, with its value in each."""

    name: str
    values: list[Any]


class ComparisonData(TypedDict):
    experiments: list[ComparedView]
    statistical_tests: StatisticsView
    test_set: CommonTestView
    only_right: list[OnlyRightView]
    config_differences: list[SettingView]


def comparison_view(compared: Compared, found: Comparison) -> ComparisonData:
    """Everything that was found."""
    ids = [subject.experiment.id for subject in compared.subjects]
    experiments = [
        _experiment(subject, scored, compared.shared, size)
        for subject, scored, size in zip(
            compared.subjects, found.experiments, compared.shared.overlap.sizes, strict=True
        )
    ]
    return {
        "experiments": experiments,
        "statistical_tests": {
            "mcnemar": [_pair(pair, ids) for pair in found.pairs],
            "cochran_q": None if found.cochran is None else asdict(found.cochran),
            "friedman": None if found.friedman is None else _friedman(found.friedman, ids),
            "no_interval": found.no_interval,
            "no_friedman": found.no_friedman,
            "no_windows": found.no_windows,
        },
        "test_set": _test_set(compared, found),
        "only_right": [_only_right(compared, number) for number in range(len(ids))],
        "config_differences": config_differences(
            # A feature set by its name: its content tells nobody anything.
            [{**one.experiment.config, "feature_set": one.feature_set} for one in compared.subjects]
        ),
    }


def config_differences(configs: Sequence[Mapping[str, Any]]) -> list[SettingView]:
    """Settings whose values are not the same everywhere; None where one is not there."""
    flat = [_flat(_used(config)) for config in configs]
    names = list(dict.fromkeys(name for one in flat for name in one))
    rows: list[SettingView] = [
        {"name": name, "values": [one.get(name) for one in flat]} for name in names
    ]
    return [row for row in rows if any(value != row["values"][0] for value in row["values"][1:])]


def _used(config: Mapping[str, Any]) -> dict[str, Any]:
    family = classifier(config["classifier"]).family
    if family is Family.ENSEMBLE:
        return {name: value for name, value in config.items() if name in OF_VOTES}
    is_network = family is Family.NETWORK
    return {name: v for name, v in config.items() if is_network or name not in OF_NETWORKS}


def _flat(config: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


def _experiment(subject: Subject, scored: Scored, shared: SharedTest, size: int) -> ComparedView:
    row = subject.experiment
    return {
        "experiment_id": row.id,
        "name": row.name,
        "classifier": row.classifier,
        "classifier_title": classifier(row.classifier).title,
        "dataset_id": subject.dataset.id,
        "dataset_name": subject.dataset.name,
        "version_number": subject.version.number,
        "generated": subject.is_generated,
        "group_by": split_by(row.split),
        "owner_name": subject.owner,
        "class_names": list(shared.class_names),
        "metrics": {"recordings": _scores(scored.recordings), "windows": _scores(scored.windows)},
        "own_recordings": size,
        "windows": scored.window_count,
        "confusion_matrix": scored.confusion.tolist(),
        "config": row.config,
        "epochs": [epoch_view(epoch) for epoch in subject.epochs],
        "parameter_count": row.parameter_count,
        "wall_time_s": row.wall_time_s,
        "channel": int(row.config["channels"][0]),
        "leak": row.leak,
    }


def _scores(scores: Sequence[Score]) -> dict[str, ScoreView]:
    return {s.name: {"value": s.value, "low": s.low, "high": s.high} for s in scores}


def _pair(pair: PairResult, ids: Sequence[int]) -> PairView:
    return {
        **_mcnemar(pair.recordings),
        "first_id": ids[pair.first],
        "second_id": ids[pair.second],
        "holm_p": pair.recordings_holm,
        "group_test": {
            "groups": pair.groups.groups,
            "differing": pair.groups.differing,
            "p": pair.groups.p_value,
            "smallest_p": pair.groups.smallest,
            "holm_p": pair.groups_holm,
        },
        "decided_by": "groups" if pair.by_groups else "recordings",
        "differences": _differences(pair),
        "windows": None if pair.windows is None else _mcnemar(pair.windows),
    }


def _differences(pair: PairResult) -> dict[str, DifferenceView]:
    found: dict[str, DifferenceView] = {
        name: {
            "value": one.value,
            "low": one.interval.low,
            "high": one.interval.high,
            "adjusted_low": one.adjusted.low,
            "adjusted_high": one.adjusted.high,
            "supported": name in pair.supported,
        }
        for name, one in pair.differences.items()
    }
    if "accuracy" not in found:
        found["accuracy"] = {
            "value": pair.recordings.difference,
            "low": None,
            "high": None,
            "adjusted_low": None,
            "adjusted_high": None,
            "supported": pair.is_supported,
        }
    return found


def _mcnemar(found: McNemar) -> McNemarView:
    return {
        "n": found.items,
        "both_right": found.both_right,
        "only_first": found.only_first,
        "only_second": found.only_second,
        "both_wrong": found.both_wrong,
        "exact_p": found.exact,
        "mid_p": found.mid,
        "smallest_exact_p": found.smallest_exact,
        "smallest_mid_p": found.smallest_mid,
        "odds_ratio": found.odds_ratio,
        "odds_low": found.odds_low,
        "odds_high": found.odds_high,
    }


def _friedman(found: Friedman, ids: Sequence[int]) -> dict[str, Any]:
    plain = asdict(found)
    plain["average_ranks"] = list(found.average_ranks)
    plain["pairs"] = [
        {**asdict(pair), "first_id": ids[pair.first], "second_id": ids[pair.second]}
        for pair in found.pairs
    ]
    for pair in plain["pairs"]:
        del pair["first"], pair["second"]
    return plain


def _test_set(compared: Compared, found: Comparison) -> CommonTestView:
    shared = compared.shared
    fields = dict.fromkeys(s.experiment.split["group_by"] for s in compared.subjects)
    return {
        "identical": shared.overlap.is_identical,
        "common": shared.overlap.common,
        "sizes": list(shared.overlap.sizes),
        "relabelled": shared.overlap.relabelled,
        "copies": shared.overlap.copies,
        "groups": found.groups,
        "group_by": " and ".join(fields),
        "group_names": sorted(np.unique(shared.groups).tolist())[:MOST_LISTED],
        "notes": notes_on(compared, found),
    }


def _only_right(compared: Compared, number: int) -> OnlyRightView:
    shared = compared.shared
    rows = only_right(shared.right, number)
    # The surest first: there the experiment knows something that the others do not.
    ordered = rows[np.argsort(-shared.of_true[number, rows], kind="stable")]
    ids = [subject.experiment.id for subject in compared.subjects]
    channel = int(compared.subjects[number].experiment.config["channels"][0])
    recordings: list[NamedView] = []
    for row in ordered[:MOST_LISTED]:
        recording_id = int(shared.recording_ids[number, row])
        named = {
            one: shared.class_names[int(shared.predicted[place, row])]
            for place, one in enumerate(ids)
        }
        recordings.append(
            {
                "recording_id": recording_id,
                "name": compared.names.get(recording_id, f"Recording {recording_id}"),
                "true_class": shared.class_names[int(shared.targets[row])],
                "group": str(shared.groups[row]),
                "named": named,
                "channel": channel,
            }
        )
    return {"experiment_id": ids[number], "count": int(rows.size), "recordings": recordings}
