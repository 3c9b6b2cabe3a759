"""The contract that every importer keeps, and how proposals become signals."""

from __future__ import annotations

import zipfile
from contextlib import nullcontext, suppress
from dataclasses import replace

import numpy as np
import pytest

from diagnostics.errors import FileFormatError, SignalError
from diagnostics.importers.choices import Choices, override
from diagnostics.importers.contents import Limits
from diagnostics.importers.registry import (
    IMPORTERS,
    companions_of,
    importer_for,
    inspect,
    open_file,
    read,
    with_warnings,
)
from diagnostics.signals.quality import Problem
from diagnostics.signals.signal import Unit
from tests.unit.diagnostics.importers.files import COUNT, waves, write

SUFFIXES = [suffix for importer in IMPORTERS for suffix in importer.suffixes]
ENDINGS = [*SUFFIXES, ".73.mat"]
DECLARE_RATE = (".wav", ".flac", ".uff", ".unv")
TYPED = Choices(sample_rate_hz=1000.0, unit=Unit.ACCELERATION_G)


@pytest.fixture(params=ENDINGS)
def file(request, tmp_path):
    return write(tmp_path / f"pump{request.param}", waves())


def signals(path, **options):
    """Everything that a file gives."""
    opened = open_file(path, path.name, **options)
    return [
        opened.signal(override(recording, TYPED, path.name))
        for recording in opened.preview.recordings
    ]


def test_finds_every_sample_and_reads_it_back(file):
    rows = [row for signal in signals(file) for row in signal.samples]
    steps = 2.0**-23 if file.suffix == ".flac" else 0  # it holds no finer ones
    np.testing.assert_allclose(np.stack(rows), list(waves().values()), rtol=0, atol=steps)


def test_asks_for_rate_and_unit_and_assumes_neither(file):
    opened = open_file(file, file.name)
    for recording in opened.preview.recordings:
        if file.suffix in DECLARE_RATE:
            assert (recording.missing, recording.sample_rate_hz.value) == (("unit",), 1000)
        else:
            assert recording.missing == ("sample_rate_hz", "unit")
            with pytest.raises(FileFormatError, match="sampling rate is not in the file"):
                opened.signal(recording)
        with pytest.raises(FileFormatError, match=r"unit of .* is not in the file"):
            opened.signal(override(recording, replace(TYPED, unit=None), file.name))


def test_read_needs_no_preview_of_its_own(file):
    recording = override(inspect(file, file.name).recordings[0], TYPED, file.name)
    signal = read(file, file.name, recording)
    assert (signal.sample_count, signal.sample_rate_hz) == (COUNT, 1000.0)


def test_channels_chosen_anew_are_not_those_that_were_checked(tmp_path):
    file = write(tmp_path / "a.csv", waves())
    opened = open_file(file, file.name)
    recording = override(opened.preview.recordings[0], TYPED, file.name)
    turned = replace(recording, channels=recording.channels[::-1])
    np.testing.assert_array_equal(
        opened.signal(turned).samples, opened.signal(recording).samples[::-1]
    )


def test_refuses_an_empty_file(file):
    file.write_bytes(b"")
    with pytest.raises(FileFormatError, match="empty"):
        inspect(file, file.name)


def test_refuses_more_than_the_limits(file):
    with pytest.raises(FileFormatError, match="at most"):
        signals(file, limits=Limits(bytes=2000))
    with pytest.raises(FileFormatError, match="at most"):
        inspect(file, file.name, limits=Limits(file_bytes=1000, bytes=1000))


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.99])
def test_says_when_a_file_is_cut_off(file, kept):
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content))])
    # Half a table is a table, and half a TDMS file is what a logger leaves that lost its power.
    may_be_half = importer_for(file.name).name in ("table", "tdms")
    refused = nullcontext() if may_be_half else pytest.raises(FileFormatError, match=r"\.$")
    with refused, suppress(FileFormatError) if may_be_half else nullcontext():
        signals(file)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "content",
    [b"\x89HDF\r\n\x1a\n" + bytes(600), b"%PDF-1.7\n" * 40, b"PK\x05\x06" + bytes(18), bytes(999)],
    ids=["hdf5", "pdf", "empty zip", "zeros"],
)
def test_refuses_another_kind_behind_the_right_name(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        inspect(path, path.name)


def test_unknown_endings_are_named():
    with pytest.raises(FileFormatError, match=r"end in \.exe are not read; \.mat"):
        importer_for("virus.exe")
    with pytest.raises(FileFormatError, match="end in nothing"):
        importer_for(".profile")


def test_unknown_profiles_are_named(file):
    with pytest.raises(FileFormatError, match="no profile x; choose one of "):
        inspect(file, file.name, profile="x")


def test_samples_that_are_not_finite_warn_and_are_not_read(tmp_path):
    values = waves()
    values["one"][7:9] = np.nan
    path = write(tmp_path / "a.mat", values)
    opened = open_file(path, path.name)
    (recording,) = opened.preview.recordings
    assert [(w.problem, w.value) for w in recording.warnings] == [(Problem.MISSING_VALUES, 2)]
    with pytest.raises(SignalError, match="2 of 400 samples of the channel one"):
        opened.signal(override(recording, TYPED, path.name))


def test_warnings_follow_rate_and_speed(tmp_path):
    path = write(tmp_path / "a.csv", waves())
    (recording,) = inspect(path, path.name).recordings
    slow = override(recording, Choices(sample_rate_hz=1.0), path.name)
    assert {w.problem for w in with_warnings(slow).warnings} == {Problem.NO_SPEED, Problem.RATE}


def test_companions_stand_beside_their_file():
    assert companions_of("x.csv", ["x.csv", "x.npz"]) == []
    assert companions_of("x.mat", ["x.csv"]) == []  # the same recording as text, perhaps
    assert companions_of("a/x.npz", ["a/x.csv", "x.csv", "a/x.tsv"]) == ["a/x.csv", "a/x.tsv"]


def test_nothing_in_an_archive_leaves_it(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, good=np.ones(20))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../outside.npy", (path.parent / "a.npz").read_bytes()[:0])
    with pytest.raises(FileFormatError):
        inspect(path, path.name)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]
