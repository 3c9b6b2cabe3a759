"""Columns of a stored set: computed again of windows, looked up, scaled, kept in a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.classical.column_leakage import Selected, check_columns, check_selection
from diagnostics.classical.columns import Columns, Recipe, StoredColumns, fit_columns
from diagnostics.classical.fit import fit
from diagnostics.classical.fitted import load_estimator
from diagnostics.errors import TrainingError
from diagnostics.features.table_file import Origin, open_table, writing_table
from diagnostics.training.leakage import Finding
from diagnostics.training.split import Candidate
from tests.unit.diagnostics.classical.kept import config, rewrite
from tests.unit.diagnostics.training.toy import CLASSES, toy_windows

KEYS = ("RMS@1", "Kurtosis@1", "Harmonic2X1X@1")
RECIPE = Recipe(KEYS)
RATE_HZ = 10_000.0


@pytest.fixture
def windows():
    return toy_windows(0)


def turning(windows, shaft_hz=50.0):
    """The same windows of recordings whose speed is known."""
    return replace(
        windows, recordings=tuple(replace(one, shaft_hz=shaft_hz) for one in windows.recordings)
    )


@pytest.fixture
def stored(windows, tmp_path):
    """A table as an extraction writes it; its rows in the opposite order of the recordings."""
    path = tmp_path / "table.h5"
    with writing_table(path, KEYS, ["g", "", ""]) as table:
        for place in reversed(range(len(windows.recordings))):
            rows = np.flatnonzero(windows.owner == place)
            one = windows.recordings[place]
            values = RECIPE.compute(windows.read(rows), windows.sample_rate_hz)
            starts = windows.start[rows]
            times = starts / windows.sample_rate_hz
            about = Origin(one.recording_id, one.name, one.target, one.group)
            table.add(about, values, starts, times, times + 0.1)
        table.finish({})
    with open_table(path) as table:
        yield StoredColumns(table, RECIPE)


def test_the_level_is_that_of_the_samples_and_the_speed_that_of_each_recording():
    time_s = np.arange(4096) / RATE_HZ
    wave = np.sin(2 * np.pi * 50 * time_s) + 0.5 * np.sin(2 * np.pi * 100 * time_s)
    given = np.stack([wave, wave, wave])[:, None, :]
    slow = Candidate(1, "slow", "a", "g", 4096, RATE_HZ, shaft_hz=50.0)
    unknown = replace(slow, recording_id=2, shaft_hz=None)
    found = RECIPE.compute(given, RATE_HZ, [slow, unknown, slow])
    assert found[:, 0] == pytest.approx(np.sqrt(0.5 + 0.125), rel=1e-2)
    assert np.isnan(found[:, 2]).tolist() == [False, True, False]
    assert found[0, 2] == pytest.approx(0.5, rel=0.1)
    assert np.isnan(RECIPE.compute(given, RATE_HZ)[:, 2]).all()


def test_the_envelope_is_taken_in_the_band_of_the_set():
    noise = np.random.default_rng(0).normal(size=(1, 1, 4096))
    wide, narrow = Recipe(("EnvelopeRMS@1",)), Recipe(("EnvelopeRMS@1",), (1000.0, 1200.0))
    assert wide.compute(noise, RATE_HZ)[0, 0] > 2 * narrow.compute(noise, RATE_HZ)[0, 0]


@pytest.mark.parametrize("key", ["RMS@9", "Nothing@1"])
def test_a_feature_of_another_version_is_refused(key):
    with pytest.raises(TrainingError, match=r"version|no feature"):
        Recipe((key,)).compute(np.ones((1, 1, 512)), RATE_HZ)


def test_rows_are_found_by_recording_and_place(stored, windows):
    picked = replace(
        windows,
        owner=windows.owner[::-3],
        start=windows.start[::-3],
        targets=windows.targets[::-3],
    )
    places = np.arange(len(windows))[::-3]
    wanted = RECIPE.compute(windows.read(places), windows.sample_rate_hz)
    np.testing.assert_allclose(stored.values(picked), wanted)


def test_a_window_that_is_not_in_the_table_is_named(stored, windows):
    for start in (windows.start[0] + 1, windows.start.max() + 512):
        moved = replace(windows, start=np.full(len(windows), start))
        with pytest.raises(TrainingError, match="Extract the features again"):
            stored.values(moved)


def test_unknown_numbers_become_the_median_of_the_training_part():
    training = np.array([[1.0, np.nan], [2.0, np.nan], [9.0, np.nan], [np.nan, np.nan]])
    columns = fit_columns(Recipe(KEYS[:2]), training)
    assert (columns.median, columns.mean[1], columns.deviation[1]) == ((2.0, 0.0), 0.0, 1.0)
    assert columns.mean[0] == pytest.approx(np.mean([1, 2, 9, 2]))
    scaled = columns.scaled(np.array([[np.nan, np.inf], [9.0, 3.0]]))
    assert scaled[0, 0] == pytest.approx((2.0 - 3.5) / np.std([1, 2, 9, 2]))
    assert scaled[:, 1].tolist() == [0.0, 3.0]
    assert Columns.from_dict(columns.to_dict()) == columns


@pytest.fixture
def fitted(windows, stored):
    return fit(config("random_forest", feature_set="f" * 64), CLASSES, windows, stored=stored)


def test_it_is_kept_with_its_columns(fitted, windows, tmp_path):
    fitted.save(tmp_path / "c.skops")
    again = load_estimator(tmp_path / "c.skops")
    assert again.feature_names == KEYS
    given = windows.read(np.arange(len(windows)))
    found = again.probabilities(given, windows.recordings_of(np.arange(len(windows))))
    np.testing.assert_array_equal(found, fitted.probabilities(given))
    assert (found.argmax(axis=1) == windows.targets).mean() > 0.9


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"keys": ["RMS@1", "Kurtosis@1", "Skewness@1"]}, "other versions"),
        ({"deviation": [1.0, 0.0, 1.0]}, "broken"),
        ({"median": [1.0]}, "broken"),
        ({"mean": [1.0, None, 1.0]}, "broken"),
    ],
)
def test_a_file_with_other_columns_is_refused(fitted, tmp_path, changes, told):
    path = tmp_path / "c.skops"
    fitted.save(path)
    rewrite(path, columns={**fitted.columns.to_dict(), **changes})
    with pytest.raises(TrainingError, match=told):
        load_estimator(path)


def test_a_set_and_a_config_belong_together(windows, stored):
    for given, table in (("", stored), ("f" * 64, None)):
        with pytest.raises(TrainingError, match="if the config names one"):
            fit(config("svm", feature_set=given), CLASSES, windows, stored=table)


def test_the_guard_sees_scaling_by_other_windows_and_numbers_that_changed(stored, windows):
    columns = fit_columns(RECIPE, stored.values(windows))
    assert check_columns(columns, stored, windows).finding is Finding.CLEAR
    half = replace(
        windows, owner=windows.owner[:8], start=windows.start[:8], targets=windows.targets[:8]
    )
    assert check_columns(columns, stored, half).finding is Finding.LEAK
    # Somebody entered the speed after the extraction.
    changed = check_columns(columns, stored, turning(windows))
    assert (changed.finding, KEYS[2] in changed.sentence) == (Finding.SUSPECT, True)


def test_the_guard_sees_who_chose_the_columns():
    test = [Candidate(n, f"r{n}", "a", "g", 4096, RATE_HZ) for n in (1, 2)]
    assert check_selection(None, test).finding is Finding.CLEAR
    assert check_selection(Selected(("mrmr",), frozenset({3})), test).finding is Finding.CLEAR
    leak = check_selection(Selected(("variance", "rfe"), frozenset({2, 3})), test)
    assert (leak.finding, leak.value, leak.places) == (Finding.LEAK, 1.0, ("r2",))
    variance = check_selection(Selected(("variance",), frozenset({2})), test)
    assert variance.finding is Finding.SUSPECT
    assert check_selection(Selected(("mrmr",), None), test).finding is Finding.SUSPECT
