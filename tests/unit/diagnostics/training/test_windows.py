"""Windows lie inside one recording each, and are read when they are needed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from diagnostics.errors import TrainingError
from diagnostics.signals.recording_file import write_recording
from diagnostics.signals.signal import Channel, Signal, Unit
from diagnostics.training.split import Candidate, Side
from diagnostics.training.windows import OPEN_FILES, reading, refuse_same_samples, windows_of

SIGNALS = {
    n: np.random.default_rng(n).normal(size=(2, 4000 + 500 * n)).astype(np.float32)
    for n in range(3)
}


def read(recording_id, channel, start, stop):
    return SIGNALS[recording_id][channel, start:stop]


def candidates(rate=12_000.0):
    return [
        Candidate(n, f"r{n}", "AB"[n % 2], str(n), s.shape[1], rate) for n, s in SIGNALS.items()
    ]


def windows(rate=12_000.0, of=12_000.0, reader=read, **given):
    chosen = {"channels": (1, 0), "window": 1024, "hop": 1000, **given}
    return windows_of(candidates(of), ("A", "B"), reader, sample_rate_hz=rate, **chosen)


def test_every_window_is_a_stretch_of_one_recording():
    found = windows()
    assert found.owner.tolist() == [0] * 3 + [1] * 4 + [2] * 4
    assert found.start.tolist() == [0, 1000, 2000, *[0, 1000, 2000, 3000] * 2]
    assert found.targets.tolist() == [0] * 3 + [1] * 4 + [0] * 4
    for row, got in enumerate(found.read(np.arange(len(found)))):
        start, samples = found.start[row], SIGNALS[int(found.owner[row])]
        np.testing.assert_array_equal(got, samples[[1, 0], start : start + 1024])


@pytest.mark.parametrize("of", [12_000.0, 36_000.0])
def test_all_at_once_equals_one_by_one(of):
    found = windows(of=of, hop=100)
    np.testing.assert_array_equal(found.read_all(), found.read(np.arange(len(found))))
    assert found.nbytes == found.read_all().nbytes


def test_recordings_with_another_rate_are_resampled():
    found = windows(of=24_000.0, channels=(0,))
    expected = resample_poly(SIGNALS[1][0].astype(float), 1, 2)[1000:2024]
    row = int(np.flatnonzero((found.owner == 1) & (found.start == 1000))[0])
    np.testing.assert_allclose(found.read([row])[0, 0], expected, atol=1e-5)


def test_a_window_longer_than_every_recording_is_refused():
    with pytest.raises(TrainingError, match="as long as one window of 8192 samples at 12000 Hz"):
        windows(window=8192, hop=8192)


def test_an_unknown_class_is_marked():
    found = windows_of(
        candidates(), ("B",), read, channels=(0,), window=1024, hop=1024, sample_rate_hz=12_000.0
    )
    assert set(found.targets[found.owner == 0].tolist()) == {-1}


def test_stored_recordings_are_read_with_few_open_files(tmp_path):
    count = OPEN_FILES + 3
    channels = (Channel("drive end", Unit.ACCELERATION_G),)
    paths = {n: tmp_path / f"{n}.h5" for n in range(count)}
    for n, path in paths.items():
        write_recording(Signal(np.arange(n, n + 50.0)[None], 100.0, channels), path)
    with reading(paths) as reader:
        twice = [reader(n, 0, 10, 12).tolist() for n in [*range(count), *range(count)]]
    assert twice == [[n + 10, n + 11] for n in [*range(count), *range(count)]]


def one_each(first, second):
    """Two recordings on two sides."""

    def windows_with(number, samples):
        recording = Candidate(number, f"r{number}", "A", str(number), samples.size, 1000.0)
        return windows_of(
            [recording],
            ("A",),
            lambda _id, _channel, start, stop: samples[start:stop],
            channels=[0],
            window=1024,
            hop=512,
            sample_rate_hz=1000.0,
        )

    return {Side.TRAIN: windows_with(1, first), Side.TEST: windows_with(2, second)}


def test_a_copy_that_was_cut_and_stored_otherwise_is_found():
    samples = np.random.default_rng(8).normal(size=5000).astype(np.float32)
    with pytest.raises(TrainingError, match="“r1” in training and “r2” in test begin with"):
        refuse_same_samples(one_each(samples, samples[:2000].astype(np.float64)))


def test_other_samples_and_dead_sensors_are_no_copies():
    rng = np.random.default_rng(9)
    refuse_same_samples(one_each(rng.normal(size=2000), rng.normal(size=2000)))
    refuse_same_samples(one_each(np.zeros(2000), np.zeros(2000)))
