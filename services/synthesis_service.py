"""Generated data sets: asked for by people, made by a job, marked as generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypedDict
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.errors import SynthesisError
from diagnostics.synthesis.config import SynthesisConfig
from diagnostics.synthesis.config_json import as_json, read_config
from diagnostics.synthesis.preview import Example, examples
from diagnostics.synthesis.recordings import GeneratedRecording
from diagnostics.synthesis.self_test import Check, check_signatures
from models import Dataset, Job, JobKind, Origin, Recording
from models.base import now
from services import actor, locks
from services.dataset_service import DatasetService
from services.datasets.additions import add_recordings
from services.datasets.recording_store import About, StoredSamples, store_samples
from services.datasets.versions import (
    Change,
    add_version,
    find_dataset,
    latest_version,
)
from services.errors import Conflict, Invalid
from services.files import room
from services.job_service import ACTIVE, JobService, JobView
from services.runtime import unit_of_work

GENERATOR = "rotorscope.synthesis"
GENERATOR_VERSION = 1
DEMO_NAME = "Demo: bearing faults (generated)"
DEMO_SUBJECT = "demo"
DEMO_SEED = 20_480
# Measured: noise does not pack, so 4 bytes a sample shrink little; codes of a converter do.
MOST_BYTES_PER_SAMPLE = 3.9
BYTES_PER_RECORDING = 20_000
# A job that failed or was cancelled with its worker can be tried again for so long.
KEEP_UNFINISHED = timedelta(days=1)
SECONDS_PER_SAMPLE = 6e-7
SECONDS_PER_RECORDING = 0.012


class Estimate(TypedDict):
    """What a config would take; seconds on one core of a usual machine."""

    recordings: int
    samples: int
    bytes: int
    seconds: float


class Begun(TypedDict):
    """A data set in the making, with the names of the recordings that it has already."""

    dataset_id: int
    complete: bool
    names: set[str]


class SynthesisService:
    """Ask for generated data sets, and keep what a job has generated."""

    @staticmethod
    def request_demo_dataset() -> int:
        """Have a small data set of bearing faults generated; the id of the job.

        Raises
        ------
        Conflict
            If one is being generated already.
        """
        actor.user_id()
        with unit_of_work() as session:
            locks.alone(session, "start demo")
            latest = JobService.find_latest(DEMO_SUBJECT, JobKind.GENERATE_DEMO)
            if latest is not None and latest["status"] in ACTIVE:
                raise Conflict("A demo data set is being generated already. See the jobs page.")
            taken = set(session.scalars(select(Dataset.name)))
            name, number = DEMO_NAME, 1
            while name in taken:
                number += 1
                name = f"{DEMO_NAME} {number}"
            arguments = {"name": name, "seed": DEMO_SEED + number - 1}
            title = "Generate a demo data set"
            return JobService.submit(JobKind.GENERATE_DEMO, arguments, title, DEMO_SUBJECT)

    @staticmethod
    def complete_config(document: object) -> dict[str, Any]:
        """The config with all its entries, as usual where it names none.

        Raises
        ------
        Invalid
            If it cannot be used; the sentence says why.
        """
        actor.reader()
        return as_json(_config(document))

    @staticmethod
    def estimate(document: object) -> Estimate:
        """What the data set of a config takes on the disk, and how long it takes.

        Raises
        ------
        Invalid
            If the config cannot be used.
        """
        actor.reader()
        return _estimate(_config(document))

    @staticmethod
    def request_dataset(name: str, document: object) -> int:
        """Have a data set generated; the id of the job. The same asked twice is one job.

        Raises
        ------
        Invalid
            If the config cannot be used or the name is empty or too long.
        Conflict
            If the name is taken.
        Unavailable
            If the disk has no room for it.
        """
        owner_id = actor.user_id()
        config = _config(document)
        name = " ".join(name.split())
        if not name or len(name) > 120 or not name.isprintable():
            raise Invalid("A data set needs a name of 1 to 120 characters that can be shown.")
        room.check_room(_estimate(config)["bytes"], f"“{name}”")
        arguments = {"name": name, "config": as_json(config)}
        with unit_of_work() as session:
            # Under the lock of a writer: a second click finds the job of the first.
            locks.alone(session, "start generation")
            running = _running(session, owner_id, arguments)
            if running is not None:
                return running
            if session.scalar(select(Dataset.id).where(Dataset.name == name)) is not None:
                raise Conflict(f"There is a data set “{name}” already. Choose another name.")
            return JobService.submit(
                JobKind.GENERATE_DATASET,
                {**arguments, "token": uuid4().hex},
                f"Generate “{name}”",
                _subject(owner_id),
            )

    @staticmethod
    def preview(document: object) -> list[Example]:
        """At most a second of each class, with the lines that an analyst would look for.

        Raises
        ------
        Invalid
            If the config cannot be used.
        """
        actor.writer()
        config = _config(document)
        return list(examples(config))

    @staticmethod
    def check_signatures(document: object) -> list[Check]:
        """Five seconds of each class, measured next to what the formulas say: a job's work.

        Raises
        ------
        Invalid
            If the config cannot be used.
        """
        actor.writer()
        return check_signatures(_config(document))

    @staticmethod
    def request_check(document: object) -> int:
        """Have the signatures of a config checked; the id of the job, whose result has them.

        The same asked twice is one job.

        Raises
        ------
        Invalid
            If the config cannot be used.
        """
        actor.user_id()
        arguments = {"config": as_json(_config(document))}
        return JobService.submit_once(JobKind.CHECK_SIGNATURES, arguments, "Check signatures")

    @staticmethod
    def find_job() -> JobView | None:
        """The newest generation of the actor, if there is one."""
        acting = actor.reader()
        if acting.user_id is None:
            return None
        return JobService.find_latest(_subject(acting.user_id), JobKind.GENERATE_DATASET)

    @staticmethod
    def begin_generated(name: str, document: object, token: str) -> Begun:
        """Make the data set that a job fills, or find what an earlier attempt has left.

        It stays out of sight, among the archived ones, until all of it is there.

        Raises
        ------
        Conflict
            If the name was taken in the meantime.
        Unavailable
            If the disk has no room for it.
        """
        owner_id = actor.user_id()
        config = _config(document)
        with unit_of_work() as session:
            found = session.scalars(select(Dataset).where(Dataset.name == name)).one_or_none()
            if found is None:
                room.check_room(_estimate(config)["bytes"], f"“{name}”")
                dataset_id = DatasetService.create(name, describe(config), Origin.GENERATED)
                dataset = session.get_one(Dataset, dataset_id)
                dataset.archived_at = now()
                dataset.provenance = _provenance(config, token)
                return {"dataset_id": dataset_id, "complete": False, "names": set()}
            given = found.provenance or {}
            if found.owner_id != owner_id or given.get("token") != token:
                raise Conflict(f"There is a data set “{name}” already. Choose another name.")
            names = select(Recording.name).where(Recording.dataset_id == found.id)
            return {
                "dataset_id": found.id,
                "complete": bool(given["complete"]),
                "names": set(session.scalars(names)),
            }

    @staticmethod
    def store_generated(made: GeneratedRecording) -> StoredSamples:
        """Put the samples of a generated recording into the store."""
        actor.writer()
        about = About(
            name=made.planned.name,
            origin=Origin.GENERATED,
            label=made.planned.fault.value,
            importer="synthesis",
            speed_rpm=round(made.speed_rpm, 1),
            speed_source="generated",
            load=f"{100 * made.load:.3g} %",
            bearing=made.planned.bearing_name,
            attributes=made.facts,
        )
        return store_samples(made.signal, about)

    @staticmethod
    def add_generated(dataset_id: int, stored: Sequence[StoredSamples]) -> None:
        """Give some recordings their rows; they belong to no version yet.

        Raises
        ------
        NotFound
            If the data set was deleted in the meantime.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = _mine(session, dataset_id)
            add_recordings(session, dataset, stored)

    @staticmethod
    def finish_generated(
        dataset_id: int, labels: Mapping[str, str], self_test: Sequence[Mapping[str, Any]]
    ) -> int:
        """Make the version of all recordings and show the data set; a second time is harmless.

        Raises
        ------
        NotFound
            If the data set was deleted in the meantime.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = _mine(session, dataset_id)
            version = latest_version(session, dataset_id)
            if version is None:
                rows = select(Recording.id, Recording.name).where(
                    Recording.dataset_id == dataset_id
                )
                members: dict[int, str | None] = {
                    found.id: labels[found.name] for found in session.execute(rows)
                }
                version = add_version(session, dataset, Change(added=members), "generated")
                dataset.archived_at = None
                dataset.provenance = {
                    **(dataset.provenance or {}),
                    "complete": True,
                    "self_test": [dict(one) for one in self_test],
                }
            return version.number

    @staticmethod
    def discard_generated(dataset_id: int) -> bool:
        """Delete a data set that was not finished, with its files; False when there is none.

        Raises
        ------
        Conflict
            If it is complete.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            dataset = session.get(Dataset, dataset_id)
            if dataset is None:
                return False
            actor.owner_or_admin(dataset.owner_id)
            if dataset.provenance is None or dataset.provenance.get("complete", True):
                raise Conflict(f"“{dataset.name}” is not being generated.")
        return DatasetService.delete_dataset(dataset_id, delete_file=True)

    @staticmethod
    def delete_unfinished() -> int:
        """Delete data sets whose generation was given up a day ago or more; how many."""
        actor.admin()
        kinds = (JobKind.GENERATE_DEMO, JobKind.GENERATE_DATASET)
        alive = select(Job.arguments).where(Job.kind.in_(kinds), Job.status.in_(ACTIVE))
        old = select(Dataset).where(
            Dataset.origin == Origin.GENERATED,
            Dataset.archived_at < now() - KEEP_UNFINISHED,
        )
        with unit_of_work(writing=False) as session:
            names = {arguments["name"] for arguments in session.scalars(alive)}
            given_up = [
                dataset.id
                for dataset in session.scalars(old)
                if not (dataset.provenance or {}).get("complete", True)
                and dataset.name not in names
            ]
        return sum(SynthesisService.discard_generated(one) for one in given_up)


