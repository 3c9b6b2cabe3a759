"""A data set as one HDF5 file.

::

    /                      rotorscope_export = 1, dataset, version, content_hash
    /recordings/000001     name, label, machine, bearing, load, speed_rpm, speed_source,
                           origin, source_file, sample_rate_hz, content_hash
      samples              (channels, samples) float32 or float64; its attributes say
                           channels, units and sample_rate_hz
      attributes           a JSON object in one string: whatever else is known
      warnings             a JSON list in one string: what looked wrong

What is not known has no attribute. All text is UTF-8. Samples are packed with gzip after
shuffle, which every program that reads HDF5 unpacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from diagnostics.exporters.record import (
    JSON_TEXTS,
    Counter,
    ExportedDataset,
    ExportedRecording,
    Record,
    finished_file,
    to_json,
    to_plain,
)
from diagnostics.progress import Report, silent

MARK = "rotorscope_export"
FORMAT = 1


def write_hdf5(
    dataset: ExportedDataset,
    recordings: Iterable[ExportedRecording],
    path: Path,
    report: Report = silent,
) -> None:
    """Write the data set; the file appears when all of it is there.

    The packed samples are copied as they are stored, so that nothing is packed again and no
    recording has to fit into memory.

    Parameters
    ----------
    dataset : ExportedDataset
    recordings : iterable of ExportedRecording
    path : Path
        Ends in ``.h5``. A file of that name is replaced.
    report : callable, optional
        Told after each recording.
    """
    import h5py

    counter = Counter(dataset, report)
    with finished_file(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs[MARK] = FORMAT
        file.attrs["dataset"] = _text(dataset.name)
        file.attrs["version"] = dataset.version
        file.attrs["content_hash"] = dataset.content_hash
        parent = file.create_group("recordings", track_times=False)
        for number, exported in enumerate(recordings, start=1):
            group = parent.create_group(f"{number:06d}", track_times=False)
            with exported.open() as recording:
                recording.copy_samples(group, "samples")
            _describe(group, exported.record)
            counter.add(
                exported.record.sample_count * len(exported.record.channels), exported.record.name
            )


def _describe(group: Any, record: Record) -> None:
    import h5py

    group.attrs["name"] = _text(record.name)
    group.attrs["sample_rate_hz"] = float(record.sample_rate_hz)
    group.attrs["content_hash"] = record.content_hash
    for name, text in record.texts.items():
        group.attrs[name] = _text(text)
    if record.speed_rpm is not None:
        group.attrs["speed_rpm"] = float(record.speed_rpm)
    samples = group["samples"].attrs
    samples["sample_rate_hz"] = float(record.sample_rate_hz)
    strings = h5py.string_dtype()
    names = [_text(channel.name) for channel in record.channels]
    samples.create("channels", names, dtype=strings)
    samples.create("units", [channel.unit.value for channel in record.channels], dtype=strings)
    # No attributes of HDF5: those end at 64 KB.
    plain = to_plain(record)
    for name in JSON_TEXTS:
        group.create_dataset(name, data=to_json(plain[name]), dtype=strings, track_times=False)


def _text(text: str) -> str:
    """HDF5 ends a text at the first NUL, and h5py refuses one."""
    return text.replace("\0", "")
