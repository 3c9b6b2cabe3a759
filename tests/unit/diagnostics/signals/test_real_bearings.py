"""On measured data the envelope spectrum shows the defect that the bearing is known to have."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from diagnostics.bearings.geometry import Bearing
from diagnostics.signals.envelope import default_band, envelope_spectrum

ROOT = Path(__file__).parents[4]
REAL = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"No real recordings in {REAL} (set ROTORSCOPE_REAL_DATA)."
)
MFPT = Bearing(8, 0.235 * 25.4, 1.245 * 25.4)
SKF_6205 = Bearing(9, 0.3126 * 25.4, 1.537 * 25.4)


def heights(samples, sample_rate_hz: float, shaft_hz: float, bearing: Bearing):
    """Lines at BPFO and BPFI within 2 %, in multiples of the median line around them."""
    spectrum = envelope_spectrum(samples, sample_rate_hz, default_band(sample_rate_hz))
    found = []
    for order in (bearing.bpfo, bearing.bpfi):
        distance = np.abs(spectrum.frequencies_hz / (order * shaft_hz) - 1)
        around = np.median(spectrum.values[distance < 0.3])
        found.append(spectrum.values[distance < 0.02].max() / around)
    return found


@pytest.mark.parametrize(
    ("name", "outer", "inner"),
    [
        ("baseline_1", False, False),
        ("OuterRaceFault_vload_1", True, False),
        ("OuterRaceFault_vload_5", True, False),
        ("InnerRaceFault_vload_1", False, True),
        ("InnerRaceFault_vload_5", False, True),
    ],
)
def test_mfpt(name, outer, inner):
    record = scipy.io.loadmat(REAL / "mfpt" / f"{name}.mat", simplify_cells=True)["bearing"]
    samples = np.asarray(record["gs"], dtype=float).ravel()
    bpfo, bpfi = heights(samples, float(record["sr"]), float(record["rate"]), MFPT)
    assert (bpfo > 10, bpfi > 10) == (outer, inner)


@pytest.mark.parametrize(
    ("name", "rate_hz", "speed_rpm", "outer", "inner"),
    [
        ("normal_0", 48_000.0, 1_796, False, False),
        ("OR007@6_0", 12_000.0, 1_796, True, False),
        ("OR021@6_0", 12_000.0, 1_796, True, False),
        ("IR007_0", 12_000.0, 1_797, False, True),
        ("IR021_2", 12_000.0, 1_752, False, True),
    ],
)
def test_cwru(name, rate_hz, speed_rpm, outer, inner):
    with np.load(REAL / "cwru" / "cwru_12k_DE_5s.npz") as records:
        samples = records[name].astype(float).ravel()
    bpfo, bpfi = heights(samples, rate_hz, speed_rpm / 60, SKF_6205)
    assert (bpfo > 10, bpfi > 10) == (outer, inner)
