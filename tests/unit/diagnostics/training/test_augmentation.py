from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import TrainingError
from diagnostics.training.augmentation import Augmentation


def windows(count: int = 200, channels: int = 2, length: int = 1_000) -> np.ndarray:
    rng = np.random.default_rng(1)
    return (3 + rng.normal(size=(count, channels, length))).astype(np.float32)


def changed(given: np.ndarray, seed: int = 0, **chosen) -> np.ndarray:
    before = given.copy()
    found = Augmentation(**chosen).apply(given, np.random.default_rng(seed))
    np.testing.assert_array_equal(given, before)  # the windows themselves stay as they are
    assert found.shape == given.shape
    assert found.dtype == np.float32
    return found


def test_noise_has_the_ratio_that_is_asked_for():
    given = windows()
    noise = changed(given, noise_snr_db=(10.0, 10.0)) - given
    ratios_db = 20 * np.log10(given.std(axis=2) / noise.std(axis=2))
    np.testing.assert_allclose(ratios_db, 10, atol=0.8)
    spread = changed(given, noise_snr_db=(0.0, 20.0)) - given
    ratios_db = 20 * np.log10(given.std(axis=2) / spread.std(axis=2))
    assert ratios_db.min() == pytest.approx(0, abs=1.5)
    assert ratios_db.max() == pytest.approx(20, abs=1.5)


def test_gain_is_the_same_for_all_channels_and_within_its_bounds():
    given = windows()
    gains_db = 20 * np.log10(changed(given, gain_db=6.0) / given)
    assert np.ptp(gains_db, axis=(1, 2)).max() < 1e-3
    assert (np.abs(gains_db) < 6.001).all()
    assert gains_db.min() < -5
    assert gains_db.max() > 5


def test_a_shift_turns_all_channels_by_the_same_samples():
    given = windows(50)
    found = changed(given, shift=0.1)
    for before, after in zip(given, found, strict=True):
        steps = [s for s in range(-100, 101) if np.array_equal(np.roll(before, s, axis=1), after)]
        assert len(steps) == 1
    np.testing.assert_array_equal(np.sort(found, axis=2), np.sort(given, axis=2))


def test_polarity_changes_as_often_as_asked_for():
    given = windows(2_000, 1, 4)
    turned = (changed(given, polarity=0.3) == -given).all(axis=(1, 2))
    assert turned.mean() == pytest.approx(0.3, abs=0.04)
    np.testing.assert_array_equal(changed(given, polarity=1.0), -given)


def test_one_place_is_masked_by_the_mean():
    given = windows(100)
    found = changed(given, mask=0.2)
    for before, after in zip(given, found, strict=True):
        places = np.flatnonzero((before != after).any(axis=0))
        assert len(places) <= 200
        if len(places):
            assert np.ptp(places) == len(places) - 1
            np.testing.assert_allclose(
                after[:, places].mean(axis=1), before.mean(axis=1), rtol=1e-5
            )


def test_the_same_generator_gives_the_same_change():
    chosen = {"noise_snr_db": (5.0, 20.0), "gain_db": 3.0, "shift": 0.2, "mask": 0.1}
    np.testing.assert_array_equal(changed(windows(), 4, **chosen), changed(windows(), 4, **chosen))
    assert not np.array_equal(changed(windows(), 4, **chosen), changed(windows(), 5, **chosen))


def test_each_window_stays_the_larger_part_of_its_mixture():
    partners, kept = Augmentation(mixup=0.4).partners(500, np.random.default_rng(0))
    assert sorted(partners) == list(range(500))
    assert kept.min() >= 0.5
    assert kept.max() <= 1.0
    assert kept.dtype == np.float32


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"noise_snr_db": (10.0,)}, "needs the lowest and the highest"),
        ({"noise_snr_db": (20.0, 10.0)}, "must go up from -20 dB"),
        ({"noise_snr_db": (float("nan"), 10.0)}, "must go up from -20 dB"),
        ({"gain_db": 60.0}, "gain in dB must be from 0 to 40, got 60"),
        ({"shift": 0.7}, "must be from 0 to 0.5"),
        ({"polarity": -0.1}, "polarity must be from 0 to 1"),
        ({"mask": 0.6}, "masked part"),
        ({"mixup": float("nan")}, "mixup must be from 0 to 10"),
    ],
)
def test_what_is_out_of_bounds_is_refused(given, sentence):
    with pytest.raises(TrainingError, match=sentence):
        Augmentation(**given)
