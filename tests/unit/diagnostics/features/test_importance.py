from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FeatureError
from diagnostics.features import importance
from diagnostics.features.importance import ImportanceMethod, feature_importance

RNG = np.random.default_rng(0)
ROWS = 240
LABELS = np.repeat(["healthy", "inner", "outer"], ROWS // 3)
BEARINGS = np.array([f"{kind}{number}" for kind in "hio" for number in np.repeat([1, 2, 3, 4], 20)])
KIND = np.repeat([0.0, 1.0, 2.0], ROWS // 3)
NAMES = ["fault", "bearing", "noise", "nothing"]
# One number per bearing, drawn by lot: it tells bearings apart and knows nothing of faults.
OF_BEARING = np.repeat(RNG.permutation(12), 20) + 0.01 * RNG.normal(size=ROWS)
TABLE = np.stack(
    [KIND + 0.3 * RNG.normal(size=ROWS), OF_BEARING, RNG.normal(size=ROWS), np.full(ROWS, np.nan)],
    axis=1,
)


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    monkeypatch.setattr(importance, "TREES", 40)
    monkeypatch.setattr(importance, "grown", lambda v, t, s, trees=20: grown(v, t, s, 20))


grown = importance.grown


@pytest.mark.parametrize("method", ImportanceMethod)
def test_what_tells_faults_apart_comes_first(method):
    kept = [0, 2, 3]
    names = [NAMES[column] for column in kept]
    found = feature_importance(TABLE[:, kept], LABELS, names, method, groups=BEARINGS)
    assert next(iter(found.scores)) == "fault"
    assert list(found.scores.values()) == sorted(found.scores.values(), reverse=True)
    assert found.left_out == {"nothing": "No window has a number."}
    assert found.folds == 4
    assert found.notes == ()
    assert (found.held_out_recall is None) == (method is ImportanceMethod.MUTUAL_INFO)


def test_what_tells_only_bearings_apart_is_worthless_on_bearings_held_out():
    by_bearing = feature_importance(TABLE, LABELS, NAMES, "permutation", groups=BEARINGS)
    at_random = feature_importance(
        TABLE, LABELS, NAMES, "permutation", groups=[str(n % 48) for n in range(ROWS)]
    )
    assert by_bearing.scores["bearing"] < 0.1
    assert at_random.scores["bearing"] > by_bearing.scores["bearing"] + 0.1


def test_mutual_information_cannot_exceed_what_there_is_to_know():
    table = np.stack([KIND + 1e-3 * RNG.normal(size=ROWS), RNG.normal(size=ROWS)], axis=1)
    found = feature_importance(table, LABELS, ["all", "none"], groups=BEARINGS)
    assert found.scores["all"] == pytest.approx(np.log(3), abs=0.05)
    assert found.scores["none"] < 0.1


def test_the_same_seed_gives_the_same_scores():
    one, two = (
        feature_importance(TABLE, LABELS, NAMES, "random_forest", groups=BEARINGS, seed=3)
        for _ in range(2)
    )
    assert one == two
    assert sum(one.scores.values()) == pytest.approx(1)


def test_too_few_groups_are_said_or_refused():
    groups = [name[0] for name in LABELS]
    found = feature_importance(TABLE, LABELS, NAMES, "random_forest", groups=groups)
    assert found.notes == ("Too few groups to hold any out: rated once, on all windows.",)
    assert (found.folds, found.spread, found.held_out_recall) == (1, {}, None)
    with pytest.raises(FeatureError, match="two groups or more"):
        feature_importance(TABLE, LABELS, NAMES, "permutation", groups=groups)


def test_it_reports_and_can_be_stopped():
    seen = []
    feature_importance(TABLE, LABELS, NAMES, groups=BEARINGS, report=seen.append)
    assert [(p.done, p.total) for p in seen] == [(n, 4) for n in range(5)]


def test_unknown_methods_are_refused():
    with pytest.raises(FeatureError, match="no importance “shap”"):
        feature_importance(TABLE, LABELS, NAMES, "shap", groups=BEARINGS)
