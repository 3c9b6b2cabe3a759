import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.features import permutation, tree_shap

ROWS = np.random.default_rng(0).normal(size=(90, 3))
LABELS = (ROWS[:, 0] > 0).astype(int) + (ROWS[:, 1] > 1).astype(int)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(5, max_depth=3, random_state=0),
        HistGradientBoostingClassifier(max_iter=5),
    ],
)
@pytest.mark.parametrize("labels", [LABELS, (LABELS > 0).astype(int)])
def test_values_of_trees_add_up_and_name_the_feature_that_decides(model, labels):
    model.fit(ROWS, labels)
    for target in range(len(model.classes_)):
        found = tree_shap(model, ROWS[:6], target)
        assert found.completeness.max() < 1e-6
        assert np.abs(found.values).mean(axis=0).argmax() in (0, 1)
        assert np.abs(found.values[:, 2]).mean() < np.abs(found.values).max(axis=1).mean()


def test_permutation_agrees_with_every_order_counted_out():
    model = LogisticRegression().fit(ROWS, LABELS)
    rest = ROWS[60:70]
    found = permutation(model, ROWS[:2], 1, rest)
    assert found.completeness.max() < 1e-6

    def value(row, known):
        given = rest.copy()
        given[:, list(known)] = row[list(known)]
        return model.predict_proba(given)[:, 1].mean()

    def exact(row, one):
        a, b = [n for n in range(3) if n != one]
        sets = (((), 1 / 3), ((a,), 1 / 6), ((b,), 1 / 6), ((a, b), 1 / 3))
        return sum(w * (value(row, (*s, one)) - value(row, s)) for s, w in sets)

    for row, values in zip(ROWS[:2], found.values, strict=True):
        assert values == pytest.approx([exact(row, n) for n in range(3)], abs=0.02)


def test_what_has_no_trees_or_no_such_class_is_refused():
    model = LogisticRegression().fit(ROWS, LABELS)
    with pytest.raises(ExplanationError, match="made of trees"):
        tree_shap(model, ROWS, 0)
    with pytest.raises(ExplanationError, match="class from 0 to 2"):
        permutation(model, ROWS, 3, ROWS)
    with pytest.raises(ExplanationError, match="at least one background"):
        permutation(model, ROWS, 0, ROWS[:0])
