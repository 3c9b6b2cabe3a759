"""Statistics of the samples of data sets, and the work that finds those that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update

from diagnostics.features.running import RunningSummary, WaveformSummary
from diagnostics.signals.recording_file import RecordingFile, open_recording
from models import DatasetVersion, JobKind, Recording, RecordingChannel
from services import actor, locks
from services.cache_service import CACHE_TTL_DAY, CacheService
from services.datasets.versions import SUMMARISED, find_dataset, version_id_of
from services.datasets.waveforms import WaveformStatistics, waveform_statistics
from services.errors import Conflict
from services.job_service import ACTIVE, JobService
from services.runtime import artefacts, unit_of_work

BLOCK = 1 << 18


class WaveformService:
    """What the samples of a data set amount to, by class and channel."""

    @staticmethod
    def get_statistics(dataset_id: int, version: int | None = None) -> WaveformStatistics:
        """RMS, peak, crest factor, kurtosis and more of a version, by class and channel.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = version_id_of(session, dataset_id, version)

            def compute() -> dict[str, Any]:
                return dict(waveform_statistics(session, version_id))

            # Equal contents and labels have equal statistics.
            contents = select(DatasetVersion.content_hash).where(DatasetVersion.id == version_id)
            key = _key(session.scalar(contents))
            kept = CacheService.get_or_compute(key, compute, CACHE_TTL_DAY)
        found: WaveformStatistics = kept
        return found

    @staticmethod
    def request_measurement(dataset_id: int) -> int:
        """Have the samples measured that were stored before statistics were kept; the job.

        Raises
        ------
        NotFound
            If there is no such data set.
        Conflict
            If that is being done already.
        """
        actor.writer()
        with unit_of_work() as session:
            dataset = find_dataset(session, dataset_id)
            actor.owner_or_admin(dataset.owner_id)
            subject = f"dataset:{dataset_id}"
            locks.alone(session, "start measurements")
            latest = JobService.find_latest(subject, JobKind.MEASURE_RECORDINGS)
            if latest is not None and latest["status"] in ACTIVE:
                raise Conflict("The samples are being measured already. See the jobs page.")
            title = f"Measure the samples of “{dataset.name}”"
            arguments = {"dataset_id": dataset_id}
            return JobService.submit(JobKind.MEASURE_RECORDINGS, arguments, title, subject)

    @staticmethod
    def list_unmeasured(dataset_id: int) -> list[int]:
        """Recordings of a data set with a channel that was not measured yet.

        Raises
        ------
        NotFound
            If there is no such data set.
        """
        actor.reader()
        wanted = (
            select(Recording.id)
            .join(RecordingChannel, RecordingChannel.recording_id == Recording.id)
            .where(Recording.dataset_id == dataset_id, RecordingChannel.rms.is_(None))
            .distinct()
            .order_by(Recording.id)
        )
        with unit_of_work(writing=False) as session:
            find_dataset(session, dataset_id)
            return list(session.scalars(wanted))

    @staticmethod
    def measure(recording_id: int) -> None:
        """Read the samples of a recording block by block, and keep what they amount to.

        A recording that was deleted meanwhile is passed over.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            wanted = select(Recording.artefact_key).where(Recording.id == recording_id)
            key = session.scalar(wanted)
        if key is None:
            return
        with open_recording(artefacts().local_path(key)) as file:
            found = list(_measured(file))
        with unit_of_work() as session:
            for position, summary in enumerate(found):
                if summary is not None:
                    values = {name: getattr(summary, name) for name in SUMMARISED}
                    of = (
                        RecordingChannel.recording_id == recording_id,
                        RecordingChannel.position == position,
                    )
                    session.execute(update(RecordingChannel).where(*of).values(**values))

    @staticmethod
    def forget_statistics(dataset_id: int) -> None:
        """Let the statistics of all versions be computed anew, after a measurement.

        Raises
        ------
        NotFound
            If there is no such data set.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            find_dataset(session, dataset_id)
            mine = select(DatasetVersion.content_hash).where(
                DatasetVersion.dataset_id == dataset_id
            )
            contents = set(session.scalars(mine))
        for content_hash in contents:
            CacheService.delete(_key(content_hash))


def _key(content_hash: str | None) -> str:
    return f"waveform-statistics:{content_hash}"


def _measured(file: RecordingFile) -> Iterator[WaveformSummary | None]:
    for channel in range(len(file.channels)):
        running = RunningSummary()
        for start in range(0, file.sample_count, BLOCK):
            running.add(file.read(channel, start, min(start + BLOCK, file.sample_count)))
        yield running.summary()
