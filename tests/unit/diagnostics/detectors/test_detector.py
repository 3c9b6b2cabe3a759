"""Fitting, scoring in blocks, thresholds and the file of a detector."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from diagnostics.detectors import detector as module
from diagnostics.detectors.detector import FittedDetector, contributing, detect, fit_detector
from diagnostics.detectors.table import ArrayTable
from diagnostics.detectors.threshold import Policy
from diagnostics.errors import ConfigError, DetectionError
from tests.unit.diagnostics.detectors.toy import ODD, table, values


@pytest.fixture(scope="module")
def fitted():
    return fit_detector("pca", {}, table())


def test_rows_are_read_in_blocks(fitted, monkeypatch):
    whole = fitted.score(table())
    monkeypatch.setattr(module, "CELLS_AT_ONCE", 40)
    heard = []
    np.testing.assert_allclose(fitted.score(table(), heard.append), whole)
    assert [progress.done for progress in heard] == list(range(10, 301, 10))


def test_what_the_listener_raises_ends_the_work(fitted):
    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted.score(table(), stop)


def test_a_large_table_is_fitted_on_rows_drawn_from_it_and_scored_whole():
    many = np.random.default_rng(0).normal(size=(20_500, 2))
    many[20_400] = 40.0
    found = detect("knn", {}, ArrayTable.of_values(many))
    assert found.detector.fitted_rows == 20_000
    assert len(found.raw) == 20_500
    assert found.raw.argmax() == 20_400


def test_one_period_is_fitted_on_and_another_scored():
    good = ArrayTable.of_values(values(seed=5)[np.setdiff1d(np.arange(300), ODD)])
    other = ArrayTable.of_values(values(seed=6))
    found = detect("mcd", {}, other, fit_on=good)
    assert set(ODD) <= set(np.flatnonzero(found.flags))
    assert found.detector.fitted_rows == 295


def test_other_columns_are_refused_by_name(fitted):
    with pytest.raises(DetectionError, match="“heat” is missing"):
        fitted.score(ArrayTable.of_values(values()[:, :3], ["load", "speed", "torque"]))
    with pytest.raises(DetectionError, match="they are others"):
        fitted.score(ArrayTable.of_values(values(), ["speed", "load", "torque", "heat"]))


def test_rows_outside_the_table_are_refused(fitted):
    with pytest.raises(DetectionError, match="from 0 to 299"):
        fitted.contributions(table(), np.array([300]))


def test_rows_are_answered_in_the_order_asked_for(fitted):
    asked = fitted.contributions(table(), np.array([9, 3, 9]))
    np.testing.assert_array_equal(asked[0], asked[2])
    np.testing.assert_allclose(asked.sum(axis=1), fitted.score(table())[[9, 3, 9]])
    assert fitted.contributions(table(), np.array([], dtype=int)).shape == (0, 4)


def test_a_table_without_anything_that_differs_is_refused():
    with pytest.raises(DetectionError, match="No column differs"):
        fit_detector("ecod", {}, ArrayTable.of({"a": np.ones(50)}))
    with pytest.raises(DetectionError, match="no column to look at"):
        fit_detector("ecod", {}, ArrayTable((), (np.ones(50),)))
    with pytest.raises(DetectionError, match="Fewer than three rows differ"):
        fit_detector("lof", {}, ArrayTable.of({"a": np.arange(50) % 2}))


@pytest.mark.parametrize(
    ("policy", "flagged"),
    [
        (Policy("contamination", 0.1), 30),
        (Policy("contamination", 5 / 300), 5),
        (Policy("threshold", -1.0), 300),
        (Policy("calibrated", 1.0), 0),
    ],
)
def test_a_policy_draws_the_line(policy, flagged):
    found = detect("pca", {}, table(), policy=policy)
    assert found.flags.sum() == flagged
    assert found.detector.policy == policy
    assert (
        FittedDetector.from_bytes(found.detector.to_bytes()).threshold == found.detector.threshold
    )


def test_the_line_moves_without_fitting_anew(fitted):
    raw = fitted.score(table())
    moved = fitted.with_policy(Policy("contamination", 0.2))
    assert moved.flags(raw).sum() == 60
    assert moved.model is fitted.model
    back = FittedDetector.from_bytes(moved.to_bytes())
    assert back.policy == moved.policy
    assert back.with_policy(Policy()).threshold == fitted.threshold


def test_auto_lies_at_half_of_the_calibrated_score(fitted):
    assert fitted.calibrated(np.array([fitted.threshold]))[0] == pytest.approx(0.5)
    half = fitted.with_policy(Policy("calibrated", 0.5))
    assert half.threshold == pytest.approx(fitted.threshold)


@pytest.mark.parametrize(
    ("algorithm", "config", "flagged"),
    [
        ("lof", {"contamination": 0.1}, 30),
        ("autoencoder", {"threshold_percentile": 90, "epochs": 10}, 30),
        ("statistical", {"threshold": 5.0}, 5),
        ("dbscan", {"eps": 0.01}, 300),
    ],
)
def test_the_config_of_an_algorithm_draws_the_line(algorithm, config, flagged):
    assert detect(algorithm, config, table()).flags.sum() == flagged


@pytest.mark.parametrize(
    ("kind", "value"),
    [("guess", 1), ("contamination", None), ("contamination", 0.9), ("auto", 0.5)],
)
def test_a_policy_that_cannot_be_is_refused(kind, value):
    with pytest.raises(ConfigError) as refused:
        Policy(kind, value)
    assert refused.value.field == "threshold_policy"


def test_columns_that_contribute_hold_most_of_what_speaks_for_a_row():
    given = np.array([[6.0, 3.0, 0.5, 0.5], [0.0, 0.0, -1.0, 0.0]])
    expected = [[True, True, False, False], [False] * 4]
    np.testing.assert_array_equal(contributing(given), expected)


@pytest.mark.parametrize("hurt", [b"", b"PK nonsense", b"\x80\x04."])
def test_what_is_no_detector_is_refused(hurt):
    with pytest.raises(DetectionError, match="damaged"):
        FittedDetector.from_bytes(hurt)


def test_objects_in_the_file_are_never_read(fitted):
    file = io.BytesIO()
    np.savez(file, about=np.array([{"format": 1}], dtype=object))
    with pytest.raises(DetectionError, match="damaged"):
        FittedDetector.from_bytes(file.getvalue())


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch, fitted):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("about.npy", bytes(5_000_000))
    monkeypatch.setattr("diagnostics.detectors.state.MOST_BYTES", 1_000_000)
    with pytest.raises(DetectionError, match="too large"):
        FittedDetector.from_bytes(file.getvalue())
