"""The table counts as it says, on a few planted records."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import bearing_rule
from benchmarks.bearing_rule import ELEMENT, INNER, OUTER, Record

ORDERS = {"BPFO": 3.6, "BPFI": 5.4, "BSF": 2.35}


def record(fault, order):
    """Noise of 3 s, and in it a resonance that is struck ``order`` times in a turn."""
    samples = np.random.default_rng(1).normal(size=36_000)
    if order:
        since_s = np.arange(36_000) / 12_000 % (1 / (30 * order))
        samples += 4 * np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_300 * since_s)
    return Record(samples, 12_000.0, 30.0, fault)


def test_the_table():
    records = [record(OUTER, 3.6), record(OUTER, 3.6), record(INNER, 3.6), record(ELEMENT, 4.7)]
    records += [record(INNER, 0), record(None, 0), record(None, 5.4)]
    figures = {figure.name: figure for figure in bearing_rule._table("set", records, ORDERS)}
    for way in ("set, kurtogram", "set, default band"):
        right = figures[f"{way}: clear and right"]
        assert (right.value, right.n) == (
            3,
            5,
        )
        assert figures[f"{way}: clear and wrong"].value == 1
        assert figures[f"{way}: not clear, nothing named"].value == 1
        assert figures[f"{way}: outer race"].value == 2
        assert "1 as outer race" in figures[f"{way}: inner race"].note
        assert figures[f"{way}: sound, but damage named"].value == 1


@pytest.mark.skipif(
    not bearing_rule.DATA.is_dir(), reason=f"No real recordings in {bearing_rule.DATA}."
)
def test_all_records_are_found():
    faults = [each.fault for each in bearing_rule._cwru()]
    assert [faults.count(part) for part in (ELEMENT, INNER, OUTER, None)] == [16, 16, 28, 1]
    faults = [each.fault for each in bearing_rule._mfpt()]
    assert sorted(map(str, faults)) == ["None", INNER, INNER, OUTER, OUTER]
