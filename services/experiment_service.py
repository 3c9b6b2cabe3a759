"""Plan trainings, start them, follow them: what people do with experiments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, TypedDict

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from diagnostics.errors import TrainingError
from diagnostics.training.classifiers import trainable
from diagnostics.training.config import RandomWindows, TrainingConfig
from diagnostics.training.leakage import check_sides
from diagnostics.training.split import Side, preview_rows
from models import CampaignRun, Experiment, ExperimentEpoch, Job, JobKind, RepeatedRun
from services import actor, events, locks
from services.errors import Conflict, Invalid
from services.estimate_service import estimate
from services.experiments import alike, feature_sets
from services.experiments import views as experiment_views
from services.experiments.augmented import AugmentationView, augmentation_view
from services.experiments.data import (
    VersionBrief,
    VersionView,
    as_invalid,
    briefs,
    find_version,
    group_title,
    latest_version,
)
from services.experiments.leaks import first_checks
from services.experiments.planning import plan_split, stored_split, work_of
from services.experiments.views import EpochView, ExperimentRow, ExperimentState, ExperimentView
from services.job_service import ACTIVE, JobService, JobView
from services.paging import paged
from services.runtime import unit_of_work

NAME_LENGTH = 120
NOTES_LENGTH = 10_000


class PreviewRowView(TypedDict):
    target: str
    group: str
    side: str
    recordings: int
    windows: int


class SplitPreview(TypedDict):
    """What a split would be: counts by class, group and side, and what to know about it."""

    rows: list[PreviewRowView]
    class_names: list[str]
    warnings: list[str]
    sample_rate_hz: float
    work: dict[str, int]
    leakage: dict[str, Any]


class Document(TypedDict):
    """An experiment as JSON: the training, and optionally its name, data and several seeds."""

    name: str | None
    dataset: str | None
    version: int | None
    seeds: list[int]
    config: dict[str, Any]


class ExperimentService:
    """Plan trainings, start them, follow them."""

    @staticmethod
    def describe_version(version_id: int) -> VersionView:
        """What a version of a data set offers: fields with their values, rates, channels.

        Raises
        ------
        NotFound
            If there is no such version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return alike.describe(session, version_id)

    @staticmethod
    def find_version(dataset: str, number: int | None = None) -> int:
        """The id of a version by the name (or id) of its data set; the newest by default.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return latest_version(session, str(dataset), number)

    @staticmethod
    def list_versions(also: int | None = None) -> list[VersionBrief]:
        """Versions to train on, newest first: the ``MOST_OFFERED`` newest that are not archived.

        ``also`` names any other version, to be listed before them if it exists.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return briefs(session, also)

    @staticmethod
    def complete_config(config: Mapping[str, Any]) -> dict[str, Any]:
        """A training's config with everything that was not given at its default.

        Raises
        ------
        Invalid
            If something is unknown or wrong.
        """
        actor.reader()
        return _checked(config).to_dict()

    @staticmethod
    def read_document(document: Mapping[str, Any]) -> Document:
        """Part an experiment's JSON into name, data and training, without checking the training.

        Raises
        ------
        Invalid
            If it is not an object, or name or data are of the wrong kind.
        """
        actor.reader()
        if not isinstance(document, Mapping):
            raise Invalid("The configuration must be a JSON object: {…}.")
        config = {
            key: value
            for key, value in document.items()
            if key not in ("name", "dataset", "version", "seeds")
        }
        dataset, number = document.get("dataset"), document.get("version")
        if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
            raise Invalid(f"“version” must be the number of a version, got {number!r}.")
        return {
            "name": _optional_text("name", document.get("name")),
            "dataset": _optional_text("dataset", dataset),
            "version": number,
            "seeds": _whole_numbers("seeds", document.get("seeds")),
            "config": config,
        }

    @staticmethod
    def preview_split(version_id: int, config: Mapping[str, Any]) -> SplitPreview:
        """What would be learned from and what tested on.

        Raises
        ------
        NotFound
            If there is no such version.
        Invalid
            If the config is wrong or does not fit the data; the sentence says why.
        """
        actor.reader()
        checked = _checked(config)
        with unit_of_work(writing=False) as session:
            find_version(session, version_id)
            members = None
            if not (isinstance(checked.split, RandomWindows) or checked.feature_set):
                members = alike.members_alike(session, version_id, checked)
            split, rate = plan_split(session, version_id, checked, members)
            leakage = check_sides(split.sides, group_title(checked.group_by))
            selection = None
            if checked.feature_set:
                test = split.sides[Side.TEST]
                selection = feature_sets.selection_check(session, checked, test)
                leakage = leakage.with_check(selection)
        rows = preview_rows(split, checked.window, checked.hop, rate)
        return {
            "rows": [
                {
                    "target": row.target,
                    "group": row.group,
                    "side": row.side.value,
                    "recordings": row.recordings,
                    "windows": row.windows,
                }
                for row in rows
            ],
            "class_names": list(split.class_names),
            "warnings": [*split.warnings, *feature_sets.warnings_of(selection)],
            "sample_rate_hz": rate,
            "work": asdict(work_of(split, checked, rate)),
            "leakage": leakage.to_dict(),
        }

    @staticmethod
    def preview_augmentation(
        version_id: int, config: Mapping[str, Any], seed: int = 0
    ) -> AugmentationView:
        """One training window as it is, and changed three times as training would change it.

        Raises
        ------
        NotFound
            If there is no such version.
        Invalid
            If the config is wrong or does not fit the data, or changes nothing.
        """
        actor.reader()
        checked = _checked(config)
        if checked.augmentation.is_idle:
            raise Invalid("Nothing is changed yet. Choose noise, a shift or another change first.")
        with unit_of_work(writing=False) as session:
            find_version(session, version_id)
            split, rate = plan_split(session, version_id, checked)
            return augmentation_view(session, split, checked, rate, seed)

    @staticmethod
    def create_experiment(name: str, version_id: int, config: Mapping[str, Any]) -> ExperimentView:
        """Keep an experiment with its split and have it trained.

        One of the same name, data and config that waits or trains already is not doubled.

        Raises
        ------
        NotFound
            If there is no such version.
        Invalid
            If the name is missing, or the config is wrong or does not fit the data.
        """
        owner_id = actor.user_id()
        name = checked_name(name)
        checked = _checked(config)
        with unit_of_work() as session:
            locks.alone(session, "start trainings")
            begun = _find_begun(session, owner_id, name, version_id, checked)
            if begun is not None:
                return experiment_views.view(session, begun)
            made = make_experiment(session, owner_id, name, version_id, checked)
            return experiment_views.view(session, made)

    @staticmethod
    def get_experiment(experiment_id: int) -> ExperimentView:
        """One experiment.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return experiment_views.view(session, experiment_id)

    @staticmethod
    def list_experiments(
        limit: int = 50, offset: int = 0, version_id: int | None = None, *, by_people: bool = False
    ) -> list[ExperimentRow]:
        """Experiments, newest first; of one version of a data set when it is given.

        ``by_people``: only those that somebody asked for one by one; a campaign may have made
        hundreds of others since.
        """
        actor.reader()
        newest = experiment_views.brief_rows().order_by(Experiment.id.desc())
        if by_people:
            newest = newest.where(
                ~exists().where(CampaignRun.experiment_id == Experiment.id),
                ~exists().where(RepeatedRun.experiment_id == Experiment.id),
            )
        if version_id is not None:
            newest = newest.where(Experiment.version_id == version_id)
        newest = paged(newest, limit, offset)
        with unit_of_work(writing=False) as session:
            return [experiment_views.row(*row) for row in session.execute(newest)]

    @staticmethod
    def count_experiments(version_id: int | None = None) -> int:
        actor.reader()
        counted = (
            select(func.count()).select_from(Experiment).where(Experiment.archived_at.is_(None))
        )
        if version_id is not None:
            counted = counted.where(Experiment.version_id == version_id)
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def list_epochs(experiment_id: int) -> list[EpochView]:
        """The epochs that are over, first to last.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            experiment_views.find(session, experiment_id)
            rows = session.scalars(
                select(ExperimentEpoch)
                .where(ExperimentEpoch.experiment_id == experiment_id)
                .order_by(ExperimentEpoch.epoch)
            )
            return [experiment_views.epoch_view(row) for row in rows]

    @staticmethod
    def rename_experiment(experiment_id: int, name: str) -> ExperimentView:
        """Give an experiment another name.

        Raises
        ------
        NotFound
            If there is none.
        Invalid
            If the name is missing or too long.
        """
        actor.writer()
        name = checked_name(name)
        with unit_of_work() as session:
            experiment = experiment_views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            experiment.name = name
            events.record(session, "experiment.renamed", f"experiment:{experiment_id}", name=name)
            session.flush()
            return experiment_views.view(session, experiment_id)

    @staticmethod
    def write_notes(
        experiment_id: int, notes: str, instead_of: str | None = None
    ) -> ExperimentView:
        """Keep what there is to say about an experiment; searches find it.

        Parameters
        ----------
        experiment_id : int
        notes : str
        instead_of : str, optional
            The notes as the writer saw them; without it whatever stands there is replaced.

        Raises
        ------
        NotFound
            If there is none.
        Invalid
            If the text is too long.
        Conflict
            If others were saved since the writer saw them.
        """
        actor.writer()
        notes = _notes(notes)
        with unit_of_work() as session:
            experiment = experiment_views.find(session, experiment_id)
            actor.owner_or_admin(experiment.owner_id)
            if instead_of is not None and experiment.notes not in (instead_of, notes):
                raise Conflict(
                    "Other notes were saved elsewhere meanwhile, so yours are not. They appear"
                    " above yours in a moment: put together what shall stay, and save again."
                )
            experiment.notes = notes
            events.record(session, "experiment.noted", f"experiment:{experiment_id}")
            session.flush()
            return experiment_views.view(session, experiment_id)

    @staticmethod
    def pause_experiment(experiment_id: int) -> ExperimentView:
        """Let a training rest; it goes on from the last epoch that was finished.

        Raises
        ------
        Conflict
            If it does not train.
        """
        return _change(experiment_id, JobService.pause)

    @staticmethod
    def resume_experiment(experiment_id: int) -> ExperimentView:
        """Let a training go on that rests, failed or was cancelled.

        Raises
        ------
        Conflict
            If it trains, waits or is finished.
        """
        rests = ExperimentService.get_experiment(experiment_id)["state"] is ExperimentState.PAUSED
        return _change(experiment_id, JobService.resume if rests else JobService.retry)

    @staticmethod
    def set_priority(experiment_id: int, priority: str) -> ExperimentView:
        """Let a training that waits begin before others (``high``) or after them (``low``).

        Raises
        ------
        Invalid
            If there is no such priority.
        Conflict
            If it neither waits nor rests.
        """
        return _change(experiment_id, partial(JobService.set_priority, priority=priority))

    @staticmethod
    def cancel_experiment(experiment_id: int) -> ExperimentView:
        """End a training; what it has learned so far is not tested.

        Raises
        ------
        Conflict
            If it has ended already.
        """
        return _change(experiment_id, JobService.cancel)


