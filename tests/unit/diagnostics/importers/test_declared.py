from __future__ import annotations

import numpy as np
import pytest

from diagnostics.importers.declared import RATE_NAMES, scaled, spelling, unit_word


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("g", "g"), ("G", "g"), ("m/s^2", "m/s²"), ("m/s²", "m/s²"), ("m/s2", "m/s²"),
        ("m/s**2", "m/s²"), ("m/s/s", "m/s²"), ("m s^-2", "m/s²"), ("mm/s", "mm/s"),
        ("um", "µm"), ("μm", "µm"), ("V", "V"), ("Volt", "V"), ("a", "A"), ("pa", "Pa"),
    ],
)  # fmt: skip
def test_spellings_of_our_units(word, unit):
    meant = spelling(f" {word} ")
    assert (meant.unit.value, meant.is_plain) == (unit, True)


@pytest.mark.parametrize(
    ("word", "unit", "one"),
    [
        ("mg", "g", 0.001), ("mV", "V", 0.001), ("MPa", "Pa", 1e6), ("mPa", "Pa", 0.001),
        ("kPa", "Pa", 1000), ("bar", "Pa", 1e5), ("mm", "µm", 1000), ("m/s", "mm/s", 1000),
        ("in/s", "mm/s", 25.4), ("mil", "µm", 25.4), ("mA", "A", 0.001),
    ],
)  # fmt: skip
def test_prefixes_are_scaled_exactly(word, unit, one):
    meant = spelling(word)
    assert meant.unit.value == unit
    assert scaled(np.array([1]), meant)[0] == one


@pytest.mark.parametrize("word", ["psi", "rpm", "K", "°C", "", "MV", "gs", "Nm", "m/s^3"])
def test_other_words_are_no_units_of_ours(word):
    assert spelling(word) is None


def test_values_of_our_own_units_are_not_copied():
    values = np.ones(3)
    assert scaled(values, spelling("g")) is values


def test_names():
    assert unit_word("x (m/s^2) ") == "m/s^2"
    assert all(
        RATE_NAMES.search(name) for name in ("fs", "a.sr", "sampling_rate", "sample_rate_hz")
    )
    assert not RATE_NAMES.search("offs")
