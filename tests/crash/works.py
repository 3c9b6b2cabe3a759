"""What people ask for while accidents happen, and what must have come of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy import select

from diagnostics.features.table_file import open_table
from diagnostics.signals.recording_file import open_recording
from models import (
    Dataset,
    DatasetMember,
    DatasetVersion,
    Experiment,
    ExperimentEpoch,
    FeatureSet,
    JobKind,
    JobStatus,
    Recording,
)
from services.dataset_service import DatasetService
from services.experiment_service import ExperimentService
from services.export_service import ExportService
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.import_service import ImportService
from services.importing.sources import SourceFile
from services.job_service import JobService, JobView
from services.prediction_service import PredictionService
from services.runtime import artefacts, unit_of_work
from services.synthesis_service import SynthesisService
from services.upload_service import UploadService
from tests.crash.site import Site

RATE_HZ = 2_000
DOMAINS = ("time", "envelope", "order")
# The clock is not part of an outcome.
CLOCK = {"seconds": 0.0, "windows_per_s": 0.0}


@dataclass
class Work:
    """One thing that somebody asks for."""

    kind: ClassVar[str]
    ends: ClassVar[JobStatus] = JobStatus.DONE
    number: int
    job_id: int | None = field(default=None, init=False)

    def begin(self, site: Site) -> None:
        raise NotImplementedError

    def follow(self, job: JobView) -> None:
        """What the person does while it runs."""

    def faults(self, job: JobView | None) -> list[str]:
        """What is not as it should be, now that it has ended."""
        if job is not None and job["status"] is not self.ends:
            return [f"ended as {job['status']} and not as {self.ends}: {job['error']}"]
        return self.wrong(job)

    def wrong(self, job: JobView | None) -> list[str]:
        return []


@dataclass
class Import(Work):
    """Some files in one data set: one version, and each file's samples in it once."""

    kind = "import"
    files: dict[str, NDArray[np.float32]]

    def begin(self, site: Site) -> None:
        ids = [site.browser.upload(name, _csv(x)) for name, x in self.files.items()]
        shared = {"sample_rate_hz": RATE_HZ, "unit": "g", "label": "healthy"}
        self.job_id = ImportService.start_import(ids, None, "", shared, {}, self._name)

    @property
    def _name(self) -> str:
        return f"imported {self.number}"

    def wrong(self, job: JobView | None) -> list[str]:
        imported = job["result"]["imported"]
        told = [] if imported == len(self.files) else [f"says that {imported} were imported"]
        with unit_of_work(writing=False) as session:
            versions = session.scalars(
                select(DatasetVersion).join(Dataset).where(Dataset.name == self._name)
            ).all()
            if len(versions) != 1:
                return [*told, f"made {len(versions)} versions"]
            members = session.scalars(
                select(Recording)
                .join(DatasetMember, DatasetMember.recording_id == Recording.id)
                .where(DatasetMember.version_id == versions[0].id)
            ).all()
            found = {one.source_file: one.artefact_key for one in members}
        if len(members) != len(found) or set(found) != set(self.files):
            return [*told, f"has {sorted(one.source_file for one in members)}"]
        return told + [
            f"{name} has other samples"
            for name, key in found.items()
            if not np.array_equal(_samples(key), self.files[name])
        ]


@dataclass
class Upload(Work):
    """A file that nobody imports: it stays as it was sent."""

    kind = "upload"
    content: bytes
    upload_id: str = field(default="", init=False)

    def begin(self, site: Site) -> None:
        self.upload_id = site.browser.upload(f"waiting {self.number}.csv", self.content)

    def wrong(self, job: JobView | None) -> list[str]:
        _, path = UploadService.locate(self.upload_id)
        return [] if path.read_bytes() == self.content else ["was changed"]


@dataclass
class Training(Work):
    """The same numbers as those of a run that met no accident."""

    kind = "training"
    version_id: int
    config: dict[str, Any]
    expected: dict[str, Any] | None = None
    experiment_id: int = field(default=0, init=False)

    def begin(self, site: Site) -> None:
        made = ExperimentService.create_experiment(
            f"training {self.number}", self.version_id, self.config
        )
        self.experiment_id, self.job_id = made["id"], made["job"]["id"]

    def wrong(self, job: JobView | None) -> list[str]:
        found = outcome_of(self.experiment_id)
        return [f"differs in {name}" for name in found if found[name] != self.expected[name]]


@dataclass
class Cancelled(Training):
    """A long training that somebody cancels once it runs."""

    kind = "cancelled training"
    ends = JobStatus.CANCELLED

    def follow(self, job: JobView) -> None:
        if job["status"] is JobStatus.RUNNING and not job["cancel_requested"]:
            JobService.cancel(job["id"])

    def wrong(self, job: JobView | None) -> list[str]:
        with unit_of_work(writing=False) as session:
            row = session.get_one(Experiment, self.experiment_id)
            return ["has an outcome"] if row.checkpoint_key or row.summary else []


@dataclass
class Prediction(Work):
    """The same answer as that of a calm day."""

    kind = "prediction"
    experiment_id: int
    recording_id: int
    expected: dict[str, Any] | None = None

    def begin(self, site: Site) -> None:
        self.job_id = PredictionService.request_prediction(self.experiment_id, self.recording_id)

    def wrong(self, job: JobView | None) -> list[str]:
        return [] if job["result"] == self.expected else ["gave another answer"]


