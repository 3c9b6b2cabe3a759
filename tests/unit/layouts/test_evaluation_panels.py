import json

import numpy as np
import plotly
import pytest

from diagnostics.evaluation.report import evaluate
from layouts import evaluation_panels as panels
from layouts.evaluation_detail import confusion, detail

CLASSES = ("ball", "<b>inner</b>")


PROVENANCE = {
    "dataset_id": 3,
    "dataset": "Drive end",
    "version": 2,
    "content_hash": "ab" * 32,
    "owner": "anna",
    "finished_at": None,
    "wall_time_s": 42.0,
    "classifier": "1-D CNN",
    "parameter_count": 21_354,
    "best_epoch": 12,
    "checkpoint_hash": "cd" * 32,
    "config": {
        "classifier": "cnn1d",
        "seed": 5,
        "window": 2048,
        "hop": 1024,
        "channels": [1],
        "normalisation": "window",
    },
    "environment": {"python": "3.11.7", "torch": "2.13.0", "system": "Linux"},
}


def report(groups_per_class):
    rng = np.random.default_rng(0)
    targets = np.repeat([0, 1], groups_per_class * 4)
    ids = np.arange(targets.size) // 2
    groups = {int(n): f"bearing {n // 2}" for n in ids}
    weights = rng.random((targets.size, 2)) + 0.2 * np.eye(2)[targets]
    weights /= weights.sum(axis=1, keepdims=True)
    starts = np.tile([0.0, 0.17], targets.size // 2)
    return evaluate(weights, targets, ids, groups, CLASSES, 1, 100, starts_s=starts, window_s=0.17)


def view(**changes):
    sides = [
        {"side": name, "groups": ["0"], "recordings": 2, "classes": {"ball": 2}}
        for name in ("train", "test")
    ]
    return {
        "experiment_id": 7,
        "leakage": None,
        "split": {
            "group_by": "bearing",
            "sides": sides,
            "test_bearings": 1,
            "shared_bearings": [],
            "unknown_bearings": 0,
            "unknown_trained": 0,
            "warnings": ["Class “ball” has one bearing only."],
        },
        "recording_names": {0: "B007_0"},
        "channel": 1,
        "provenance": PROVENANCE,
        "others": [],
        "can_be_explained": True,
        "has_checkpoint": True,
        **changes,
    }


def shown(components):
    return json.dumps(components, cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def test_scores_come_with_n_and_interval():
    text = shown(panels.result(report(6), view()))
    assert "n = 24 recordings" in text
    assert "95 % interval 0." in text
    assert "guessing gives 0.50" in text
    assert "drawing whole groups 100 times" in text
    assert "no interval can be given" not in text


def test_without_an_interval_the_reason_and_the_groups_are_shown():
    text = shown(panels.result(report(1), view()))
    assert "With so few groups no interval can be given" in text
    assert '"open": true' in text
    assert "drawing whole groups" not in text


def test_split_words_warnings_and_other_tests_are_shown():
    other = {
        "experiment_id": 9,
        "name": "Unseen size",
        "group_by": "size_mil",
        "held_out": ["021"],
        "leak": "known",
        "balanced_accuracy": 0.34,
        "low": None,
        "high": None,
        "recordings": 15,
    }
    text = shown(panels.result(report(1), view(others=[other])))
    assert "No tested bearing was seen in training" in text
    assert "Class “ball” has one bearing only." in text
    assert "/experiments/9" in text
    assert "/compare?experiments=7%2C9" in text
    assert "size_mil: 021" in text


def test_worst_recordings_link_into_signal_and_explanation():
    drawn = report(1)
    text = shown(panels.result(drawn, view()))
    worst = drawn.worst[0]
    assert f"recording={worst.recording_id}" in text
    assert "/explain?experiment=7" in text
    assert "/explain" not in shown(panels.result(drawn, view(can_be_explained=False)))


def test_the_origin_names_data_split_seed_and_versions():
    text = shown(panels.result(report(1), view()))
    for part in ("Drive end", "version 2", "21,354", "epoch 12", "torch 2.13.0", "42 s", "cdcdcd"):
        assert part in text, part


def test_downloads_name_the_checkpoint_only_when_there_is_one():
    assert "/api/v1/experiments/7/checkpoint" in shown(panels.result(report(1), view()))
    without = shown(panels.result(report(1), view(has_checkpoint=False)))
    assert "/checkpoint" not in without
    assert "/api/v1/experiments/7/predictions.csv" in without


@pytest.mark.parametrize("level", ["recordings", "windows"])
def test_the_confusion_matrix_has_counts_and_shares_of_each_true_class(level):
    drawn = report(2)
    counts = getattr(drawn, level).confusion
    text = shown(confusion(drawn.class_names, getattr(drawn, level)))
    for row in counts:
        for count in row:
            assert f"{100 * count / sum(row):.0f} %" in text
            assert f'"{count}"' in text


def test_names_that_people_typed_do_not_become_markup_in_figures():
    text = shown(detail(report(2), "windows"))
    assert "&lt;b&gt;inner" in text


def test_one_class_alone_says_why_there_is_no_curve():
    drawn = evaluate(np.eye(2)[:1], np.array([0]), np.array([1]), {1: "a"}, CLASSES, 1)
    assert "needs items of two classes" in shown(detail(drawn, "windows"))


def test_guessing_knows_only_the_classes_on_the_test_side():
    shares = np.full((4, 3), 1 / 3)
    groups = {n: f"bearing {n}" for n in range(4)}
    tested = evaluate(shares, np.array([0, 0, 1, 1]), np.arange(4), groups, (*CLASSES, "normal"), 1)
    text = json.dumps(panels.result(tested, view()), cls=plotly.utils.PlotlyJSONEncoder)
    assert "guessing gives 0.50" in text
