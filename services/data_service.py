"""Data sets as plain dictionaries and their samples as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from diagnostics.signals.recording_file import open_recording
from models import Recording
from services import actor
from services.cache_service import CACHE_TTL_MEDIUM, CacheService
from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter
from services.datasets.views import DatasetDetails, DatasetView
from services.errors import Forbidden, Invalid, NotFound
from services.recording_service import MAX_RECORDINGS, RecordingService
from services.runtime import artefacts, unit_of_work

Samples = NDArray[Any]


class DataService:
    """Core data sets and the loading of signals."""

    @staticmethod
    def list_datasets() -> list[DatasetView]:
        """The data sets by name, at most 100; ``DatasetService`` pages through more."""
        return DatasetService.list_datasets()

    @staticmethod
    def get_dataset(dataset_id: int) -> DatasetDetails | None:
        """A data set with its versions, or None."""
        return DatasetService.get_dataset_details(dataset_id)

    @staticmethod
    def get_dataset_stats(dataset_id: int) -> dict[str, Any]:
        """Counts over the newest version, kept in the cache until there is a newer one.

        Raises
        ------
        NotFound
            If there is no such data set.
        """
        actor.reader()
        dataset = DatasetService.get_dataset_details(dataset_id)
        if dataset is None:
            raise NotFound(f"There is no data set {dataset_id}.")
        # A version never changes. Its id alone would not do: SQLite gives ids away again.
        newest = next(iter(dataset["versions"]), None)
        made = newest and (newest["id"], newest["content_hash"], newest["created_at"].isoformat())
        stats: dict[str, Any] = CacheService.get_or_compute(
            f"dataset-stats:{dataset_id}:{made}",
            lambda: dict(DatasetService.get_dataset_statistics(dataset_id)),
            CACHE_TTL_MEDIUM,
        )
        return stats

    @staticmethod
    def load_signals(
        dataset_id: int, fault_filter: str | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Recordings of the newest version with all their samples, for work in a worker.

        ``fault_filter`` is a label. Each has ``id``, ``name``, ``label``, ``fs`` and ``signal``
        of shape (channels, samples).

        Raises
        ------
        NotFound
            If there is no such data set.
        """
        actor.reader()
        chosen = RecordingFilter(label=fault_filter)
        found: list[dict[str, Any]] = []
        while limit is None or len(found) < limit:
            due = MAX_RECORDINGS if limit is None else min(MAX_RECORDINGS, limit - len(found))
            page = RecordingService.list_recordings(dataset_id, None, due, len(found), chosen)
            found += [
                {
                    "id": recording["id"],
                    "name": recording["name"],
                    "label": recording["label"],
                    "fs": recording["sample_rate_hz"],
                    "signal": DataService.load_signal_data(dataset_id, recording["id"]),
                }
                for recording in page
            ]
            if len(page) < due:
                break
        return found

    @staticmethod
    def load_signal_data(dataset_id: int, signal_id: int) -> Samples:
        """The samples of a recording, shape (channels, samples), in the units of its channels.

        Raises
        ------
        NotFound
            If the data set has no such recording.
        """
        actor.reader()
        wanted = select(Recording.artefact_key).where(
            Recording.id == signal_id, Recording.dataset_id == dataset_id
        )
        with unit_of_work(writing=False) as session:
            key = session.scalar(wanted)
        if key is None:
            raise NotFound(f"Data set {dataset_id} has no recording {signal_id}.")
        with open_recording(artefacts().local_path(key)) as file:
            return np.asarray(file.read_all().samples)

    @staticmethod
    def create_dataset(
        name: str,
        description: str | None = "",
        fault_types: list[str] | None = None,
        severity_levels: list[str] | None = None,
        file_path: str | None = None,
        num_signals: int | None = None,
        created_by: int | None = None,
    ) -> DatasetDetails | None:
        """A new, empty data set of the actor.

        Fault types, severities and the number of signals follow from the recordings that are
        imported into it, so none is taken here.

        Raises
        ------
        Invalid
            If one of these is given, or the name cannot be used.
        Forbidden
            If it is to be somebody else's.
        """
        owner_id = actor.user_id()
        if created_by not in (None, owner_id):
            raise Forbidden("A data set belongs to who makes it.")
        derived = (fault_types, severity_levels, file_path, num_signals)
        if any(value is not None for value in derived):
            raise Invalid(
                "Fault types, severities, files and counts follow from the recordings. "
                "Make the data set without them and import into it."
            )
        return DatasetService.get_dataset_details(DatasetService.create(name, description or ""))

    @staticmethod
    def delete_dataset(dataset_id: int) -> bool:
        """Delete a data set with its recordings and their files; False if there is none.

        Raises
        ------
        Conflict
            If an experiment was made on it.
        """
        return DatasetService.delete_dataset(dataset_id, delete_file=True)
