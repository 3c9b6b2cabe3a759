from __future__ import annotations

import numpy as np
import pytest

from diagnostics.bearings.catalogue import CATALOGUE
from diagnostics.bearings.rule import wide_enough_hz
from diagnostics.signals.envelope import Band
from diagnostics.signals.kurtogram import Kurtogram
from services.errors import Invalid
from services.signals.bands import best_cell, narrowest_of
from services.signals.parts import read_processed
from services.signals.settings import PlotSettings
from tests.striking import RATE_HZ, plot


def test_the_band_of_an_envelope_is_usual_or_the_best_of_the_kurtogram(striking_id):
    assert plot("envelope", striking_id)["band"] == pytest.approx((RATE_HZ / 6, RATE_HZ * 5 / 12))
    best = plot("kurtogram", striking_id)["band"]
    found = plot("envelope", striking_id, band="kurtogram")
    assert found["band"] == best == plot("envelope", striking_id, band="kurtogram")["band"]
    assert "best one of the kurtogram" in found["notes"][0]
    low_hz, high_hz = best
    assert low_hz < 3_200 < high_hz
    typed = plot("envelope", striking_id, band="kurtogram", low=1_000)
    assert typed["band"] == (1_000, RATE_HZ * 5 / 12)
    with pytest.raises(Invalid, match="above the 5000 Hz"):
        plot("envelope", striking_id, low=3_000, high=6_000)
    narrow = plot("envelope", striking_id, low=3_000, high=3_200)
    assert narrow["x_span"] == (0, 200)


def test_a_rate_that_was_raised_does_not_move_the_usual_band(striking_id):
    faster = plot("envelope", striking_id, rate=2 * RATE_HZ)
    assert faster["band"] == pytest.approx((RATE_HZ / 6, RATE_HZ * 5 / 12))
    told = f"The usual band is that of the recorded rate of {RATE_HZ:g} Hz."
    assert told in faster["notes"]
    assert told.removesuffix(".") in str(faster["card"])
    typed = plot("envelope", striking_id, rate=2 * RATE_HZ, low=1_000, high=3_000)
    assert told not in typed["notes"]


def narrowest(recording_id, **settings) -> float:
    place = (recording_id, 0, None, None)
    return narrowest_of(read_processed(place, PlotSettings.from_mapping(settings)))


def test_a_band_is_so_wide_that_the_defects_of_the_bearing_are_in_it(striking_id):
    known = CATALOGUE[0]
    own = narrowest(striking_id, bearing=known.designation)
    assert own == wide_enough_hz(known.bearing.orders(), 25.0)
    assert narrowest(striking_id) == pytest.approx(1.05 * 3 * 6 * 25 * 1.02)
    faster = narrowest(striking_id, speed=3_000, bearing="none")
    assert faster == pytest.approx(2 * narrowest(striking_id))
    with pytest.raises(Invalid, match="catalogue"):
        plot("kurtogram", striking_id, bearing="no such bearing")


def test_a_narrow_band_of_chance_is_passed_over():
    rows = (np.array([0.1]), np.array([0.2, 0.3]), np.array([0.0, 5.0, 0.4, 0.2]))
    found = Kurtogram(800.0, np.array([0.0, 1.0, 2.0]), rows)
    assert best_cell(found, 0.0).band == Band(100.0, 200.0)
    assert best_cell(found, 150.0).band == Band(200.0, 400.0)
    assert best_cell(found, 9_000.0).band == Band(0.0, 400.0)
