"""Let what is stored come again as points: rows of tables, features of windows of recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.tables.kinds import NUMERIC
from models import JobKind, Recording, SourceVersion
from services import actor
from services.errors import Invalid, InvalidField, NotFound
from services.job_service import JobService
from services.recording_service import RecordingService
from services.runtime import artefacts, unit_of_work
from services.sources.views import newest_version
from services.streaming.looking import find
from services.streaming.points import MOST_COLUMNS
from services.streaming.table_rows import Rows, read_rows

SHORTEST_WINDOW, LONGEST_WINDOW = 256, 2**20
FASTEST = 100_000.0
MOST_RECORDINGS = 2_000


@dataclass(frozen=True)
class Replayed:
    """The point of a window: its features by name, and how long the window lasted."""

    features: dict[str, float | None]
    lasts_s: float


class StreamReplayService:
    """Start replays, and read what they send."""

    @staticmethod
    def request_replay(
        session_id: str,
        dataset_id: int,
        recording_id: int | None = None,
        window: int = 2048,
        speed: float = 0.0,
    ) -> int:
        """Send the windows of a recording, or of all recordings of a data set by name.

        ``speed`` is how much faster than recorded; 0 is as fast as it goes. The job's id.

        Raises
        ------
        NotFound
            If there is no such session or data set.
        Invalid
            If window or speed are out of range, or the data set has no such recording.
        """
        title, _columns = _asked(session_id, speed)
        if not SHORTEST_WINDOW <= window <= LONGEST_WINDOW:
            raise Invalid(f"A window has {SHORTEST_WINDOW} to {LONGEST_WINDOW} samples.")
        found = RecordingService.list_recordings(dataset_id, limit=MOST_RECORDINGS)
        chosen = [one["id"] for one in found if recording_id in (None, one["id"])]
        if not chosen:
            raise Invalid("This data set has no such recording.")
        arguments = {
            "session_id": session_id,
            "recording_ids": chosen,
            "window": window,
            "speed": float(speed),
        }
        return JobService.submit_once(
            JobKind.REPLAY_STREAM, arguments, title, f"stream:{session_id}"
        )

    @staticmethod
    def request_table_replay(
        session_id: str,
        source_id: str,
        columns: Sequence[str] | None = None,
        speed: float = 0.0,
    ) -> int:
        """Send the rows of a source in their order, each as a point. The job's id.

        Parameters
        ----------
        columns
            None: those that the session judges. If it has none yet, all that hold numbers; it then
            judges those that have one in the first row.
        speed
            How much faster than its time column says; 0 is as fast as it goes. Without such a
            column a row lasts a second.

        Raises
        ------
        NotFound
            If there is no such session or source.
        Conflict
            If the source has no rows yet.
        Invalid
            If the speed is out of range, or a column is not there or holds no numbers.
        """
        title, judged = _asked(session_id, speed)
        with unit_of_work(writing=False) as session:
            version = newest_version(session, source_id)
            table = {"version_id": version.id, "columns": _chosen(version, columns, judged)}
        arguments = {"session_id": session_id, "table": table, "speed": float(speed)}
        return JobService.submit_once(
            JobKind.REPLAY_STREAM, arguments, title, f"stream:{session_id}"
        )

    @staticmethod
    def read_rows(
        version_id: int, columns: Sequence[str], gather_s: float | None = None
    ) -> Iterator[Rows]:
        """The rows of a version of a source as points, those of ``gather_s`` seconds together.

        Raises
        ------
        NotFound
            If there is no such version.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = session.get(SourceVersion, version_id)
            if row is None:
                raise NotFound("The table that was to be replayed is gone.")
            key, codes, time_column = row.parquet_key, row.missing_codes, row.time_column
        return read_rows(artefacts().local_path(key), codes, time_column, columns, gather_s)

    @staticmethod
    def read_windows(recording_id: int, window: int) -> Iterator[list[Replayed]]:
        """The windows of a recording in their order, some at a time.

        Raises
        ------
        NotFound
            If there is no such recording.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = session.get(Recording, recording_id)
            if row is None:
                raise NotFound(f"There is no recording {recording_id}.")
            key, rate = row.artefact_key, row.sample_rate_hz
        return _windows(key, rate, window)


def _asked(session_id: str, speed: float) -> tuple[str, list[str] | None]:
    """What the job is called, and the columns that the session judges."""
    actor.reader()
    with unit_of_work(writing=False) as session:
        row = find(session, session_id)
        owner_id, name, columns = row.owner_id, row.name or row.algorithm, row.columns
    actor.owner_or_admin(owner_id)
    if not 0 <= speed <= FASTEST:
        raise Invalid(f"The speed is 0 to {FASTEST:g}; 0 is as fast as it goes.")
    return f"Replay into stream “{name}”", columns


def _chosen(
    version: SourceVersion, asked: Sequence[str] | None, judged: Sequence[str] | None
) -> list[str]:
    known = [one for one in version.columns if one["type"] in NUMERIC and not one["empty"]]
    names = [one["name"] for one in known]
    if asked is not None:
        odd = [name for name in asked if name not in names]
        if odd or not asked:
            which = f"“{odd[0]:.60}” is none of the" if odd else "Name some of the"
            raise InvalidField("columns", f"{which} columns of this source that hold numbers.")
        chosen = list(dict.fromkeys(asked))
    elif judged is not None:
        chosen = [name for name in judged if name in names]
        if not chosen:
            told = ", ".join(judged[:5])
            raise Invalid(f"This source has none of the columns that the session judges: {told}.")
    else:
        chosen = [one["name"] for one in known if one["role"] == "feature"]
        if not chosen:
            raise Invalid("This source has no column of numbers.")
    if len(chosen) > MOST_COLUMNS:
        raise Invalid(f"A point has at most {MOST_COLUMNS} columns, these are {len(chosen)}.")
    return chosen


def _windows(key: str, rate: float, window: int) -> Iterator[list[Replayed]]:
    from diagnostics.features.catalogue import features_of
    from diagnostics.features.extraction import AT_ONCE, extract_features
    from diagnostics.signals.recording_file import open_recording

    features = features_of(["time"])
    names = [feature.name for feature in features]
    step = max(1, AT_ONCE // window)
    with open_recording(artefacts().local_path(key)) as file:
        count = file.sample_count // window
        for first in range(0, count, step):
            last = min(count, first + step)
            samples: Any = file.read(0, first * window, last * window)
            table = extract_features(samples.reshape(last - first, window), rate, features)
            yield [Replayed(_numbers(names, row), window / rate) for row in table.tolist()]


def _numbers(names: list[str], row: list[float]) -> dict[str, float | None]:
    return {n: None if v != v else v for n, v in zip(names, row, strict=True)}