def make_experiment(
    session: Session, owner_id: int, name: str, version_id: int, config: TrainingConfig
) -> int:
    """Keep an experiment with its split, and submit its training; the id.

    Raises
    ------
    Invalid
        If the config does not fit the data.
    """
    experiment = keep_experiment(session, owner_id, name, version_id, config)
    experiment.job_id = JobService.submit(
        JobKind.TRAIN_EXPERIMENT,
        {"experiment_id": experiment.id},
        title=f"Training of {name}",
        subject=f"experiment:{experiment.id}",
    )
    session.flush()
    return experiment.id


def keep_experiment(
    session: Session,
    owner_id: int,
    name: str,
    version_id: int,
    config: TrainingConfig,
    job_id: int | None = None,
) -> Experiment:
    """Keep an experiment with its split; who calls this says which job trains it.

    ``job_id`` is given where that job is there already.

    Raises
    ------
    Invalid
        If the config does not fit the data.
    """
    split, rate = plan_split(session, version_id, config)
    expected = estimate(session, config, len(split.class_names), work_of(split, config, rate))
    leakage = first_checks(session, version_id, config, split.sides)
    experiment = Experiment(
        name=name,
        owner_id=owner_id,
        version_id=version_id,
        classifier=config.classifier,
        config=config.to_dict(),
        split=stored_split(split, config, rate),
        class_names=list(split.class_names),
        estimate=None if expected is None else dict(expected),
        leak=leakage.verdict.value,
        leakage=leakage.to_dict(),
        job_id=job_id,
    )
    session.add(experiment)
    session.flush()  # the job names it
    feature_sets.keep_source(session, experiment.id, config)
    events.record(
        session, "experiment.created", f"experiment:{experiment.id}", version_id=version_id
    )
    return experiment


