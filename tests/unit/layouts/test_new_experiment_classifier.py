from __future__ import annotations

from layouts.new_experiment_classifier import choices, cost_details

QUESTION = {"classifier": "svm", "parameters": {}, "window": 2048, "channels": 3, "classes": 2}
COST = {
    "numbers": 1234,
    "operations": 56_789,
    "counted": "comparisons",
    "latency": {"median_ms": 0.512, "runs": 50, "machine": "<b>chip</b>"},
}
DONE = {"status": "done", "fraction": 1.0, "error": None, "cost": COST}


def test_a_classifier_on_features_has_operations_that_are_no_flops():
    text = str(cost_details(QUESTION, DONE))
    assert r"For one window of 2,048 samples, 3 channels, 2 classes:" in text
    assert r"56,789" in text
    assert "FLOP" not in text
    assert "Comparisons." in text
    assert "512 µs, median of 50 runs" in text


def test_operations_of_a_network_have_a_prefix():
    assert "56.79 kFLOP" in str(cost_details({**QUESTION, "classifier": "cnn1d"}, DONE))


def test_an_error_is_told():
    failed = {"status": "failed", "fraction": 0.0, "error": "It ran out of room.", "cost": None}
    assert "It ran out of room." in str(cost_details(QUESTION, failed))


def test_every_choice_says_what_it_learns_from():
    texts = {choice["value"]: str(choice["label"]) for choice in choices()}
    assert "on waveforms" in texts["patchtst"]
    assert "on features" in texts["svm"]
