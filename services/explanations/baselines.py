"""Which recordings stand for “nothing there”."""

from __future__ import annotations

from models import Experiment
from services import actor
from services.errors import Invalid, NotFound
from services.experiments.classifier_sources import Source, find_source
from services.experiments.sides import SHARED
from services.explanations.asking import HEALTHY, HEALTHY_NAMES, OWN, ZEROS
from services.runtime import unit_of_work

MOST_RECORDINGS = 8
BASELINE_WINDOWS = 8
"""That are read from them, all together."""


def baseline_sources(
    experiment_id: int, kind: str, recording_id: int | None = None
) -> list[Source]:
    """The recordings that windows of a baseline are read from; none for zeros.

    Raises
    ------
    NotFound
        If experiment or recording do not exist.
    Invalid
        If the experiment has no healthy recording, or nothing that was trained with.
    """
    actor.reader()
    if kind == ZEROS:
        return []
    if kind == OWN:
        return [find_source(experiment_id, int(recording_id or 0))]
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}.")
        split, names = experiment.split, set(experiment.class_names)
    by_class: dict[str, list[int]] = {name: [] for name in sorted(names)}
    for key, side in split["sides"].items():
        if side in ("train", SHARED):
            by_class.setdefault(split["targets"][key], []).append(int(key))
    if kind == HEALTHY:
        by_class = {n: ids for n, ids in by_class.items() if n.casefold() in HEALTHY_NAMES}
        if not any(by_class.values()):
            raise Invalid(
                "No class that was trained with is called healthy or normal. "
                "Choose a recording of your own as the baseline."
            )
    chosen = _in_turn(list(by_class.values()))
    if not chosen:
        raise Invalid("The experiment has no recording that was trained with.")
    return [find_source(experiment_id, number) for number in chosen[:MOST_RECORDINGS]]


def _in_turn(groups: list[list[int]]) -> list[int]:
    """One of each class, then the second of each, and so on."""
    longest = max((len(group) for group in groups), default=0)
    return [group[turn] for turn in range(longest) for group in groups if turn < len(group)]
