import io

import numpy as np
import pytest

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.predictions import Predictions

GIVEN = {
    "probabilities": np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]),
    "targets": np.array([0, 0, 1]),
    "recording_ids": np.array([7, 7, 3]),
    "starts_s": np.array([0, 0.5, 0]),
    "window_s": 0.5,
    "groups": {7: "bearing “A”", 3: "bearing B"},
    "class_names": ("healthy", "äußerer Ring"),
}


def test_recordings_vote_with_the_mean_of_their_windows():
    vote = Predictions(**GIVEN).vote()
    assert vote.recording_ids.tolist() == [3, 7]
    assert vote.probabilities == pytest.approx(np.array([[0.2, 0.8], [0.65, 0.35]]))
    assert vote.targets.tolist() == [1, 0]
    assert vote.window_counts.tolist() == [1, 2]


def test_predictions_come_back_from_their_file_without_pickle():
    given = Predictions(**GIVEN)
    content = given.to_npz()
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
    back = Predictions.from_npz(content)
    assert np.array_equal(back.probabilities, given.probabilities)
    assert np.array_equal(back.starts_s, given.starts_s)
    assert back.window_s == 0.5
    assert back.groups == given.groups
    assert back.class_names == given.class_names


@pytest.mark.parametrize("content", [b"", b"no file", Predictions(**GIVEN).to_npz()[:100]])
def test_a_broken_file_is_refused(content):
    with pytest.raises(EvaluationError, match="cannot be read"):
        Predictions.from_npz(content)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"probabilities": np.zeros((0, 2))}, "no windows"),
        ({"probabilities": np.ones((3, 3)) / 3}, "each of 2 classes"),
        ({"probabilities": np.ones((3, 2))}, "must sum to 1"),
        ({"probabilities": np.full((3, 2), np.nan)}, "not numbers"),
        ({"probabilities": np.array([[1.5, -0.5]] * 3)}, "0 or more"),
        ({"targets": np.array([0, 0, 2])}, "not one of the classes"),
        ({"targets": np.array([0, 1, 1])}, "two classes"),
        ({"starts_s": np.array([0])}, "3 starts_s"),
        ({"groups": {7: "A"}}, "No group is known for 1"),
    ],
)
def test_contradictions_are_refused(wrong, sentence):
    with pytest.raises(EvaluationError, match=sentence):
        Predictions(**{**GIVEN, **wrong})
