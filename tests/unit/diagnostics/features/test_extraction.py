from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from diagnostics.errors import FeatureError, SignalError
from diagnostics.features import extraction
from diagnostics.features.batch import Context
from diagnostics.features.catalogue import features_of
from diagnostics.features.extraction import (
    WindowBlock,
    extract,
    extract_features,
    extract_stream,
    unknown,
)

RATE_HZ = 8_000.0
NOISE = np.random.default_rng(0).normal(size=(7, 2_048))


def test_the_blocks_make_no_difference(monkeypatch):
    context = Context(shaft_hz=np.linspace(20, 26, 7))
    whole = extract(NOISE, RATE_HZ, ["all", "order"], context)
    monkeypatch.setattr(extraction, "AT_ONCE", 2 * 2_048)
    parts = extract(NOISE, RATE_HZ, ["all", "order"], context)
    np.testing.assert_allclose(parts, whole, rtol=1e-9)


def test_a_broken_window_is_nan_in_every_column_and_alone():
    spoilt = NOISE.copy()
    spoilt[2, 100], spoilt[5, 0] = np.nan, np.inf
    expected, found = (extract(given, RATE_HZ, ["time", "wavelet"]) for given in (NOISE, spoilt))
    assert np.isnan(found[[2, 5]]).all()
    kept = [0, 1, 3, 4, 6]
    np.testing.assert_allclose(found[kept], expected[kept], rtol=1e-12)


def test_it_does_not_change_what_it_was_given():
    given = NOISE.copy()
    extract(given, RATE_HZ)
    np.testing.assert_array_equal(given, NOISE)


def test_no_windows_give_no_rows():
    assert extract(NOISE[:0], RATE_HZ, "time").shape == (0, len(features_of("time")))


def test_a_stream_takes_each_recording_as_it_is():
    blocks = [
        WindowBlock(NOISE[:3], RATE_HZ),
        WindowBlock(NOISE[3:, :1_024].astype(np.float32), 2 * RATE_HZ, Context(25.0)),
    ]
    features = features_of(["frequency"])
    tables = list(extract_stream(iter(blocks), features))
    assert [len(table) for table in tables] == [3, 4]
    expected = extract_features(blocks[1].samples, 2 * RATE_HZ, features, Context(25.0))
    np.testing.assert_array_equal(tables[1], expected)


def test_a_stream_needs_no_more_memory_when_it_is_longer():
    features = features_of(["time", "frequency", "envelope"])

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in extract_stream((WindowBlock(NOISE, RATE_HZ) for _ in range(count)), features):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(1)
    assert peak(8) < 1.1 * peak(2)


def test_it_says_why_numbers_are_missing():
    features = features_of(["all", "order"])
    why = unknown(features, RATE_HZ, Context())
    table = extract(NOISE, RATE_HZ, ["all", "order"])
    empty = {f.name for f, column in zip(features, table.T, strict=True) if np.isnan(column).all()}
    assert set(why) == empty
    assert why["Harmonic2X1X"] == "The speed of the shaft is not known."
    why = unknown(features, RATE_HZ, Context(shaft_hz=25.0))
    assert why["BPFOEnergy_H1"] == "The bearing is not known."
    assert "ShaftEnergy_1X" not in why


def test_what_does_not_fit_is_refused():
    with pytest.raises(SignalError, match="1024 samples"):
        extract(NOISE[:, :600], RATE_HZ)
    with pytest.raises(SignalError, match="one speed for each of 7"):
        extract(NOISE, RATE_HZ, "time", Context(shaft_hz=np.ones(3)))
    with pytest.raises(FeatureError, match="no domain"):
        extract(NOISE, RATE_HZ, "quantum")