@dataclass
class Generated(Work):
    """The recordings of a config, each with the samples that its seed gives."""

    kind = "synthesis"
    config: dict[str, Any]
    expected: dict[str, str]

    def begin(self, site: Site) -> None:
        self.job_id = SynthesisService.request_dataset(f"generated {self.number}", self.config)

    def wrong(self, job: JobView | None) -> list[str]:
        dataset_id = job["result"]["dataset_id"]
        with unit_of_work(writing=False) as session:
            versions = session.scalars(
                select(DatasetVersion.id).where(DatasetVersion.dataset_id == dataset_id)
            ).all()
        if len(versions) != 1:
            return [f"made {len(versions)} versions"]
        found = hashes_of(versions[0])
        return [] if found == self.expected else ["has other recordings"]


@dataclass
class Export(Work):
    """A file that is whole, and says of the version what a calm export says."""

    kind = "export"
    dataset_id: int
    version_id: int
    format: str

    def begin(self, site: Site) -> None:
        self.job_id = ExportService.submit_export(self.dataset_id, None, self.format)

    def wrong(self, job: JobView | None) -> list[str]:
        made = ExportService.open_export(job["result"]["export_id"])
        digest = hashlib.sha256(made["path"].read_bytes()).hexdigest()
        faults = [] if digest == made["path"].stem else ["was damaged"]
        back = DatasetService.create(f"read back {self.number}")
        size = made["path"].stat().st_size
        source = SourceFile(made["file_name"], made["file_name"], made["path"], size=size)
        ImportService.import_files([source], back)
        with unit_of_work(writing=False) as session:
            versions = session.scalars(
                select(DatasetVersion.id).where(DatasetVersion.dataset_id == back)
            ).all()
        found = sorted(one for version in versions for one in hashes_of(version).values())
        expected = sorted(hashes_of(self.version_id).values())
        return faults if found == expected else [*faults, "reads back otherwise"]


@dataclass
class Features(Work):
    """One version of one set, with the numbers of a calm day."""

    kind = "features"
    dataset_id: int
    expected: str

    def begin(self, site: Site) -> None:
        self.job_id = FeatureService.submit_extraction(self.dataset_id, self._name, DOMAINS)

    @property
    def _name(self) -> str:
        return f"features {self.number}"

    def wrong(self, job: JobView | None) -> list[str]:
        columns = (FeatureSet.content_hash, FeatureSet.artefact_key, FeatureSet.parquet_key)
        made = select(FeatureSet.id, *columns).where(FeatureSet.name == self._name)
        with unit_of_work(writing=False) as session:
            found = session.execute(made).all()
        if [row.id for row in found] != [job["result"]["feature_set_id"]]:
            return [f"made {len(found)} versions"]
        if found[0].content_hash != self.expected:
            return ["has other numbers"]
        return [] if _agree(found[0].artefact_key, found[0].parquet_key) else ["has two tables"]


@dataclass
class Analysis(Work):
    """What a calm day sees in a table of features."""

    kind = "analysis"
    feature_set_id: int
    asked: tuple[str, str]
    expected: dict[str, Any]

    def begin(self, site: Site) -> None:
        self.job_id = FeatureAnalysisService.request_analysis(self.feature_set_id, *self.asked)

    def wrong(self, job: JobView | None) -> list[str]:
        found = FeatureAnalysisService.find_analysis(self.feature_set_id, *self.asked)
        if found is None:
            return ["left nothing"]
        return [] if found["result"] == self.expected else ["sees something else"]


@dataclass
class Refused(Work):
    """What cannot be done ends with a sentence, and is not tried again and again."""

    kind = "refused prediction"
    ends = JobStatus.FAILED

    def begin(self, site: Site) -> None:
        arguments = {"experiment_id": 999_999, "recording_id": self.number}
        self.job_id = JobService.submit(JobKind.PREDICT_RECORDING, arguments, "Prediction")

    def wrong(self, job: JobView | None) -> list[str]:
        expected = "There is no experiment 999999."
        return [] if job["error"] == expected else [f"says “{job['error']}”"]


@dataclass
class Cleaning(Work):
    kind = "cleaning"

    def begin(self, site: Site) -> None:
        self.job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")


def outcome_of(experiment_id: int) -> dict[str, Any]:
    """All that a training leaves, but for the clock."""
    with unit_of_work(writing=False) as session:
        row = session.get_one(Experiment, experiment_id)
        epochs = session.scalars(
            select(ExperimentEpoch)
            .where(ExperimentEpoch.experiment_id == experiment_id)
            .order_by(ExperimentEpoch.epoch)
        )
        names = [column.key for column in ExperimentEpoch.__table__.columns]
        told = [{name: getattr(epoch, name) for name in names} for epoch in epochs]
        return {
            "predictions": row.predictions_key,
            "report": row.report_key,
            "summary": row.summary,
            "best epoch": row.best_epoch,
            "epochs": [{**epoch, **CLOCK, "experiment_id": 0} for epoch in told],
        }


def hashes_of(version_id: int) -> dict[str, str]:
    """What the recordings of a version contain, by their names."""
    members = (
        select(Recording.name, Recording.content_hash)
        .join(DatasetMember, DatasetMember.recording_id == Recording.id)
        .where(DatasetMember.version_id == version_id)
    )
    with unit_of_work(writing=False) as session:
        return {row.name: row.content_hash for row in session.execute(members)}


def _csv(samples: NDArray[np.float32]) -> bytes:
    return ("x\n" + "\n".join(repr(float(value)) for value in samples) + "\n").encode()


def _samples(key: str) -> NDArray[np.float32]:
    with open_recording(artefacts().local_path(key)) as recording:
        return recording.read_all().samples[0].astype(np.float32)


def _agree(key: str, parquet_key: str) -> bool:
    """Whether a table of features has the same numbers in both of its files."""
    with open_table(artefacts().local_path(key)) as table:
        other = pq.read_table(artefacts().local_path(parquet_key))
        return all(
            np.array_equal(
                table.column(name), other[name].to_numpy(zero_copy_only=False), equal_nan=True
            )
            for name in table.columns
        )
