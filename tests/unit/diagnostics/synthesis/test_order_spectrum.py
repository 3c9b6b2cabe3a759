from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.spectrum import amplitude_spectrum
from diagnostics.synthesis.motion import SpeedProfile, move
from diagnostics.synthesis.order_spectrum import order_spectrum, peak


@pytest.mark.parametrize("profile", SpeedProfile)
@pytest.mark.parametrize("order", [0.4567, 1.0, 2.0, 3.0])
def test_a_tone_tied_to_the_shaft_is_one_line_whatever_the_speed_does(profile, order):
    motion = move(profile, 60.0, 0.1, 2.0, 102_400, 20_480.0, np.random.default_rng(0))
    samples = 0.7 * np.sin(2 * np.pi * (order * motion.turns + 0.1))
    place, height = peak(order_spectrum(samples, motion), order - 0.2, order + 0.2)
    assert place == pytest.approx(order, abs=5e-4)
    assert height == pytest.approx(0.7, rel=0.005)


@pytest.mark.parametrize("place_hz", [100.0, 100.13, 100.5])
def test_a_peak_is_found_between_lines(place_hz):
    time_s = np.arange(4_096) / 1_000
    spectrum = amplitude_spectrum(2.0 * np.sin(2 * np.pi * place_hz * time_s), 1_000)
    place, height = peak(spectrum, 90, 110)
    assert place == pytest.approx(place_hz, abs=0.01)
    assert height == pytest.approx(2.0, rel=0.002)
