"""What an ensemble is made of before it is made: its config, its split, and what to know."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from typing import Any

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.voting import Voting, checked_weights, windows_alike
from diagnostics.training.classifiers import VOTING_ENSEMBLE, classifier
from diagnostics.training.config import HeldOutGroups, TrainingConfig
from models import Experiment
from services.ensembles.panel import Panel, group_name, groups_differ
from services.ensembles.views import EnsemblePlanView
from services.errors import Invalid
from services.experiments.leaks import leak_notes
from services.experiments.sides import recordings_on


class Weighting(enum.StrEnum):
    """Where the weights of the members come from; never from the test."""

    EQUAL = "equal"
    TYPED = "typed"
    VALIDATION = "validation"


def checked_choice(
    panel: Panel, voting: str, weighting: str, weights: Sequence[float] | None
) -> tuple[Voting, Weighting, list[float | None]]:
    """How to vote, and a weight for each member; None for those that a job finds.

    Raises
    ------
    Invalid
        If something is unknown, or does not fit the members.
    """
    if voting not in list(Voting):
        raise Invalid(f"“voting” must be one of {', '.join(Voting)}, got {voting!r}.")
    if weighting not in list(Weighting):
        raise Invalid(f"“weighting” must be one of {', '.join(Weighting)}, got {weighting!r}.")
    count = len(panel.experiments)
    if weighting == Weighting.VALIDATION:
        _check_validation(panel)
        return Voting(voting), Weighting.VALIDATION, [None] * count
    if weighting == Weighting.TYPED and weights is None:
        raise Invalid(f"Type a weight for each of the {count} members, or let all count alike.")
    try:
        given = weights if weighting == Weighting.TYPED else None
        return Voting(voting), Weighting(weighting), list(checked_weights(given, count))
    except EvaluationError as error:
        raise Invalid(str(error)) from error


def config_of(panel: Panel) -> TrainingConfig:
    """The settings of an ensemble, as far as it has some: those of its first member."""
    first = TrainingConfig.from_dict(panel.first.config)
    groups = panel.first.split["groups"]
    return TrainingConfig(
        split=HeldOutGroups(test=tuple(sorted({str(groups[str(n)]) for n in panel.tested}))),
        target=first.target,
        classes=first.classes,
        group_by=first.group_by,
        channels=first.channels,
        sample_rate_hz=first.sample_rate_hz,
        window=first.window,
        hop=first.hop,
        normalisation=first.normalisation,
        classifier=VOTING_ENSEMBLE.name,
        patience=0,
    )


def split_of(panel: Panel, notes: Sequence[str]) -> dict[str, Any]:
    """The split as it is stored: what any member knows, and what all of them are tested on."""
    first, several = panel.first, groups_differ(panel.experiments)
    rows: dict[int, tuple[str, Experiment]] = dict.fromkeys(panel.tested, ("test", first))
    rows |= panel.learned
    return {
        "group_by": first.split["group_by"],
        "target": first.split["target"],
        "sample_rate_hz": first.split["sample_rate_hz"],
        "sides": {str(number): side for number, (side, _) in rows.items()},
        "groups": {
            str(number): group_name(experiment, number, several=several)
            for number, (_, experiment) in rows.items()
        },
        "targets": {
            str(number): experiment.split["targets"][str(number)]
            for number, (_, experiment) in rows.items()
        },
        "warnings": list(notes),
    }


def plan_view(
    panel: Panel, voting: Voting, weights: Sequence[float | None], notes: Sequence[str]
) -> EnsemblePlanView:
    shared = panel.shared
    counted = Counter(shared.class_names[int(target)] for target in shared.targets)
    return {
        "members": [
            {
                "experiment_id": row.id,
                "name": row.name,
                "classifier": row.classifier,
                "classifier_title": classifier(row.classifier).title,
                "recordings": size,
                "weight": weight,
            }
            for row, size, weight in zip(
                panel.experiments, shared.overlap.sizes, weights, strict=True
            )
        ],
        "class_names": list(shared.class_names),
        "recordings": shared.overlap.common,
        "groups": len(set(shared.groups.tolist())),
        "classes": {name: counted[name] for name in shared.class_names},
        "by_window": is_by_window(panel, voting),
        "notes": list(notes),
    }


def is_by_window(panel: Panel, voting: Voting) -> bool:
    """Whether single windows can be voted on as well."""
    return voting is Voting.SOFT and windows_alike(panel.tests, panel.shared) is not None


def notes_on(panel: Panel, voting: Voting, weighting: Weighting) -> list[str]:
    """What has to be known of the common test and of the vote, in sentences."""
    overlap, notes = panel.shared.overlap, []
    if not overlap.is_identical:
        *most, last = (str(size) for size in overlap.sizes)
        notes.append(
            f"The members were tested on {', '.join(most)} and {last} recordings; the vote is"
            f" tested on the {overlap.common} that all of them have in common."
        )
    if overlap.relabelled:
        notes.append(f"Under different labels in their tests, so left out: {overlap.relabelled}.")
    if panel.shared.joined:
        notes.append(
            "The members keep different things together. Groups of the test are what any of them"
            " keeps together."
        )
    if voting is Voting.HARD:
        notes.append(
            "A hard vote counts one class from each member for each recording: there are no"
            " figures for single windows, and its probabilities are shares of the votes."
        )
    elif not is_by_window(panel, voting):
        notes.append(
            "The members cut recordings into different windows, so they vote on recordings only."
        )
    notes += leak_notes((row.name, row.leak) for row in panel.experiments)
    if weighting is Weighting.VALIDATION and not _same_validation(panel):
        notes.append(
            "The validation parts of the members differ, so their weights rest on different"
            " recordings."
        )
    return notes


def _check_validation(panel: Panel) -> None:
    for experiment in panel.experiments:
        if not recordings_on(experiment.split, "validation"):
            raise Invalid(
                f"“{experiment.name}” has no validation part to take a weight from, and weights"
                " must not come from the test. Type weights, or let all members count alike."
            )


def _same_validation(panel: Panel) -> bool:
    parts = [
        {panel.key(number) for number in recordings_on(row.split, "validation")}
        for row in panel.experiments
    ]
    return all(part == parts[0] for part in parts)
