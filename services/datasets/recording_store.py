"""Put the samples of a recording into the store before its row is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagnostics.features.running import RunningSummary, WaveformSummary
from diagnostics.signals.recording_file import content_hash, write_recording
from diagnostics.signals.signal import Channel, Signal
from models import Origin
from services import actor
from services.files.room import check_room
from services.files.staging import staging
from services.runtime import artefacts

FOLDER = "recordings"
# Small: what is computed from a block then takes memory that is in use already, not new pages.
BLOCK = 1 << 13
# Of fewer samples all is done before a thread would have started.
LEAST_BESIDE = 1 << 15


@dataclass(frozen=True)
class About:
    """What is known about a recording beside its samples. Names of machines are looked up.

    ``bearing_type`` is the designation of a bearing that nobody has described yet.
    """

    name: str
    origin: Origin
    label: str | None = None
    source_file: str = ""
    importer: str = ""
    speed_rpm: float | None = None
    speed_source: str = ""
    load: str | None = None
    machine: str | None = None
    bearing: str | None = None
    bearing_type: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class StoredSamples:
    """Samples that lie in the store, and what their row will need."""

    about: About
    content_hash: str
    artefact_key: str
    sample_rate_hz: float
    sample_count: int
    channels: tuple[Channel, ...]
    # Of each channel, in order; None where no sample is finite.
    summaries: tuple[WaveformSummary | None, ...] = ()


def store_samples(signal: Signal, about: About) -> StoredSamples:
    """Write the file of a recording. The same signal is kept once.

    Without a row the file belongs to nobody; a data set gives it one.
    """
    actor.writer()
    check_room(signal.samples.nbytes, f"“{about.name}”")
    with staging() as place:
        path = place / "recording.h5"
        digest, summaries = _write(signal, path)
        key = artefacts().put_file(FOLDER, ".h5", path, digest)
    return StoredSamples(
        about,
        digest,
        key,
        signal.sample_rate_hz,
        signal.sample_count,
        signal.channels,
        summaries,
    )


def _write(signal: Signal, path: Path) -> tuple[str, tuple[WaveformSummary | None, ...]]:
    """Write the file; the hash of its content, and what its channels amount to."""
    if signal.samples.size < LEAST_BESIDE:
        write_recording(signal, path)
        return content_hash(signal), _summaries(signal)
    with ThreadPoolExecutor(1) as beside:
        # Hashing takes a fifth of the time of packing and needs no lock that packing holds.
        hashed = beside.submit(content_hash, signal)
        measured = beside.submit(_summaries, signal)
        write_recording(signal, path)
        return hashed.result(), measured.result()


def _summaries(signal: Signal) -> tuple[WaveformSummary | None, ...]:
    found = []
    for row in signal.samples:
        running = RunningSummary()
        for start in range(0, row.size, BLOCK):
            running.add(row[start : start + BLOCK])
        found.append(running.summary())
    return tuple(found)
