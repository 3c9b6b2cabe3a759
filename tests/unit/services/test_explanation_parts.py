"""What can be asked, what an explanation says of a machine, and what its files hold."""

import numpy as np
import pytest

from diagnostics.bearings.frequencies import fault_lines, shaft_lines
from diagnostics.explain.rhythm import rhythm_spectrum
from services.errors import Invalid
from services.explanations.asking import asked, parameters_for
from services.explanations.domain import best_bands, kind_of, kind_rows, verdict
from services.explanations.exported import csv_table
from services.explanations.shortcuts import shortcut_view

ROW = {
    "kind": "BPFI",
    "line": "BPFI",
    "frequency_hz": 162.2,
    "share": 0.41,
    "chance": 0.06,
    "chance_95": 0.11,
    "random_weights": 0.09,
    "signal": 0.3,
    "stands_out": True,
}


def test_a_method_as_it_is_by_default_has_an_empty_question():
    assert asked("gradcam").question == ""
    assert asked("integrated_gradients", {"steps": 50}).question == ""
    fine = asked("integrated_gradients", {"steps": 60})
    assert fine.question == asked("integrated_gradients", {"steps": 60}).question != ""
    assert fine.numbers == {"steps": 60}
    own = asked("lime", {"baseline": "own", "baseline_recording_id": 7})
    assert own.parameters["baseline_recording_id"] == 7
    assert "baseline" not in own.numbers
    typed = {"baseline": "own", "baseline_recording_id": 7, "steps": 5}
    assert parameters_for("gradcam", typed) == {}


@pytest.mark.parametrize(
    ("method", "parameters", "told"),
    [
        ("tea", {}, "one of the methods"),
        ("lime", {"steps": 5}, "has no parameter “steps”"),
        ("gradcam", {"baseline": "zeros"}, "It has none"),
        ("lime", {"num_samples": 5}, "from 10 to 10000"),
        ("lime", {"num_samples": "many"}, "whole number"),
        ("lime", {"num_samples": True}, "whole number"),
        ("lime", {"domain": "quefrency"}, "time, frequency"),
        ("lime", {"baseline": "tea"}, "zeros, mean"),
        ("lime", {"baseline": "own"}, "which recording"),
    ],
)
def test_what_a_method_does_not_know_is_refused(method, parameters, told):
    with pytest.raises(Invalid, match=told):
        asked(method, parameters)


def test_the_sentence_has_its_number_and_both_chances():
    answer, told = verdict(ROW)
    assert answer == "yes"
    assert told.startswith("Yes, it is looking at the fault frequency: 41 % of the rhythm")
    assert "BPFI (162.2 Hz)" in told
    assert "random weights puts 9 % there" in told
    follows = {**ROW, "random_weights": 0.38, "stands_out": False}
    assert verdict(follows)[1].startswith("Not shown: ")
    assert "need not be what the network learnt" in verdict(follows)[1]
    low = {**ROW, "share": 0.05, "stands_out": False}
    assert verdict(low)[0] == "no"
    assert verdict(low)[1].startswith("No, it does not use the fault frequency: 5 %")


def rows_of_noise(seed, wanted):
    """Relevance without any rhythm, and what is said of it at the lines of a bearing."""
    noise = np.random.default_rng(seed).normal(size=(8, 1, 4096))
    arrays = {
        "rhythm": rhythm_spectrum(noise),
        "random_rhythm": np.zeros(2049),
        "signal_rhythm": np.zeros(2049),
    }
    orders = {"BPFO": 3.5848, "BPFI": 5.4152, "BSF": 2.3567}
    lines = [
        {
            "kind": line.kind,
            "name": line.name,
            "harmonic": line.harmonic,
            "sideband": line.sideband,
            "frequency_hz": line.frequency_hz,
            "low_hz": line.low_hz,
            "high_hz": line.high_hz,
        }
        for line in [*fault_lines(orders, 30.0), *shaft_lines(30.0)]
    ]
    return kind_rows(arrays, 5.0, 10_240.0, lines, wanted)


def test_chance_has_to_be_beaten_by_more_where_any_of_many_lines_would_do():
    seed = 18  # one of those in twenty that are above 95 % of random combs by chance
    assert [row["kind"] for row in rows_of_noise(seed, "BPFO") if row["stands_out"]] == ["BPFO"]
    assert not any(row["stands_out"] for row in rows_of_noise(seed, None))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("IR021", "BPFI"),
        ("OR", "BPFO"),
        ("B", None),
        ("B007", "BSF"),
        ("cage", "FTF"),
        ("imbalance", "shaft"),
        ("normal", None),
        ("inner race", "BPFI"),
    ],
)
def test_a_class_names_its_frequency(name, kind):
    assert kind_of(name) == kind


def test_bands_hold_shares_of_all_relevance():
    spectrum = np.zeros((1, 240), dtype=np.float32)
    spectrum[0, 100:110] = -2.0
    spectrum[0, 0:10] = 1.0
    first, second, *_ = best_bands(spectrum, 2.0)
    assert (first["low_hz"], first["high_hz"]) == (200.0, 220.0)
    assert (first["share"], second["share"]) == pytest.approx((2 / 3, 1 / 3))


def test_what_hangs_on_gain_is_told_unless_no_loudness_is_heard():
    what = {"as it is": 0.9, "a quarter as loud": 0.1, "upside down": 0.88}
    kept = {"summary": {"what_if": what, "by_window": False}, "target_class": "worn"}
    found = shortcut_view(kept)
    assert "It hangs on the gain of the measurement" in found["warnings"][0]
    assert "0.90, and a quarter as loud it is 0.10" in found["warnings"][0]
    kept["summary"]["by_window"] = True
    found = shortcut_view(kept)
    assert found["warnings"] == []
    assert found["rows"][1]["probability"] is None
    assert shortcut_view({"summary": {}}) is None


def test_features_become_a_table():
    arrays = {"values": np.array([[0.1, -0.2]]), "starts_s": np.zeros(1), "probability": np.ones(1)}
    kept = {"arrays": arrays, "summary": {"features": ["rms", "kurtosis"]}, "target_class": "worn"}
    assert csv_table(kept, None).splitlines() == [
        "start_s,rms,kurtosis,probability of worn",
        "0,0.1,-0.2,1",
    ]
