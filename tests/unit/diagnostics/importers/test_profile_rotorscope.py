"""What was exported and is read again is the same, to the last bit."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from diagnostics.errors import DiagnosticsError, FileFormatError
from diagnostics.exporters import csv_tables
from diagnostics.exporters.record import Record
from diagnostics.exporters.registry import FORMATS, find_format
from diagnostics.importers.archives import Archive
from diagnostics.importers.registry import OpenedFile, companions_of, inspect, open_file
from diagnostics.signals.recording_file import content_hash
from tests.unit.diagnostics.exporters.recordings import exported

NAMES = [one.name for one in FORMATS]


@pytest.fixture
def written(tmp_path):
    """``written(format)``: the file of an export and what is known of its recordings."""
    dataset, recordings = exported(tmp_path)

    def write(name: str) -> tuple[Path, list[Record]]:
        chosen = find_format(name)
        path = tmp_path / f"export-{name}{chosen.suffix}"
        chosen.write(dataset, recordings, path, lambda progress: None)
        return path, [one.record for one in recordings]

    return write


def files_of(path: Path) -> dict[str, Path]:
    """The file, or those of an archive, by the names under which they are imported."""
    if path.suffix != ".zip":
        return {path.name: path}
    found = {}
    with Archive(path) as archive:
        for number, member in enumerate(archive.members):
            assert not member.problem
            target = path.parent / f"member-{number}"
            archive.unpack(member.name, target)
            found[f"{path.name}/{member.name}"] = target
    return found


def opened(path: Path) -> list[OpenedFile]:
    files = files_of(path)
    described = {n: companions_of(n, list(files)) for n in files}
    tables = {name for names in described.values() for name in names}
    return [
        open_file(files[name], name, {c: files[c] for c in described[name]})
        for name in files
        if name not in tables
    ]


@pytest.mark.parametrize("name", NAMES)
def test_comes_back_as_it_was(written, name):
    path, records = written(name)
    pairs = [(file, one) for file in opened(path) for one in file.preview.recordings]
    assert {file.preview.profile for file, _ in pairs} == {"rotorscope"}
    assert len(pairs) == len(records)
    for record, (file, proposed) in zip(records, pairs, strict=True):
        assert proposed.title == record.name
        assert proposed.missing == ()
        assert content_hash(file.signal(proposed)) == record.content_hash
        facts = {key: fact.value for key, fact in proposed.facts.items()}
        expected = {"label", "machine", "bearing", "load", "origin"} & set(record.texts)
        assert facts.pop("speed_rpm", None) == record.speed_rpm
        assert facts == {key: record.texts[key] for key in expected}
        attributes = {key: value.value for key, value in proposed.attributes.items()}
        assert attributes == record.attributes
        told = [
            {"code": w.problem.value, "message": w.message, "channel": w.channel, "value": w.value}
            for w in proposed.warnings
        ]
        assert told[: len(record.warnings)] == list(record.warnings)
        if record.speed_rpm:
            assert proposed.facts["speed_rpm"].source.startswith("nominal")


def test_the_samples_of_a_table_can_be_read_without_the_other_one(written):
    path, _ = written("csv")
    name, member = next(iter(files_of(path).items()))
    file = open_file(member, name)
    (recording,) = file.preview.recordings
    assert file.preview.profile == "plain"
    assert [channel.unit.value for channel in recording.channels] == ["g", "mm/s"]
    assert recording.missing == ("sample_rate_hz",)


def test_a_corrected_label_in_the_table_counts(written, tmp_path):
    path, records = written("csv")
    files = files_of(path)
    table = next(p for n, p in files.items() if n.endswith(csv_tables.RECORDINGS))
    table.write_text(table.read_text().replace("inner race", "ball"))
    name = next(n for n in files if n.endswith("000002.csv"))
    (recording,) = inspect(files[name], name, {"x/recordings.csv": table}).recordings
    assert records[1].label == "inner race"
    assert recording.facts["label"].value == "ball"


def test_files_of_others_are_no_exports(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["recordings/000001/samples"] = np.ones((1, 100))
    assert inspect(path, path.name).profile == "plain"
    with pytest.raises(FileFormatError, match="no export"):
        inspect(path, path.name, profile="rotorscope")


def test_refuses_an_export_that_points_at_other_files(written):
    path, _ = written("hdf5")
    with h5py.File(path, "a") as file:
        del file["recordings/000002/samples"]
        file["recordings/000002/samples"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(FileFormatError, match=r"points at others|broken"):
        inspect(path, path.name)


@pytest.mark.parametrize(
    "change",
    [
        {"sample_rate_hz": "fast"},
        {"sample_rate_hz": float("nan")},
        {"name": ""},
        {"speed_rpm": float("inf")},
    ],
)
def test_refuses_numbers_that_cannot_be_meant(written, change):
    path, _ = written("hdf5")
    with h5py.File(path, "a") as file:
        file["recordings/000002"].attrs.update(change)
    with pytest.raises(FileFormatError, match="broken"):
        inspect(path, path.name)


def test_refuses_fewer_samples_than_it_says(written):
    path, _ = written("csv")
    files = files_of(path)
    name = next(n for n in files if n.endswith("000002.csv"))
    table = next(p for n, p in files.items() if n.endswith(csv_tables.RECORDINGS))
    table.write_text(table.read_text().replace(",2048,", ",2049,"))
    (recording,) = inspect(files[name], name, {"recordings.csv": table}).recordings
    assert recording.sample_count == 2048


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_export_is_read_or_refused(written, name, tmp_path):
    """Whatever a byte says: no other error than the one for people."""
    path, _ = written(name)
    files = files_of(path)
    rng = np.random.default_rng(11)
    for attempt in range(60):
        key = list(files)[attempt % len(files)]
        content = bytearray(files[key].read_bytes())
        for at in rng.integers(0, len(content), 4):
            content[at] = rng.integers(0, 256)
        if attempt % 3 == 0:
            content = content[: rng.integers(1, len(content))]
        broken = tmp_path / "changed"
        broken.write_bytes(content)
        others = {n: files[n] for n in companions_of(key, list(files))}
        try:
            file = open_file(broken, key, others)
            for recording in file.preview.recordings:
                if not recording.missing:
                    file.signal(recording)
        except DiagnosticsError:
            continue


def test_archives_are_plain_zip_files(written):
    path, _ = written("mat")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert all(info.filename.isascii() for info in archive.infolist())
