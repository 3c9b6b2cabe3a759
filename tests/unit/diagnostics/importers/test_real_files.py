"""The public recordings that the profiles were written for, where they are at hand."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from diagnostics.errors import DiagnosticsError
from diagnostics.importers.registry import open_file, with_warnings
from diagnostics.signals.quality import Problem

ROOT = Path(__file__).parents[4]
REAL = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not (REAL / "cwru").is_dir(), reason="the public recordings are not here"
)
RAW = sorted((REAL / "cwru" / "raw").glob("*.mat")) + sorted((REAL / "mfpt").glob("*.mat"))


def opened(path: Path, companions=None):
    return open_file(path, str(path.relative_to(REAL)), companions)


@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem)
def test_samples_are_those_of_scipy(path):
    file = opened(path)
    (recording,) = file.preview.recordings
    signal = file.signal(recording)
    raw = loadmat(path)
    expected = [
        raw["bearing"]["gs"][0, 0].ravel() if "bearing" in raw else raw[channel.variable].ravel()
        for channel in recording.channels
    ]
    np.testing.assert_array_equal(signal.samples, np.stack(expected))


def test_warnings_name_what_is_wrong():
    found = {
        path.stem: {
            w.problem: w for w in with_warnings(opened(path).preview.recordings[0]).warnings
        }
        for path in RAW
    }
    named = {name: warnings for name, warnings in found.items() if warnings}
    assert {name: set(warnings) for name, warnings in named.items()} == {
        "48k_DE_OR014_centered_at_6_0": {Problem.IDENTICAL, Problem.OFFSET},
        "normal_0": {Problem.RATE},
    }
    assert "48 kHz" in named["normal_0"][Problem.RATE].message


def test_the_archive_with_its_table():
    path = REAL / "cwru" / "cwru_12k_DE_5s.npz"
    file = opened(path, {"cwru_12k_DE_5s.csv": path.with_suffix(".csv")})
    recordings = {r.key: r for r in file.preview.recordings}
    assert len(recordings) == 61
    assert not any(r.missing for r in recordings.values())
    bearings = {r.facts["bearing"].value for r in recordings.values()}
    assert len(bearings) == 12  # 4 sizes of ball and inner race, 3 of outer race, normal
    assert recordings["normal_0"].sample_rate_hz.value == 48_000
    assert recordings["OR007@12_3"].facts["speed_rpm"].value > 1700


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["cwru/raw/12k_DE_B028_0.mat", "mfpt/InnerRaceFault_vload_1.mat"])
def test_changed_bytes_end_in_a_sentence(tmp_path, name, seed):
    random = np.random.default_rng(seed)
    content = np.fromfile(REAL / name, dtype=np.uint8)
    content[128 + random.integers(0, 300, 4)] = random.integers(0, 256, 4)
    path = tmp_path / "a.mat"
    content[: random.integers(200, content.size) if seed % 3 == 0 else None].tofile(path)
    with suppress(DiagnosticsError):
        file = open_file(path, name)
        for recording in file.preview.recordings:
            file.signal(recording)
