"""Generated data sets: asked for by people, made by a job, marked as generated."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from diagnostics.signals.signal import Signal
from diagnostics.synthesis.demo import PlannedRecording
from models import Dataset, JobKind, Origin
from services import actor
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, StoredSamples, store_samples
from services.errors import Conflict
from services.job_service import ACTIVE, JobService
from services.runtime import unit_of_work

DEMO_NAME = "Demo: bearing faults (generated)"
DEMO_SUBJECT = "demo"
DEMO_SEED = 20_480
DESCRIPTION = (
    "Generated, not measured: rolling-element bearings, healthy or with damage of the outer "
    "race, the inner race or a ball. Several bearings a class, each with a housing of its own, "
    "so that a split by bearing can be tried."
)


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
    def store_generated(planned: PlannedRecording, signal: Signal) -> StoredSamples:
        """Put the samples of a generated recording into the store."""
        actor.writer()
        specimen, operation = planned.specimen, planned.operation
        about = About(
            name=planned.name,
            origin=Origin.GENERATED,
            label=specimen.fault.value,
            importer="synthesis",
            speed_rpm=round(operation.speed_rpm, 1),
            speed_source="generated",
            load=f"{operation.load:.0%}".replace("%", " %"),
            bearing=specimen.name,
            attributes={
                "severity": round(specimen.severity, 3),
                "severity_level": planned.severity_level,
            },
        )
        return store_samples(signal, about)

    @staticmethod
    def save_generated(name: str, stored: Sequence[StoredSamples]) -> int:
        """Make the data set of generated recordings; its id.

        A second time, after a worker was lost, it is the same data set.
        """
        owner_id = actor.user_id()
        with unit_of_work() as session:
            dataset_id = session.scalar(
                select(Dataset.id).where(
                    Dataset.name == name,
                    Dataset.origin == Origin.GENERATED,
                    Dataset.owner_id == owner_id,
                )
            )
            if dataset_id is None:
                dataset_id = DatasetService.create(name, DESCRIPTION, Origin.GENERATED)
            DatasetService.add_recordings(dataset_id, stored, "generated")
            return dataset_id
