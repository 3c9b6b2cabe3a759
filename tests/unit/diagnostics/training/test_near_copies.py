"""Copies are found whatever was done to them; what only resembles is not accused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from diagnostics.training import near_copies
from diagnostics.training.leakage import Finding
from diagnostics.training.near_copies import find_near_copies, fine_structure
from diagnostics.training.split import Candidate

RATE_HZ = 1000.0


def vibration(seed, count=20_000):
    """Coloured noise below two lines that all recordings have: one machine, one speed."""
    noise = np.random.default_rng(seed).normal(size=count)
    time = np.arange(count)
    lines = 8 * np.sin(0.195 * time) + 4 * np.sin(0.628 * time + 1)
    return lfilter([1], [1, -1.6, 0.9], noise) + lines


def noisy(samples, share):
    return samples + share * samples.std() * np.random.default_rng(9).normal(size=samples.size)


LEARNED = [vibration(seed) for seed in range(5)]
CHANGED = {
    "as it is": LEARNED[3],
    "gain, polarity and offset": 10 - 3 * LEARNED[3],
    "later": LEARNED[3][1500:],
    "a piece of it": LEARNED[3][7777:17777],
    "noise of 20 dB": noisy(LEARNED[3], 0.1),
}


def search(tested, learned=LEARNED, window=2048):
    samples = [*learned, *tested]
    rows = [Candidate(n, f"r{n}", "A", f"g{n}", one.size, RATE_HZ) for n, one in enumerate(samples)]

    def read(number, channel, start, stop):
        return samples[number][start:stop]

    known, new = rows[: len(learned)], rows[len(learned) :]
    return find_near_copies(known, new, read, channel=0, window=window, sample_rate_hz=RATE_HZ)


@pytest.mark.parametrize("change", CHANGED)
def test_a_copy_is_found_whatever_was_done_to_it(change):
    found = search([CHANGED[change], vibration(50)])
    assert [(pair.learned, pair.tested) for pair in found.pairs] == [("r3", "r5")]
    check = found.to_check()
    assert check.finding is (Finding.SUSPECT if "noise" in change else Finding.LEAK)
    assert check.places[0].startswith("r3 ≈ r5")


def test_when_a_copy_began_is_told():
    (pair,) = search([CHANGED["a piece of it"]]).pairs
    assert pair.shift_s == pytest.approx(7.777)
    assert pair.agreement == pytest.approx(1, abs=0.01)


def test_recordings_of_one_machine_are_no_copies():
    found = search([vibration(seed) for seed in range(20, 30)])
    check = found.to_check()
    assert (found.pairs, check.finding) == ((), Finding.CLEAR)
    assert check.value < check.threshold / 2
    assert "10 tested recordings were compared with 5 learned ones" in check.sentence


def test_a_dead_sensor_is_no_copy_of_another():
    dead = np.zeros(9000)
    assert search([dead], [dead + 1, vibration(1)]).pairs == ()
    assert not fine_structure(np.ones((1, 2048), dtype=np.float32)).any()


def test_short_recordings_are_compared_in_short_blocks_and_shorter_ones_left_out():
    found = search([vibration(40, 3000), LEARNED[0][:1000]], window=1024)
    assert (found.block, found.tested, found.of) == (2048, 1, 1)


def test_work_is_bounded_and_what_was_left_out_is_told(monkeypatch):
    monkeypatch.setattr(near_copies, "MOST_WORK", 4096.0 * 40)
    found = search([vibration(seed) for seed in range(20, 40)])
    assert found.tested < found.of == 20
    assert "left out to end in time" in found.to_check().sentence