def _find_begun(
    session: Session, owner_id: int, name: str, version_id: int, config: TrainingConfig
) -> int | None:
    """The experiment that a first click has made."""
    same = (
        select(Experiment.id, Experiment.config)
        .join(Job, Job.id == Experiment.job_id)
        .where(
            Experiment.owner_id == owner_id,
            Experiment.name == name,
            Experiment.version_id == version_id,
            Experiment.checkpoint_key.is_(None),
            Job.status.in_(ACTIVE),
        )
        .order_by(Experiment.id)
    )
    wanted = config.to_dict()
    found = (row.id for row in session.execute(same) if row.config == wanted)
    return next(found, None)


def _checked(config: Mapping[str, Any]) -> TrainingConfig:
    try:
        checked = TrainingConfig.from_dict(feature_sets.completed(config))
        trainable(checked.classifier)
        return checked
    except TrainingError as error:
        raise as_invalid(error) from error


def _change(experiment_id: int, change: Callable[[int], JobView]) -> ExperimentView:
    actor.writer()
    with unit_of_work() as session:
        experiment = experiment_views.find(session, experiment_id)
        actor.owner_or_admin(experiment.owner_id)
        if experiment.job_id is None:
            raise Conflict("This experiment has no job.")
        change(experiment.job_id)
        return experiment_views.view(session, experiment_id)


def checked_name(given: str) -> str:
    """The name of an experiment, without spaces around it; Invalid where it is none."""
    name = (given or "").strip()
    if not name:
        raise Invalid("Give the experiment a name.")
    if len(name) > NAME_LENGTH:
        raise Invalid(f"The name may have {NAME_LENGTH} characters, got {len(name)}.")
    if not name.isprintable():
        raise Invalid("The name has characters that cannot be shown. Type it anew.")
    return name


def _notes(given: str) -> str:
    notes = (given or "").strip()
    if len(notes) > NOTES_LENGTH:
        raise Invalid(f"Notes may have {NOTES_LENGTH} characters, got {len(notes)}.")
    if not "".join(notes.split()).isprintable():
        raise Invalid("The notes have characters that cannot be shown. Type them anew.")
    return notes


def _whole_numbers(key: str, value: Any) -> list[int]:
    numbers = [] if value is None else value
    if not isinstance(numbers, list) or any(
        isinstance(number, bool) or not isinstance(number, int) for number in numbers
    ):
        raise Invalid(f"“{key}” must be a list of whole numbers, got {value!r}.")
    return list(numbers)


def _optional_text(key: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if key == "dataset" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Invalid(f"“{key}” must be a text, got {value!r}.")
