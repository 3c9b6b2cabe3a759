"""What a campaign would be: data, parts, budget; checked before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.errors import TrainingError
from diagnostics.training.classifiers import trainable
from diagnostics.training.config import GroupFolds, HeldOutGroups, RandomWindows, TrainingConfig
from diagnostics.training.split import Candidate, Side
from models import Campaign, CampaignKind
from services import events, locks
from services.campaigns import filling
from services.errors import Conflict, Invalid
from services.experiments.data import as_invalid, find_version, group_title
from services.experiments.feature_sets import completed
from services.experiments.planning import plan_split

# Leaves room for “, trial 20000, fold 10 of 12” in the names of experiments.
NAME_LENGTH = 85
MOST_TRIALS = 20_000
MOST_PARALLEL = 64
LARGEST_SEED = 2**31 - 1
# Which way a score is better.
METRICS = {"val_accuracy": "maximize", "val_loss": "minimize"}
# What a network may be kept small in beside its score; less is better.
COSTS = ("parameters", "latency_ms")
DIRECTIONS = ("maximize", "minimize")


@dataclass(frozen=True)
class Limits:
    """How far a campaign may go. None for what does not end it."""

    budget: int
    parallel: int = 1
    hours: float | None = None
    patience: int | None = None

    def __post_init__(self) -> None:
        _whole("number of trials", self.budget, 1, MOST_TRIALS)
        _whole("number of trials at once", self.parallel, 1, MOST_PARALLEL)
        if self.patience is not None:
            _whole("number of trials without a better one", self.patience, 1, MOST_TRIALS)
        hours = self.hours
        if hours is not None and (
            isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 8760
        ):
            raise Invalid(f"The time must be above 0 and at most 8760 h, got {hours!r}.")


@dataclass(frozen=True)
class Objective:
    """What trials are judged by, the first score before all."""

    metrics: tuple[str, ...]
    directions: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """What a kind asks for: everything about the way of searching."""

    kind: CampaignKind
    method: str
    pruner: str
    space: dict[str, Any]
    seed: int
    plan: dict[str, Any]


def objective(
    metric: str, direction: str, also: Sequence[str] = (), known: Mapping[str, str] = METRICS
) -> Objective:
    """A score and which way it is better, and a cost beside it that is to be low.

    Raises
    ------
    Invalid
        If there is no such score, or better is the other way.
    """
    if metric not in known:
        raise Invalid(f"There is no metric {metric!r}. Choose one of {', '.join(known)}.")
    if direction not in DIRECTIONS:
        raise Invalid(f"The direction is one of {', '.join(DIRECTIONS)}, got {direction!r}.")
    if known[metric] != direction:
        raise Invalid(
            f"“{metric}” is better the {'higher' if direction == 'minimize' else 'lower'} it is:"
            f" the direction must be {known[metric]!r}."
        )
    if len(also) > 1 or not set(also) <= set(COSTS):
        raise Invalid(f"One of {', '.join(COSTS)} may be kept low beside the score, got {also!r}.")
    return Objective((metric, *also), (direction, *("minimize" for _ in also)))


def base_config(classifier: str, given: Mapping[str, Any] | None) -> TrainingConfig:
    """The training of all trials, checked; groups by their share where nothing was said.

    Raises
    ------
    Invalid
        If there is no such classifier, or something is wrong.
    """
    try:
        card = trainable(classifier)
        asked = {"split": {"by": "fractions"}, **(given or {}), "classifier": card.name}
        config = TrainingConfig.from_dict(completed(asked))
    except TrainingError as error:
        raise as_invalid(error) from error
    if isinstance(config.split, RandomWindows):
        raise Invalid(
            "A search over windows that were parted at random finds what remembers best. Part by"
            " groups."
        )
    return config


def make_campaign(
    session: Session,
    owner_id: int,
    name: str,
    version_id: int,
    config: TrainingConfig,
    search: Search,
    aims: Objective,
    limits: Limits,
) -> int:
    """Keep a campaign and let it begin; its id.

    Raises
    ------
    NotFound
        If there is no such version.
    Invalid
        If the data cannot be parted so.
    Conflict
        If the owner has one of that name.
    """
    name = checked_name(name)
    _whole("seed", search.seed, 0, LARGEST_SEED)
    find_version(session, version_id)
    locks.alone(session, "start campaigns")
    taken = select(Campaign.id).where(
        Campaign.owner_id == owner_id, Campaign.kind == search.kind, Campaign.name == name
    )
    if session.scalar(taken) is not None:
        raise Conflict(f"You have a campaign “{name}” already. Choose another name.")
    parts = plan_parts(session, version_id, config)
    campaign = Campaign(
        kind=search.kind,
        name=name,
        owner_id=owner_id,
        version_id=version_id,
        method=search.method,
        pruner=search.pruner,
        classifier=config.classifier,
        space=search.space,
        config=replace(config, split=parts.split).to_dict(),
        folds=parts.folds,
        plan={**parts.told, **search.plan},
        metrics=list(aims.metrics),
        directions=list(aims.directions),
        seed=search.seed,
        budget=limits.budget,
        parallel=limits.parallel,
        hours=limits.hours,
        patience=limits.patience,
    )
    session.add(campaign)
    session.flush()  # the jobs name it
    filling.start(session, campaign)
    events.record(
        session,
        f"{search.kind}.campaign_begun",
        f"campaign:{campaign.id}",
        name=name,
        owner_id=owner_id,
    )
    return campaign.id


@dataclass(frozen=True)
class Parts:
    """The groups of each part by name, so that no setting moves them.

    ``folds`` are the groups of validation, one list for each training of a trial.
    """

    split: HeldOutGroups
    folds: list[Any]
    told: dict[str, Any]


def plan_parts(session: Session, version_id: int, config: TrainingConfig) -> Parts:
    """Decide once which groups are for what.

    With ``split`` by folds, its fold (the first one, if none is named) is the test, and each of
    the other folds is the validation of one training: cross-validation inside of what is left.

    Raises
    ------
    Invalid
        If the data cannot be parted so; the sentence says why.
    """
    split = config.split
    if isinstance(split, GroupFolds):
        return _folded(session, version_id, config, split)
    made, rate = plan_split(session, version_id, config)
    validation, test = made.groups(Side.VALIDATION), made.groups(Side.TEST)
    if not validation:
        raise Invalid(
            "Trials are judged by their validation part, and there is none. Hold groups out for"
            " validation."
        )
    return Parts(
        HeldOutGroups(test, validation),
        [list(validation)],
        _told(made.sides, made.class_names, rate, list(made.warnings), config, validation),
    )


def _folded(session: Session, version_id: int, config: TrainingConfig, split: GroupFolds) -> Parts:
    test_fold = split.fold or 1
    groups: dict[int, tuple[str, ...]] = {}
    for fold in range(1, split.folds + 1):
        own = replace(config, split=replace(split, fold=fold, validation=0.0), **_PATIENT)
        made, rate = plan_split(session, version_id, own)
        groups[fold] = made.groups(Side.TEST)
    test = groups.pop(test_fold)
    if len(groups) < 2:
        raise Invalid(
            f"Of {split.folds} folds one is the test, and cross-validation needs two more at"
            " least. Choose 3 folds or more, or a single validation part."
        )
    validation = [list(one) for one in groups.values()]
    first = HeldOutGroups(test, tuple(validation[0]))
    made, rate = plan_split(session, version_id, replace(config, split=first))
    seen = tuple(group for part in validation for group in part)
    told = _told(made.sides, made.class_names, rate, list(made.warnings), config, seen)
    return Parts(first, validation, told)


# A split without validation cannot wait for it; only the groups are looked at here.
_PATIENT: dict[str, Any] = {"patience": 0, "schedule": "none", "warmup_epochs": 0}


def _told(
    sides: Mapping[Side, Sequence[Candidate]],
    class_names: Sequence[str],
    rate: float,
    warnings: list[str],
    config: TrainingConfig,
    validation: Sequence[str],
) -> dict[str, Any]:
    everyone = [one for side in sides.values() for one in side]
    judged = [one for one in everyone if one.group in set(validation)]
    return {
        "class_names": list(class_names),
        "sample_rate_hz": rate,
        "warnings": warnings,
        "group_title": group_title(config.group_by),
        "recordings": {
            "all": len(everyone),
            "validation": len(judged),
            "test": len(sides[Side.TEST]),
        },
        "groups": {
            "all": len({one.group for one in everyone}),
            "validation": len(set(validation)),
            "test": len({one.group for one in sides[Side.TEST]}),
        },
    }


def checked_name(given: str) -> str:
    """The name of a campaign without spaces around it; Invalid where it is none."""
    name = (given or "").strip()
    if not name or not name.isprintable():
        raise Invalid("Give the campaign a name of characters that can be shown.")
    if len(name) > NAME_LENGTH:
        raise Invalid(
            f"The name may have {NAME_LENGTH} characters, since each trial adds its number; got"
            f" {len(name)}."
        )
    return name


def _whole(title: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid(f"The {title} must be a whole number from {low} to {high}, got {value!r}.")
