"""What a comparison reads: experiments with results, their predictions, their recordings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.shared_test import HeldOutTest, SharedTest, share_test
from models import Dataset, DatasetVersion, Experiment, ExperimentEpoch, Origin, Recording, User
from services.datasets.versions import chunks
from services.errors import Invalid, NotFound, TooLarge
from services.experiments.feature_sets import used_view
from services.experiments.sides import recordings_on
from services.runtime import artefacts, unit_of_work

FEWEST, MOST = 2, 6
# Windows over all experiments: reading and comparing these takes about a second.
MOST_WINDOWS = 400_000


@dataclass(frozen=True)
class Subject:
    """One experiment as it is compared."""

    experiment: Experiment
    owner: str
    dataset: Dataset
    version: DatasetVersion
    epochs: tuple[ExperimentEpoch, ...]
    # Name and version of the feature set that it learned from, if it did.
    feature_set: str | None

    @property
    def is_generated(self) -> bool:
        return self.dataset.origin is Origin.GENERATED

    @property
    def trained_on(self) -> frozenset[int]:
        return frozenset(recordings_on(self.experiment.split, "train"))


@dataclass(frozen=True)
class Compared:
    """Experiments, their tests and what those have in common."""

    subjects: tuple[Subject, ...]
    tests: tuple[HeldOutTest, ...]
    shared: SharedTest
    names: dict[int, str]


def read(experiment_ids: Sequence[int]) -> Compared:
    """Read what is to be compared.

    Raises
    ------
    Invalid
        If there are too few or too many, one comes twice or has no result, classes differ,
        or no recording is common.
    NotFound
        If one does not exist.
    TooLarge
        If the tests hold too many windows.
    """
    check_numbers(experiment_ids)
    with unit_of_work(writing=False) as session:
        subjects = tuple(subject_of(session, number) for number in experiment_ids)
        check_results(subjects)
        given = [predictions_of(subject) for subject in subjects]
        tested = {int(n) for one in given for n in one.recording_ids}
        contents, names = recordings_of(session, tested)
    tests = tuple(HeldOutTest(one, contents) for one in given)
    try:
        return Compared(subjects, tests, share_test(tests), names)
    except EvaluationError as error:
        raise Invalid(str(error)) from error


def check_numbers(
    experiment_ids: Sequence[int], most: int = MOST, purpose: str = "to compare"
) -> None:
    """Raise Invalid unless these can be the numbers of experiments to compare."""
    numbers: list[Any] = list(experiment_ids)
    if any(isinstance(n, bool) or not isinstance(n, int) for n in numbers):
        raise Invalid("Name the experiments by their numbers, such as 3,5,8.")
    if not FEWEST <= len(numbers) <= most:
        raise Invalid(f"Choose {FEWEST} to {most} experiments {purpose}, got {len(numbers)}.")
    if len(set(numbers)) < len(numbers):
        raise Invalid("An experiment is named twice. Name each once.")


def subject_of(session: Session, experiment_id: int, *, archived: bool = False) -> Subject:
    """An experiment as it is compared; an archived one only where it is asked for."""
    wanted = (
        select(Experiment, User.name, Dataset, DatasetVersion)
        .join(User, User.id == Experiment.owner_id)
        .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(Experiment.id == experiment_id)
    )
    if not archived:
        wanted = wanted.where(Experiment.archived_at.is_(None))
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound(f"There is no experiment {experiment_id}.")
    epochs = session.scalars(
        select(ExperimentEpoch)
        .where(ExperimentEpoch.experiment_id == experiment_id)
        .order_by(ExperimentEpoch.epoch)
    )
    used = used_view(session, experiment_id)
    feature_set = None if used is None else f"{used['name']}, version {used['number']}"
    return Subject(*found, tuple(epochs), feature_set)


def check_results(subjects: Sequence[Subject]) -> None:
    """Raise unless all have a result, and not too many windows together."""
    windows = 0
    for subject in subjects:
        row = subject.experiment
        if row.predictions_key is None or row.summary is None:
            raise Invalid(
                f"“{row.name}” has no test result yet. Choose experiments that are finished."
            )
        windows += int(row.summary["n"]["windows"])
    if windows > MOST_WINDOWS:
        raise TooLarge(
            f"The tests have {windows:,} windows together; up to {MOST_WINDOWS:,} can be compared "
            "at once. Choose fewer experiments."
        )


def predictions_of(subject: Subject) -> Predictions:
    """What an experiment said of its test, as it is kept."""
    row = subject.experiment
    try:
        return Predictions.from_npz(artefacts().read(row.predictions_key or ""))
    except EvaluationError as error:
        raise Invalid(f"“{row.name}”: {error} Train it again to compare it.") from error


def recordings_of(
    session: Session, numbers: Collection[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """Content hash and name by id."""
    contents, names = {}, {}
    known = select(Recording.id, Recording.content_hash, Recording.name)
    for some in chunks(sorted(numbers)):
        for number, content, name in session.execute(known.where(Recording.id.in_(some))):
            contents[number], names[number] = content, name
    return contents, names
