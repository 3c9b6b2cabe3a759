from __future__ import annotations

import zlib

import h5py
import numpy as np
import pytest

from diagnostics.errors import FileFormatError, SignalError
from diagnostics.signals.recording_file import (
    CELL,
    CHUNK,
    STORAGE,
    content_hash,
    open_recording,
    write_recording,
)
from diagnostics.signals.signal import Channel, Signal, Unit, single_channel

TWO = (Channel("drive end", Unit.ACCELERATION_G), Channel("Lüfter", Unit.VELOCITY))
COUNT = 40 * CELL * 17 + 5  # ends within a cell of every level


@pytest.fixture(scope="module")
def signal():
    samples = np.random.default_rng(3).normal(size=(2, COUNT))
    samples[0, 12_345] = 50.0  # one spike
    return Signal(samples, 12_000.0, TWO)


@pytest.fixture(scope="module")
def path(signal, tmp_path_factory):
    path = tmp_path_factory.mktemp("recordings") / "a.h5"
    write_recording(signal, path)
    return path


def test_gives_back_what_it_got(signal, path):
    with open_recording(path) as recording:
        back = recording.read_all()
        assert (recording.sample_count, recording.dtype) == (COUNT, np.float64)
        np.testing.assert_array_equal(recording.read(1, 100, 200), signal.samples[1, 100:200])
        assert recording.read(0, COUNT - 3, COUNT + 9).size == 3
    np.testing.assert_array_equal(back.samples, signal.samples)
    assert (back.sample_rate_hz, back.channels) == (12_000.0, TWO)
    assert content_hash(back) == content_hash(signal)


def test_keeps_single_precision(tmp_path):
    write_recording(single_channel(np.ones(3, np.float32), 1.0, Unit.VOLTAGE), tmp_path / "s.h5")
    with open_recording(tmp_path / "s.h5") as recording:
        assert recording.read_all().samples.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [5, CHUNK - 1, CHUNK, 2 * CHUNK + 1])
def test_chunks_are_as_hdf5_itself_packs_them(tmp_path, dtype, count):
    samples = np.random.default_rng(4).normal(size=(2, count)).round(2).astype(dtype)
    write_recording(Signal(samples, 12_000.0, TWO), tmp_path / "ours.h5")
    with h5py.File(tmp_path / "theirs.h5", "w") as file:
        chunks = (1, min(CHUNK, count))
        theirs = file.create_dataset("samples", data=samples, chunks=chunks, **STORAGE)
        with h5py.File(tmp_path / "ours.h5") as other:
            ours = other["samples"]
            assert (ours.compression, ours.shuffle) == (theirs.compression, theirs.shuffle)
            np.testing.assert_array_equal(ours[:], samples)
            for at in range(theirs.id.get_num_chunks()):
                offset = theirs.id.get_chunk_info(at).chunk_offset
                plain = [
                    zlib.decompress(one.id.read_direct_chunk(offset)[1]) for one in (ours, theirs)
                ]
                assert plain[0] == plain[1]


def test_same_signal_same_file(signal, path, tmp_path):
    write_recording(signal, tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == path.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["again.h5"]


def test_hash_tells_signals_apart(signal):
    one = single_channel(np.ones(8), 10.0, Unit.VELOCITY)
    others = [
        one,
        single_channel(np.ones(8, np.float32), 10.0, Unit.VELOCITY),
        single_channel(np.ones(8), 10.5, Unit.VELOCITY),
        single_channel(np.ones(8), 10.0, Unit.VOLTAGE),
        single_channel(np.ones(8), 10.0, Unit.VELOCITY, "x"),
        single_channel(np.ones(9), 10.0, Unit.VELOCITY),
        Signal(np.ones((2, 4)), 10.0, (Channel("signal", Unit.VELOCITY), TWO[0])),
    ]
    assert len({content_hash(other) for other in others}) == len(others)
    transposed = Signal(signal.samples.T.copy().T, 12_000.0, TWO)
    assert content_hash(transposed) == content_hash(signal)


@pytest.mark.parametrize("seed", range(60))
def test_envelope_is_exact_for_every_range(signal, path, seed):
    random = np.random.default_rng(seed)
    span = int(10 ** random.uniform(0, np.log10(COUNT)))
    start = int(random.integers(0, COUNT - span + 1)) if seed % 3 else COUNT - span
    points = int(random.integers(1, 300))
    with open_recording(path) as recording:
        view = recording.envelope(0, start, start + span, points)
    edges = np.r_[view.first_sample, start + span]
    assert edges[0] == start
    assert (np.diff(edges) > 0).all()
    assert len(view.minimum) <= points
    for lower, upper, low, high in zip(edges, edges[1:], view.minimum, view.maximum, strict=False):
        assert low == signal.samples[0, lower:upper].min()
        assert high == signal.samples[0, lower:upper].max()


def test_few_samples_are_shown_as_they_are(signal, path):
    with open_recording(path) as recording:
        view = recording.envelope(1, 10, 20, 1_000)
    np.testing.assert_array_equal(view.minimum, signal.samples[1, 10:20])
    np.testing.assert_array_equal(view.maximum, view.minimum)
    np.testing.assert_array_equal(view.first_sample, np.arange(10, 20))


@pytest.mark.parametrize(("channel", "start"), [(2, 0), (-1, 0), (0, COUNT)])
def test_refuses_what_is_not_there(path, channel, start):
    with open_recording(path) as recording:
        with pytest.raises(SignalError):
            recording.read(channel, start, start + 10)
        with pytest.raises(SignalError):
            recording.envelope(channel, start, start + 10, 5)


def test_refuses_other_files(tmp_path):
    (tmp_path / "text.h5").write_text("no")
    h5py.File(tmp_path / "other.h5", "w").close()
    for name in ("text.h5", "other.h5", "absent.h5"):
        with pytest.raises(FileFormatError), open_recording(tmp_path / name):
            pass


def test_nothing_stays_behind_when_writing_fails(signal, tmp_path):
    with pytest.raises(FileNotFoundError):
        write_recording(signal, tmp_path / "no folder" / "a.h5")
    (tmp_path / "taken.h5").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_recording(signal, tmp_path / "taken.h5")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.h5"]
