from __future__ import annotations

import numpy as np
import pytest

from diagnostics.bearings.geometry import Bearing
from diagnostics.features.batch import Context
from diagnostics.features.catalogue import features_of
from diagnostics.features.extraction import extract

RATE_HZ = 20_480.0
TIME_S = np.arange(40_960) / RATE_HZ
ORDERS = Bearing(9, 7.94, 39.04).orders()
NAMES = [listed.name for listed in features_of("order")]


def table_of(wave, shaft_hz, orders=ORDERS) -> dict[str, float]:
    context = Context(shaft_hz=shaft_hz, orders=orders)
    return dict(zip(NAMES, extract(wave[None], RATE_HZ, "order", context)[0], strict=True))


def test_orders_of_the_shaft_are_read_where_the_speed_says():
    wave = sum(a * np.sin(2 * np.pi * k * 24.9 * TIME_S + k) for k, a in ((1, 3), (2, 1), (5, 0.5)))
    found = table_of(wave, 25.0)
    assert [found[f"ShaftAmplitude_{k}X"] for k in (1, 2, 5)] == pytest.approx(
        [3, 1, 0.5], rel=0.01
    )
    assert found["ShaftEnergy_1X"] == pytest.approx(4.5, rel=0.01)
    assert found["ShaftAmplitude_3X"] < 0.01


@pytest.mark.parametrize(
    ("fault", "order"),
    [("BPFO", 3.585), ("BPFI", 5.415), ("BSF2", 2 * 2.357), ("FTF", 0.398)],
)
def test_strikes_stand_out_at_their_own_frequency(fault, order):
    since = np.mod(TIME_S, 1 / (order * 25.0))
    strikes = np.exp(-700 * since) * np.sin(2 * np.pi * 5_000 * since)
    wave = strikes + 0.05 * np.random.default_rng(0).normal(size=TIME_S.size)
    found = table_of(wave, 25.0)
    if fault == "FTF":  # Harmonics of the cage fall near those of other parts.
        assert found["FTFAmplitude_H1"] > 0.02
        return
    highest = max(("BPFO", "BPFI", "BSF2"), key=lambda name: found[f"{name}Amplitude_H1"])
    assert highest == fault
    assert found[f"{fault}Energy_H2"] > 0


def test_nothing_is_guessed():
    wave = np.sin(2 * np.pi * 25.0 * TIME_S)
    assert np.isnan(list(table_of(wave, None).values())).all()
    without = table_of(wave, 25.0, {})
    known = {name for name, value in without.items() if np.isfinite(value)}
    assert known == {name for name in NAMES if name.startswith("Shaft")}
    only = table_of(wave, 25.0, {"BPFO": 3.5})
    assert np.isfinite(only["BPFOAmplitude_H1"])
    assert np.isnan(only["BPFIAmplitude_H1"])


def test_each_window_has_its_own_speed():
    waves = np.stack([np.sin(2 * np.pi * f * TIME_S) for f in (25.0, 40.0, 40.0)])
    context = Context(shaft_hz=np.array([25.0, 40.0, np.nan]))
    found = extract(waves, RATE_HZ, "order", context)[:, NAMES.index("ShaftAmplitude_1X")]
    np.testing.assert_allclose(found, [1.0, 1.0, np.nan], rtol=1e-3)
