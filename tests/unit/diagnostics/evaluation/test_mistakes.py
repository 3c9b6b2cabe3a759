import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from diagnostics.evaluation.error_rates import error_rates
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.items import Level, items_of
from diagnostics.evaluation.mistakes import find_mistakes
from diagnostics.evaluation.pareto import pareto_front
from tests.unit.diagnostics.evaluation.made import NAMES, predictions


def test_pairs_are_the_cells_beside_the_diagonal():
    given = predictions()
    found = find_mistakes(given.predicted, given.probabilities, given.targets, NAMES)
    wanted = confusion_matrix(given.targets, given.predicted)
    assert found.errors == len(given.targets) - np.trace(wanted)
    cells = {(p.true_class, p.predicted_class): p.count for p in found.pairs}
    assert cells == {
        (NAMES[a], NAMES[b]): wanted[a, b] for a, b in np.ndindex(3, 3) if a != b and wanted[a, b]
    }
    counts = [pair.count for pair in found.pairs]
    assert counts == sorted(counts, reverse=True)
    assert [row.rate for row in found.classes] == pytest.approx(
        (1 - np.diag(wanted) / wanted.sum(axis=1)).tolist()
    )


def test_confident_mistakes_and_close_calls_are_ordered():
    given = predictions()
    found = find_mistakes(given.predicted, given.probabilities, given.targets, NAMES)
    wrong = given.predicted != given.targets
    confidence = given.probabilities.max(axis=1)
    assert found.confident[0].confidence == confidence[wrong].max()
    assert found.close[0].confidence == confidence[~wrong].min()
    assert all(wrong[one.index] for one in found.confident)
    assert found.confidence_wrong == pytest.approx(confidence[wrong].mean())


def test_without_mistakes_there_is_nothing_to_list():
    found = find_mistakes(np.array([0]), np.array([[0.9, 0.1]]), np.array([0]), ("a", "b"))
    assert (found.pairs, found.confident, found.confidence_wrong) == ((), (), None)
    assert found.classes[1].rate is None


def test_shapes_that_contradict_each_other_are_refused():
    with pytest.raises(EvaluationError, match="got the shape"):
        find_mistakes(np.array([0]), np.ones((1, 3)), np.array([0]), ("a", "b"))


def test_loads_are_bins_of_their_own_with_the_rates_of_their_items():
    items = items_of(predictions(), Level.RECORDINGS, 0)
    loads = {int(number): float(number % 3) for number in items.recording_ids}
    found = error_rates(items, loads, seed=0)
    assert found.numeric
    assert [one.name for one in found.bins] == ["0", "1", "2"]
    for load, one in enumerate(found.bins):
        own = items.recording_ids % 3 == load
        assert one.rate == pytest.approx(items.wrong[own].mean())
        assert (one.items, one.recordings, one.groups) == (own.sum(), own.sum(), 24)
        assert one.low < one.rate < one.high


def test_many_speeds_are_put_into_bins_of_as_many_recordings():
    items = items_of(predictions(), Level.WINDOWS, 0)
    speeds = {int(number): 1000.0 + 7 * number for number in np.unique(items.recording_ids)}
    found = error_rates(items, speeds, seed=0)
    assert len(found.bins) == 5
    assert sum(one.recordings for one in found.bins) == 72
    assert max(one.recordings for one in found.bins) <= 16
    assert found.bins[0].stop == found.bins[1].start


def test_names_are_bins_and_missing_ones_are_counted():
    items = items_of(predictions(), Level.RECORDINGS, 0)
    rigs = {int(n): f"rig {n % 2}" for n in items.recording_ids if n > 10}
    found = error_rates(items, rigs, seed=0)
    assert not found.numeric
    assert [one.name for one in found.bins] == ["rig 0", "rig 1"]
    assert found.missing == 10


def test_nothing_is_said_of_one_value_or_of_names_that_all_differ():
    items = items_of(predictions(), Level.RECORDINGS, 0)
    assert error_rates(items, {int(n): 5.0 for n in items.recording_ids}, 0) is None
    assert error_rates(items, {int(n): f"file {n}" for n in items.recording_ids}, 0) is None
    assert error_rates(items, {}, 0) is None


def test_a_bin_of_few_groups_has_a_reason_and_one_without_errors_a_bound():
    items = items_of(predictions(seed=2), Level.RECORDINGS, 0)
    right = np.unique(items.recording_ids[~items.wrong])
    kinds = {int(n): "right" if n in right else "wrong" for n in items.recording_ids}
    found = {one.name: one for one in error_rates(items, kinds, 0).bins}
    groups = found["right"].groups
    # (1 − p)^groups = 0.05: the classical bound where nothing was seen.
    assert (1 - found["right"].high) ** groups == pytest.approx(0.05)
    assert found["wrong"].rate == 1
    few = {int(n): "few" if n == 1 else "many" for n in items.recording_ids}
    lone = next(one for one in error_rates(items, few, 0).bins if one.name == "few")
    assert lone.low is None
    assert lone.reason == "1 group; an interval needs 5."


def test_the_front_has_what_nothing_beats():
    costs = np.array([1.0, 2, 3, 4, 2])
    scores = np.array([0.6, 0.8, 0.7, 0.9, 0.8])
    assert pareto_front(costs, scores).tolist() == [True, True, False, True, True]
    with pytest.raises(EvaluationError, match="one score"):
        pareto_front(costs, scores[:2])
    with pytest.raises(EvaluationError, match="finite"):
        pareto_front(np.array([np.nan]), np.array([1.0]))
