from __future__ import annotations

import pytest

from layouts.components.quantities import count, quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123456, "g", "12.35 mg"),
        (0.4009, "g", "0.4009 g"),
        (-0.0031, "g", "−3.1 mg"),
        (999.96, "Hz", "1 kHz"),
        (3371.2, "Hz", "3.371 kHz"),
        (48_000.0, "Hz", "48 kHz"),
        (97_656.0, "Hz", "97.66 kHz"),
        (1.5e-5, "V", "15 µV"),
        (2.5e-12, "V", "0.0025 nV"),
        (0.0007455, "m/s²", "0.0007455 m/s²"),
        (2.0e-7, "mm/s", "2 × 10⁻⁷ mm/s"),
        (1_500.0, "mm/s", "1500 mm/s"),
        (2.9641, "", "2.964"),
        (0.0, "g", "0 g"),
        (float("nan"), "g", "–"),
    ],
)
def test_numbers_carry_their_unit_and_the_digits_that_are_known(value, unit, text):
    assert quantity(value, unit) == text


def test_long_numbers_are_parted():
    assert count(999) == "999"
    assert count(10_000_000) == "10,000,000"
