"""What every detector of streams promises."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import StreamError
from diagnostics.streaming.base import Settings
from diagnostics.streaming.descriptions import ALGORITHMS, described
from diagnostics.streaming.registry import MADE_BY, create, restore

SMALL = {
    "half_space_trees": {"n_trees": 5, "height": 4},
    "rrcf": {"num_trees": 4, "tree_size": 16},
    "isolation_forest_incremental": {"n_estimators": 10, "refit_every": 15},
    "lof_incremental": {"n_neighbors": 5},
    "spectral": {"baseline_windows": 5, "bands": 4},
    "kswin": {"stat_size": 8},
    "adwin": {"clock": 4},
}
NAMES = sorted(MADE_BY)
DRIFTS = [name for name in NAMES if ALGORITHMS[name].category == "drift"]
OF_POINTS = [name for name in NAMES if ALGORITHMS[name].category not in ("drift", "vibration")]


def settings(name: str, columns: int = 3, window: int = 20, threshold: float = 4.0) -> Settings:
    config = described(name).check_config(SMALL.get(name, {}))
    return Settings(columns, window, threshold, config, seed=5)


def noise(count: int, columns: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(10.0, 1.0, size=(count, columns))


def test_each_description_has_a_detector():
    assert set(MADE_BY) == set(ALGORITHMS)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_judged_as_point_after_point(name):
    points = noise(130)
    points[40, 1] = np.nan
    alone, together = create(name, settings(name)), create(name, settings(name))
    single = [alone.judge(points[i : i + 1]).scores[0] for i in range(len(points))]
    parts = [together.judge(part).scores for part in np.split(points, [3, 24, 25, 90])]
    np.testing.assert_array_equal(np.concatenate(parts), single)


@pytest.mark.parametrize("seen", [0, 7, 33, 61])
@pytest.mark.parametrize("name", NAMES)
def test_state_goes_on_where_it_was(name, seen):
    points = noise(100)
    one = create(name, settings(name))
    if seen:
        one.judge(points[:seen])
    other = restore(name, settings(name), one.state())
    np.testing.assert_array_equal(
        one.judge(points[seen:]).scores, other.judge(points[seen:]).scores
    )
    assert one.state() == other.state()


@pytest.mark.parametrize("name", OF_POINTS)
def test_an_outlier_is_found_and_quiet_points_are_not(name):
    points = noise(300)
    points[250] += 12
    usual = Settings(3, 60, 3.0, described(name).check_config({}), seed=5)
    judged = create(name, usual).judge(points)
    assert judged.scores[250] > judged.limit
    assert judged.is_anomaly[:250].mean() < 0.06


@pytest.mark.parametrize("name", NAMES)
def test_the_first_points_are_not_judged(name):
    assert not create(name, settings(name)).judge(noise(5) * 1e6).is_anomaly.any()


@pytest.mark.parametrize(
    "strange",
    [
        np.full((80, 3), 5.0),
        np.full((80, 3), np.nan),
        np.where(np.arange(240).reshape(80, 3) % 7 == 0, np.inf, 2.0),
        np.arange(240.0).reshape(80, 3) * 1e98,
        np.zeros((80, 3)),
    ],
    ids=["constant", "missing", "infinite", "huge", "zero"],
)
@pytest.mark.parametrize("name", NAMES)
def test_strange_points_do_no_harm(name, strange):
    detector = create(name, settings(name))
    assert np.isfinite(detector.judge(strange).scores).all()
    assert np.isfinite(detector.judge(noise(50)).scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_future_changes_nothing(name):
    points, other = noise(90), noise(90)
    other[60:] += 100
    first = create(name, settings(name)).judge(points).scores[:60]
    np.testing.assert_array_equal(create(name, settings(name)).judge(other).scores[:60], first)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_state_is_refused(name):
    state = create(name, settings(name)).state()
    for damaged in (b"", state[:20], state[:-9], b"x" + state[1:]):
        with pytest.raises(StreamError):
            restore(name, settings(name), damaged)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("ema", {"alpha": 0}),
        ("ema", {"alpha": True}),
        ("ema", {"alpha": "0.1"}),
        ("rrcf", {"num_trees": 2.5}),
        ("rrcf", {"trees": 2}),
        ("zscore_rolling", {"alpha": 0.1}),
        ("ema", {"alpha": float("nan")}),
    ],
)
def test_wrong_configurations_are_refused_with_the_name(name, config):
    with pytest.raises(StreamError, match=next(iter(config))):
        described(name).check_config(config)


def test_an_unknown_algorithm_is_refused():
    with pytest.raises(StreamError, match="guess"):
        described("guess")
