import json

import numpy as np
import pytest
from sklearn import metrics as reference

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.report import EvaluationReport, evaluate

CLASSES = ("ball", "inner", "outer")


def made(groups_per_class=6, recordings=3, windows=10, skill=0.6, seed=3):
    """Probabilities of a classifier that is right more often than not."""
    rng = np.random.default_rng(seed)
    targets, ids, groups, number = [], [], {}, 0
    for target in range(3):
        for group in range(groups_per_class):
            for _ in range(recordings):
                groups[number] = f"{CLASSES[target]} {group}"
                ids += [number] * windows
                targets += [target] * windows
                number += 1
    targets, ids = np.array(targets), np.array(ids)
    weights = rng.random((targets.size, 3)) + skill * np.eye(3)[targets]
    return weights / weights.sum(axis=1, keepdims=True), targets, ids, groups


def test_scores_of_windows_and_recordings_agree_with_scikit_learn():
    probabilities, targets, ids, groups = made()
    report = evaluate(probabilities, targets, ids, groups, CLASSES, seed=1, resamples=200)
    votes = np.array([probabilities[ids == number].mean(axis=0) for number in np.unique(ids)])
    truth = np.array([targets[ids == number][0] for number in np.unique(ids)])
    for level, scores, expected in (
        (report.windows, probabilities, targets),
        (report.recordings, votes, truth),
    ):
        predicted = scores.argmax(axis=1)
        assert level.score("accuracy").value == pytest.approx(
            reference.accuracy_score(expected, predicted)
        )
        assert level.score("macro_f1").value == pytest.approx(
            reference.f1_score(expected, predicted, average="macro")
        )
        assert np.array_equal(level.confusion, reference.confusion_matrix(expected, predicted))
        assert level.macro_roc.area == pytest.approx(
            reference.roc_auc_score(expected, scores, multi_class="ovr")
        )
        assert [row.support for row in level.classes] == np.bincount(expected).tolist()
    assert (report.counts.windows, report.counts.recordings, report.counts.groups) == (540, 54, 18)


def test_intervals_stand_around_the_scores_and_follow_the_seed():
    given = made()
    report = evaluate(*given, CLASSES, seed=1, resamples=500)
    assert report.no_interval is None
    for score in report.windows.scores:
        assert score.low < score.value < score.high
    assert evaluate(*given, CLASSES, seed=1, resamples=500) == report
    assert evaluate(*given, CLASSES, seed=2, resamples=500) != report


def test_one_group_per_class_gives_results_by_group_and_no_interval():
    report = evaluate(*made(groups_per_class=1), CLASSES, seed=1)
    assert "no interval can be given" in report.no_interval
    assert "“ball” has 1 group, “inner” has 1, “outer” has 1" in report.no_interval
    assert all(s.low is None and s.high is None for s in report.windows.scores)
    assert all(s.low is None and s.high is None for s in report.recordings.scores)
    assert {group.name for group in report.groups} == {"ball 0", "inner 0", "outer 0"}
    assert all(group.windows == 30 and group.recordings == 3 for group in report.groups)
    assert sum(group.windows_right for group in report.groups) == np.trace(report.windows.confusion)
    assert report.groups_per_class == {"ball": 1, "inner": 1, "outer": 1}


def test_four_groups_of_one_class_are_too_few_even_when_the_others_have_six():
    probabilities, targets, ids, groups = made()
    keep = ~np.isin([groups[number] for number in ids], ["ball 0", "ball 1"])
    report = evaluate(probabilities[keep], targets[keep], ids[keep], groups, CLASSES, seed=1)
    assert "“ball” has 4 groups on the test side" in report.no_interval


def test_groups_that_hold_every_class_get_an_interval_from_five_on():
    probabilities, targets, ids, _ = made(groups_per_class=5, recordings=1)
    loads = {int(number): f"load {number % 5}" for number in np.unique(ids)}
    report = evaluate(probabilities, targets, ids, loads, CLASSES, seed=1, resamples=200)
    assert report.no_interval is None
    assert report.counts.groups == 5
    assert {group.classes for group in report.groups} == {CLASSES}


def test_a_class_that_is_absent_from_the_test_side_is_named_and_left_out():
    probabilities, targets, ids, groups = made()
    keep = targets != 1
    report = evaluate(
        probabilities[keep], targets[keep], ids[keep], groups, CLASSES, seed=1, resamples=100
    )
    assert report.absent_classes == ("inner",)
    assert "“inner”" in report.remarks[0]
    row = report.windows.classes[1]
    assert (row.support, row.recall, row.f1, row.area) == (0, None, None, None)
    assert row.predicted > 0
    found = [r.recall for r in report.windows.classes if r.support]
    assert report.windows.score("balanced_accuracy").value == pytest.approx(np.mean(found))
    assert [line.name for line in report.windows.roc] == ["ball", "outer"]


def test_only_one_class_on_the_test_side_has_scores_but_no_roc():
    probabilities, targets, ids, groups = made()
    keep = targets == 0
    report = evaluate(probabilities[keep], targets[keep], ids[keep], groups, CLASSES, seed=1)
    assert report.windows.roc == ()
    assert report.windows.macro_roc is None
    assert report.windows.score("accuracy").value == pytest.approx(
        (probabilities[keep].argmax(axis=1) == 0).mean()
    )


def test_a_flawless_result_says_what_it_does_not_prove():
    report = evaluate(*made(skill=5), CLASSES, seed=1, resamples=100)
    assert report.recordings.score("accuracy").high == 1
    # 1 − 0.05^(1/18)
    assert "up to 15 % of such groups" in report.remarks[0]


def test_the_worst_recordings_come_first_with_their_worst_window():
    probabilities, targets, ids, groups = made(windows=4)
    starts = np.tile(np.arange(4) * 0.25, ids.size // 4)
    times = {"starts_s": starts, "window_s": 0.25}
    report = evaluate(probabilities, targets, ids, groups, CLASSES, 1, resamples=100, **times)
    of_true = [row.probability_of_true for row in report.worst]
    assert of_true == sorted(of_true)
    first = report.worst[0]
    own = np.flatnonzero(ids == first.recording_id)
    windows = probabilities[own, targets[own]]
    assert first.probability_of_true == pytest.approx(windows.mean())
    assert first.worst_window_probability == pytest.approx(windows.min())
    assert first.worst_window_start_s == starts[own[windows.argmin()]]
    assert first.worst_window_stop_s == first.worst_window_start_s + 0.25
    assert first.true_class == CLASSES[targets[own[0]]]


def test_the_report_comes_back_from_json():
    for groups_per_class in (1, 6):
        report = evaluate(*made(groups_per_class), CLASSES, seed=1, resamples=50)
        text = json.dumps(report.to_dict(), allow_nan=False)
        assert EvaluationReport.from_dict(json.loads(text)) == report


def test_a_report_of_another_format_is_refused():
    stored = evaluate(*made(1), CLASSES, seed=1).to_dict()
    with pytest.raises(EvaluationError, match="format"):
        EvaluationReport.from_dict({**stored, "format": 0})
    del stored["windows"]
    with pytest.raises(EvaluationError, match="incomplete"):
        EvaluationReport.from_dict(stored)


def test_the_headline_has_what_lists_show():
    report = evaluate(*made(1), CLASSES, seed=1)
    headline = report.headline()
    assert headline["recordings"]["accuracy"] == {
        "value": report.recordings.score("accuracy").value,
        "low": None,
        "high": None,
    }
    assert headline["n"] == {"windows": 90, "recordings": 9, "groups": 3}
    assert headline["no_interval"] == report.no_interval
