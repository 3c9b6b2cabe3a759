from __future__ import annotations

import numpy as np
import pytest

from diagnostics.features.registry import FEATURES
from diagnostics.signals.signal import Channel, Signal, Unit
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signal_service import SignalService
from tests import factories

RATE_HZ = 1_000.0
SINE = 3 * np.sin(2 * np.pi * 50 * np.arange(2_000) / RATE_HZ)


def test_the_transform_shows_the_amplitude_at_its_frequency(analyst):
    frequencies, magnitudes = SignalService.compute_fft(SINE, RATE_HZ)
    assert frequencies[magnitudes.argmax()] == 50
    assert magnitudes.max() == pytest.approx(3)


def test_the_spectrogram_has_the_shape_that_the_reference_names(analyst):
    f, t, sxx = SignalService.compute_spectrogram(SINE, RATE_HZ, nperseg=200)
    assert sxx.shape == (f.size, t.size) == (101, 19)


def test_the_features_have_the_names_of_the_reference(analyst):
    features = SignalService.extract_basic_features(SINE.tolist(), RATE_HZ)
    assert set(features) == {
        *("rms", "kurtosis", "skewness", "peak_value", "mean", "std"),
        *("dominant_frequency", "spectral_centroid"),
    }
    assert features["rms"] == pytest.approx(3 / 2**0.5)
    assert features["dominant_frequency"] == 50


@pytest.mark.parametrize("samples", [[], [1.0] * 5, [np.nan] * 50])
def test_refuses_what_cannot_be_computed(analyst, samples):
    for compute in (
        SignalService.compute_fft,
        SignalService.compute_spectrogram,
        SignalService.extract_basic_features,
    ):
        with pytest.raises(Invalid):
            compute(np.array(samples), RATE_HZ)


def test_a_recording_comes_with_its_samples_and_the_features_of_each_channel(analyst):
    channels = (Channel("x", Unit.ACCELERATION_G), Channel("y", Unit.VELOCITY))
    signal = Signal(np.stack([SINE, 2 * SINE]), RATE_HZ, channels)
    with unit_of_work() as session:
        recording = factories.recording(session, signal, speed_rpm=1_800.0)
        factories.version(session, {recording.id: "IR"}, recording.dataset_id)
        newer = {"number": 2, "reason": "relabelled"}
        factories.version(session, {recording.id: "OR"}, recording.dataset_id, **newer)
        place = recording.dataset_id, recording.id
    known = SignalService.get_signal_with_features(*place)
    np.testing.assert_array_equal(known["signal"], signal.samples)
    assert (known["fs"], known["label"], known["speed_rpm"]) == (RATE_HZ, "OR", 1_800)
    assert [one["unit"] for one in known["channels"]] == ["g", "mm/s"]
    assert set(known["channels"][1]["features"]) == {f.name for f in FEATURES}
    assert known["channels"][1]["features"]["peak_value"] == pytest.approx(6, rel=1e-3)


def test_a_recording_of_another_data_set_is_not_found(analyst):
    with unit_of_work() as session:
        recording = factories.recording(session)
        other = factories.dataset(session).id
        recording_id = recording.id
    for place in ((other, recording_id), (other, 999)):
        with pytest.raises(NotFound):
            SignalService.get_signal_with_features(*place)
