"""Experiments that may vote together: read, and refused where their vote would be no honest test.

What is tested together must be new to every member. A member that has learned from a recording,
or from another one of its group, answers from memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.shared_test import HeldOutTest, SharedTest, share_test
from diagnostics.evaluation.voting import MOST
from diagnostics.training.card import Family
from diagnostics.training.classifiers import classifier
from diagnostics.training.leakage import Verdict
from models import Experiment
from services.comparison import reading
from services.comparison.reading import Subject
from services.errors import Invalid
from services.experiments.sides import recordings_on
from services.runtime import unit_of_work

LEARNED = ("train", "validation")
VERBS = {"train": "learned from", "validation": "chosen its epoch by"}


@dataclass(frozen=True)
class Panel:
    """Members, and the test that all of them can be put to.

    Parameters
    ----------
    subjects : tuple of Subject
    tests : tuple of HeldOutTest
    shared : SharedTest
        Their common recordings, under the ids of the first member.
    contents : mapping of recording id to content
        Of all recordings of all splits.
    """

    subjects: tuple[Subject, ...]
    tests: tuple[HeldOutTest, ...]
    shared: SharedTest
    contents: Mapping[int, str]

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        return tuple(subject.experiment for subject in self.subjects)

    @property
    def first(self) -> Experiment:
        return self.subjects[0].experiment

    @property
    def tested(self) -> list[int]:
        return sorted(int(number) for number in self.shared.recording_ids[0])

    @property
    def learned(self) -> dict[int, tuple[str, Experiment]]:
        """What a member has learned from or stopped on, once for the same samples.

        Ids are those of the first member where it knows the samples.
        """
        found: dict[str, tuple[int, str, Experiment]] = {}
        for side in LEARNED:
            for experiment in self.experiments:
                for number in _on_side(experiment, side):
                    found.setdefault(self.key(number), (number, side, experiment))
        return {number: (side, experiment) for number, side, experiment in found.values()}

    def key(self, number: int) -> str:
        """The same for the same samples."""
        return self.contents.get(number) or f"recording {number}"


def read(experiment_ids: Sequence[int], *, archived: bool = False) -> Panel:
    """Read experiments that are to vote together.

    Raises
    ------
    Invalid
        If they cannot; the sentence says why.
    NotFound
        If one does not exist.
    TooLarge
        If their tests hold too many windows.
    """
    reading.check_numbers(experiment_ids, MOST, "to vote together")
    with unit_of_work(writing=False) as session:
        subjects = tuple(
            reading.subject_of(session, number, archived=archived) for number in experiment_ids
        )
        _check_kinds(subjects)
        reading.check_results(subjects)
        tests, contents = _tests(session, subjects)
    try:
        shared = share_test(tests)
    except EvaluationError as error:
        raise Invalid(_why_nothing_common(subjects, contents) or str(error)) from error
    panel = Panel(subjects, tests, shared, contents)
    _refuse_known_recordings(panel)
    _refuse_known_groups(panel)
    return panel


def group_name(experiment: Experiment, number: int, *, several: bool) -> str:
    """The group of a recording; where members group by different things, with what it is."""
    split = experiment.split
    group = str(split["groups"][str(number)])
    return f"{split['group_by']} {group}" if several else group


def groups_differ(experiments: Sequence[Experiment]) -> bool:
    """Whether members keep different things together."""
    return len({experiment.split["group_by"] for experiment in experiments}) > 1


def _tests(
    session: Session, subjects: Sequence[Subject]
) -> tuple[tuple[HeldOutTest, ...], dict[int, str]]:
    numbers = {int(key) for one in subjects for key in one.experiment.split["sides"]}
    given = [reading.predictions_of(subject) for subject in subjects]
    numbers |= {int(number) for one in given for number in one.recording_ids}
    contents, _ = reading.recordings_of(session, numbers)
    return tuple(HeldOutTest(one, contents) for one in given), contents


def _check_kinds(subjects: Sequence[Subject]) -> None:
    first = subjects[0].experiment
    for subject in subjects:
        row = subject.experiment
        if classifier(row.classifier).family is Family.ENSEMBLE:
            raise Invalid(f"“{row.name}” is a vote itself. Choose its members instead.")
        if row.leak == Verdict.KNOWN:
            raise Invalid(
                f"“{row.name}” has a known leak: its test asks for what it has learned, and so"
                " would that of the vote. Choose experiments without a leak."
            )
        if row.config["target"] != first.config["target"]:
            raise Invalid(
                f"“{row.name}” tells {row.config['target']} apart and “{first.name}”"
                f" {first.config['target']}. Choose experiments with the same target."
            )
        if row.config["channels"] != first.config["channels"]:
            raise Invalid(
                f"“{row.name}” looks at {_channels(row)} and “{first.name}” at"
                f" {_channels(first)}. Choose experiments on the same channels."
            )


def _channels(row: Experiment) -> str:
    numbers = [str(number) for number in row.config["channels"]]
    return f"channel{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _on_side(experiment: Experiment, side: str) -> list[int]:
    return recordings_on(experiment.split, side)


def _why_nothing_common(subjects: Sequence[Subject], contents: Mapping[int, str]) -> str | None:
    """That one has learned what another one was tested on, where that is the reason."""
    for one, other in _pairs(subjects):
        tested = {contents.get(number, str(number)) for number in _on_side(other, "test")}
        for side in LEARNED:
            met = tested & {contents.get(n, str(n)) for n in _on_side(one, side)}
            if met:
                return (
                    f"“{one.name}” has {VERBS[side]} {_recordings(len(met))} that"
                    f" “{other.name}” was tested on, and no recording was new to all of them."
                    " Choose experiments with the same test part."
                )
    return None


def _refuse_known_recordings(panel: Panel) -> None:
    tested = {panel.key(number) for number in panel.tested}
    for experiment in panel.experiments:
        for side in LEARNED:
            met = tested & {panel.key(number) for number in _on_side(experiment, side)}
            if met:
                raise Invalid(
                    f"“{experiment.name}” has {VERBS[side]} {_recordings(len(met))} that would"
                    " be tested. A test asks for what none of the members knows."
                )


def _refuse_known_groups(panel: Panel) -> None:
    """No member knows another recording of a group that is kept for the test of another one."""
    tested = {panel.key(number) for number in panel.tested}
    for one, other in _pairs(panel.subjects):
        group_of = {panel.key(int(k)): group for k, group in other.split["groups"].items()}
        held = {group_of[key] for key in tested if key in group_of}
        for side in LEARNED:
            known = {group_of.get(panel.key(number)) for number in _on_side(one, side)}
            met = sorted(held & {group for group in known if group is not None})
            if met:
                raise Invalid(
                    f"“{one.name}” has {VERBS[side]} recordings of {other.split['group_by']}"
                    f" “{met[0]}”, which “{other.name}” kept for the test. Together they would"
                    " be tested on what one of them knows: choose experiments with the same split."
                )


def _pairs(subjects: Sequence[Subject]) -> Iterator[tuple[Experiment, Experiment]]:
    return (
        (one.experiment, other.experiment)
        for one in subjects
        for other in subjects
        if one is not other
    )


def _recordings(number: int) -> str:
    return f"{number:,} {'recording' if number == 1 else 'recordings'}"
