"""The table counts as it says, on a few made records."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import quality_truth
from benchmarks.quality_truth import FAULTS, Record
from diagnostics.signals.quality import Channel, Problem
from diagnostics.signals.signal import Unit

RATE_HZ, SPEED_RPM = 12_000.0, 1_797.0


def record(name, number, *, clipped=False, speed_rpm=SPEED_RPM):
    turns = 2 * np.pi * SPEED_RPM / 60 * np.arange(60_000) / RATE_HZ
    row = np.random.default_rng(number).normal(size=60_000)
    row += sum(np.sin(order * turns) / 2 for order in range(1, 25))
    row = np.clip(row, -2, 2) if clipped else row
    about = Channel("drive end", Unit.ACCELERATION_G, RATE_HZ, speed_rpm)
    return Record(name, ((about, row),), number)


def test_marked_and_found():
    records = [record("a", 1), record("b", 2, clipped=True), record("c", 3, clipped=True)]
    found, more = quality_truth._agreement("clipped", records, frozenset({1, 2}), Problem.CLIPPED)
    assert (found.value, found.n, found.note) == (1, 2, "not found: a")
    assert (more.value, more.n) == (1, 1)
    assert more.note.startswith("c: ")


@pytest.mark.parametrize("name", FAULTS)
def test_every_planted_fault_is_one(name):
    change, problem = FAULTS[name]
    sound = record("a", 1)
    assert sound.problems() == set()
    assert problem in change(sound).problems()


def test_counts_by_problem():
    records = [record("a", 1), record("b", 2, clipped=True), record("c", 3, speed_rpm=None)]
    silent, clipped = quality_truth.found_in("set", records)
    assert (silent.name, silent.value, silent.n) == ("set: nothing found", 2, 3)
    assert (clipped.name, clipped.value, clipped.note) == ("set: clipped", 1, "b")


@pytest.mark.skipif(
    not quality_truth.DATA.is_dir(), reason=f"No real recordings in {quality_truth.DATA}."
)
def test_the_marked_records_are_among_the_real_ones():
    numbers = set(quality_truth._numbers().values())
    assert len(numbers) == 61
    assert numbers & quality_truth.CLIPPED == {236, 237}
    assert not numbers & quality_truth.NOISY
