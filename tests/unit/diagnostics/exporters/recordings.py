"""A data set to export: types, lengths, rates and names that differ, and odd ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from diagnostics.exporters.record import ExportedDataset, ExportedRecording, Record
from diagnostics.signals.recording_file import content_hash, open_recording, write_recording
from diagnostics.signals.signal import Channel, Signal, Unit

NAMES = ("pump/1", "=SUM(A1)", "水泵 №7 – Lärm", "x" * 200, "'quoted', \"twice\"\nand broken")


ATTRIBUTES = {"size_mil": 7.5, "count": 3, "note": "@x\ty" * 80, "flag": True}
WARNINGS = (
    {"code": "note", "message": "=odd, “really”", "channel": "drive end", "value": 0.1},
    {"code": "note", "message": "Look at it.", "channel": None, "value": None},
)


def signals() -> list[Signal]:
    rng = np.random.default_rng(5)
    g, velocity = Unit.ACCELERATION_G, Unit.VELOCITY
    two = (Channel("drive end", g), Channel('=fan; "end", µ', velocity))
    shapes = [(2, 3000), (1, 2048), (2, 17), (1, 16), (1, 1000)]
    made = []
    for number, (rows, count) in enumerate(shapes):
        samples = rng.normal(size=(rows, count)) * 10.0 ** rng.integers(-300, 300, (rows, count))
        kind = np.float32 if number % 2 else np.float64
        if kind is np.float32:
            samples = rng.normal(size=(rows, count))
        made.append(Signal(samples.astype(kind), 25_600 / (number + 0.7), two[:rows]))
    return made


def exported(folder: Path) -> tuple[ExportedDataset, list[ExportedRecording]]:
    recordings = []
    for number, (name, signal) in enumerate(zip(NAMES, signals(), strict=True)):
        path = folder / f"{number}.h5"
        write_recording(signal, path)
        odd = number % 2 == 1
        record = Record(
            name=name,
            sample_rate_hz=signal.sample_rate_hz,
            sample_count=signal.sample_count,
            channels=signal.channels,
            speed_rpm=1797.3 if odd else None,
            label="inner race" if odd else "",
            machine="=rig ✓" if odd else "",
            bearing="-6205/2" if odd else "",
            load="+3 hp" if odd else "",
            speed_source="nominal" if odd else "",
            origin="generated" if odd else "imported",
            source_file="a/b.mat",
            content_hash=content_hash(signal),
            attributes=ATTRIBUTES if odd else {},
            warnings=WARNINGS if odd else (),
        )
        recordings.append(ExportedRecording(record, partial(open_recording, path)))
    values = sum(s.samples.size for s in signals())
    return ExportedDataset("pumps ü", 3, "ab" * 32, len(recordings), values), recordings
