from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.signal import Channel, Signal, Unit, single_channel

TWO = (Channel("drive end", Unit.ACCELERATION_G), Channel("fan end", Unit.VELOCITY))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keeps_samples_as_they_are(dtype):
    samples = np.arange(8, dtype=dtype).reshape(2, 4)
    signal = Signal(samples, 2.0, TWO)
    assert signal.samples is samples
    assert (signal.channel_count, signal.sample_count, signal.duration_s) == (2, 4, 2.0)


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        (np.ones(4), 1.0, "shape"),
        (np.ones((2, 0)), 1.0, "shape"),
        (np.ones((2, 4), dtype=np.int16), 1.0, "int16"),
        (np.ones((3, 4)), 1.0, "3 rows but 2 channels"),
        (np.array([[1.0, 2.0], [np.nan, np.inf]]), 1.0, "2 of 2 samples of the channel fan end"),
        (np.ones((2, 4)), 0.0, "above 0 Hz"),
        (np.ones((2, 4)), float("inf"), "above 0 Hz"),
    ],
)
def test_refuses_what_is_no_signal(samples, rate, said):
    with pytest.raises(SignalError, match=said):
        Signal(samples, rate, TWO)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "")])
def test_channels_can_be_told_apart(names):
    channels = tuple(Channel(name, Unit.VOLTAGE) for name in names)
    with pytest.raises(SignalError, match="name of its own"):
        Signal(np.ones((2, 4)), 1.0, channels)


def test_single_channel_needs_one_row():
    with pytest.raises(SignalError):
        single_channel(np.ones((1, 4)), 1.0, Unit.PRESSURE)