def describe(config: SynthesisConfig) -> str:
    """A sentence for the list of data sets."""
    what = "hydrodynamic bearings" if config.kind == "journal" else "rolling-element bearings"
    machines = "1 machine" if config.bearings == 1 else f"{config.bearings} machines"
    return (
        f"Generated, not measured: {what}, {len(list(config.faults))} classes on {machines}, "
        f"each with a structure of its own. Seed {config.seed}."
    )


def _config(document: object) -> SynthesisConfig:
    try:
        return read_config(document)
    except SynthesisError as error:
        raise Invalid(str(error)) from error


def _estimate(config: SynthesisConfig) -> Estimate:
    recordings, samples = config.recording_count, config.recording_count * config.sample_count
    bits = config.noise.adc_bits
    packed = MOST_BYTES_PER_SAMPLE if bits is None else 0.3 + 0.13 * bits
    return {
        "recordings": recordings,
        "samples": samples,
        "bytes": round(packed * samples + BYTES_PER_RECORDING * recordings),
        "seconds": SECONDS_PER_SAMPLE * samples + SECONDS_PER_RECORDING * recordings,
    }


def _subject(owner_id: int) -> str:
    return f"generate:{owner_id}"


def _running(session: Session, owner_id: int, arguments: Mapping[str, Any]) -> int | None:
    """The job that makes exactly this already.

    Raises
    ------
    Conflict
        If another one makes something else under the same name.
    """
    active = select(Job.id, Job.owner_id, Job.arguments).where(
        Job.kind == JobKind.GENERATE_DATASET, Job.status.in_(ACTIVE)
    )
    for job in session.execute(active):
        if job.arguments["name"] != arguments["name"]:
            continue
        if job.owner_id == owner_id and job.arguments["config"] == arguments["config"]:
            return int(job.id)
        raise Conflict(f"“{arguments['name']}” is being generated already. Choose another name.")
    return None


def _provenance(config: SynthesisConfig, token: str) -> dict[str, Any]:
    import numpy as np

    return {
        "generator": GENERATOR,
        "version": GENERATOR_VERSION,
        "numpy": np.__version__,
        "seed": config.seed,
        "config": as_json(config),
        "token": token,
        "complete": False,
    }


def _mine(session: Session, dataset_id: int) -> Dataset:
    dataset = find_dataset(session, dataset_id, lock=True)
    actor.owner_or_admin(dataset.owner_id)
    return dataset
