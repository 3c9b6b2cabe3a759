"""Planted leaks are found and named; a clean split is not accused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.training.config import Normalisation, RandomWindows
from diagnostics.training.leakage import (
    Check,
    Finding,
    LeakReport,
    Verdict,
    check_sides,
    check_statistics,
    check_windows,
)
from diagnostics.training.normalisation import fit_normaliser
from diagnostics.training.split import Candidate, Side
from diagnostics.training.windows import windows_of
from tests.unit.diagnostics.training.toy import CLASSES, RATE_HZ, toy_windows


def recording(number, group=None, **known):
    known = {"bearing": f"b{number}", "content_hash": f"h{number}", **known}
    return Candidate(number, f"r{number}", "A", group or f"g{number}", 9000, 1000.0, **known)


def sides(train, test, validation=()):
    return {Side.TRAIN: train, Side.VALIDATION: validation, Side.TEST: test}


def finding(report, name):
    return next(check for check in report.checks if check.name == name)


def test_a_clean_split_stands_open_until_signals_were_compared():
    report = check_sides(sides([recording(1)], [recording(2)]), "bearing")
    assert report.verdict is Verdict.OPEN
    done = report.with_check(Check("near_copies", Finding.CLEAR, "None."))
    done = done.with_check(Check("statistics", Finding.CLEAR, "By window."))
    assert (done.verdict, done.sentence) == (Verdict.NONE, "No leak was found.")
    assert [check.name for check in done.checks] == [check.name for check in report.checks]


@pytest.mark.parametrize("side", ["train", "validation"])
def test_a_group_on_both_sides_is_a_known_leak(side):
    seen = {"train": [recording(1)], "validation": [recording(3)], side: [recording(4, "g2")]}
    given = sides(seen["train"], [recording(2)], seen["validation"])
    report = check_sides(given, "load")
    found = finding(report, "groups")
    assert (report.verdict, found.value, found.places) == (Verdict.KNOWN, 1, ("g2",))
    assert "1 of 1 tested groups (load)" in report.sentence


def test_copies_are_told_by_name():
    copy = recording(2, content_hash="h1")
    found = finding(check_sides(sides([recording(1)], [copy]), "bearing"), "copies")
    assert (found.finding, found.places) == (Finding.LEAK, ("r1 = r2",))


def test_unknown_content_is_no_copy():
    blank = [recording(n, content_hash="") for n in (1, 2)]
    report = check_sides(sides(blank[:1], blank[1:]), "bearing")
    assert finding(report, "copies").finding is Finding.CLEAR


def test_known_bearings_under_another_group_are_suspected():
    same = recording(2, bearing="b1")
    report = check_sides(sides([recording(1)], [same]), "load")
    assert report.verdict is Verdict.SUSPECTED
    assert "1 of 1 tested bearings were learned from" in report.sentence


def test_machine_and_channel_are_noted_and_accuse_nobody():
    rows = [recording(n, machine="rig") for n in (1, 2)]
    report = check_sides(sides(rows[:1], rows[1:]), "bearing", {1: "DE", 2: "DE"})
    found = finding(report, "identity")
    assert found.finding is Finding.NOTED
    assert "The tested machine was learned from as well." in found.sentence
    assert "The tested channel was learned from as well." in found.sentence


def test_unknown_bearings_are_told():
    rows = [recording(n, bearing="") for n in (1, 2)]
    report = check_sides(sides(rows[:1], rows[1:]), "load")
    for name in ("near_copies", "statistics"):
        report = report.with_check(Check(name, Finding.CLEAR, ""))
    assert report.verdict is Verdict.NONE
    assert report.sentence == (
        "No leak was found. Not known: The bearing of 2 recordings is not known."
    )


def test_a_report_comes_back_as_it_was_kept():
    report = check_sides(sides([recording(1)], [recording(2, "g1")]), "load")
    stored = report.to_dict()
    assert stored["verdict"] == "known"
    assert LeakReport.from_dict(stored) == report


def cut(hop):
    """Six windows or so of each of four recordings, half of them overlapping if so asked."""
    whole = toy_windows(0)
    return windows_of(
        whole.recordings,
        CLASSES,
        whole.reader,
        channels=[0],
        window=1024,
        hop=hop,
        sample_rate_hz=RATE_HZ,
    )


def test_windows_that_overlap_across_sides_are_counted():
    whole, choice = cut(512), RandomWindows(test=0.3, validation=0.2)
    parts = {side: whole.part(choice, side) for side in Side}
    found = check_windows([parts[Side.TRAIN], parts[Side.VALIDATION]], parts[Side.TEST])
    seen = np.concatenate([parts[s].owner * 100_000 + parts[s].start for s in list(Side)[:2]])
    test = parts[Side.TEST].owner * 100_000 + parts[Side.TEST].start
    by_hand = (np.abs(test[:, None] - seen[None]) < 1024).any(axis=1).sum()
    assert 0 < by_hand == found.value
    assert found.finding is Finding.LEAK
    assert "4 of 4 tested recordings" in found.sentence


def test_windows_side_by_side_of_one_recording_leak_without_sharing_samples():
    whole, choice = cut(1024), RandomWindows(test=0.3, validation=0)
    found = check_windows([whole.part(choice, Side.TRAIN)], whole.part(choice, Side.TEST))
    assert (found.finding, found.value) == (Finding.LEAK, 0)


def test_windows_of_other_recordings_share_nothing():
    found = check_windows([toy_windows(0)], toy_windows(4))
    assert (found.finding, found.value) == (Finding.CLEAR, 0)


def test_the_scaling_of_training_windows_is_verified():
    training = toy_windows(0)
    fitted = fit_normaliser(Normalisation.TRAINING, training)
    assert check_statistics(fitted, training).finding is Finding.CLEAR
    by_window = fit_normaliser(Normalisation.WINDOW, training)
    assert "by itself" in check_statistics(by_window, training).sentence


def test_statistics_that_the_test_was_part_of_are_a_leak():
    training, both = toy_windows(0), toy_windows(0, recordings=6)
    fitted = fit_normaliser(Normalisation.TRAINING, both)
    found = check_statistics(fitted, training)
    assert found.finding is Finding.LEAK
    assert found.value > found.threshold
    assert check_statistics(replace(fitted), both).finding is Finding.CLEAR
