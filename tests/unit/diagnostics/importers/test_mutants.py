"""Thousands of broken files: each ends in a sentence or in a valid signal, and leaves nothing."""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path

import numpy as np
import psutil
import pytest

from diagnostics.errors import FileFormatError, SignalError
from diagnostics.importers import isolation
from diagnostics.importers.choices import Choices, override
from diagnostics.importers.contents import Limits
from diagnostics.importers.registry import SUFFIXES, open_file
from diagnostics.signals.signal import Unit
from tests.unit.diagnostics.importers.files import RICH, waves, write

ROOT = Path(__file__).parents[4]
REAL = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data"))
TYPED = Choices(sample_rate_hz=1000.0, unit=Unit.ACCELERATION_G)
LIMITS = Limits(bytes=64 << 20, seconds=15.0)
ENDINGS = [*SUFFIXES, ".73.mat", ".csv.gz", ".mat.gz"]
EACH, RICH_EACH, REAL_EACH = 30, 40, 20
ODD = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1)
REAL_FILES = [
    "cwru/raw/12k_DE_B028_0.mat",
    "mfpt/InnerRaceFault_vload_1.mat",
    "pronostia/raw_csv/Bearing1_4_acc_00001.csv",
    "pronostia/raw_csv/Bearing3_1_acc_00001.csv",
    "pronostia/Bearing1_1_every14.npz",
    "ims/1st_test_2003.10.22.12.06.24.gz",
    "skab/valve1/0.csv",
]


def mutant(content: bytes, random: np.random.Generator) -> bytes:
    """A copy that was cut off, changed, shortened, or in which bytes come twice."""
    if content[:2] == b"\x1f\x8b" and random.random() < 0.7:
        return gzip.compress(mutant(gzip.decompress(content), random), 1)
    changed = bytearray(content)
    # Mostly in the first bytes, where the sizes and types are.
    reach = min(len(changed), int(random.choice([64, 400, 2000, len(changed)])))
    at, length = int(random.integers(0, len(changed))), int(random.integers(1, 400))
    kind = random.integers(0, 5)
    if kind == 0:
        del changed[at:]
    elif kind == 1:
        for _ in range(int(random.integers(1, 12))):
            changed[int(random.integers(0, reach))] = int(random.integers(0, 256))
    elif kind == 2:
        for _ in range(int(random.integers(1, 6))):
            start, width = int(random.integers(0, max(reach - 8, 1))), int(random.choice([2, 4, 8]))
            number = int(random.choice(ODD)) % (1 << 8 * width)
            order = "little" if random.random() < 0.5 else "big"
            changed[start : start + width] = number.to_bytes(width, order)
    elif kind == 3:
        del changed[at : at + length]
    else:
        changed[at:at] = changed[: at + length][-length:]
    return bytes(changed)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where the files lie; the folder for temporary ones must be empty afterwards."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    isolation.close()
    before = psutil.Process().memory_info().rss
    yield tmp_path
    child = isolation._child
    if child is not None and child.is_alive():
        assert most_memory(child._process.pid) < 800 << 20
    isolation.close()
    assert list(temporary.iterdir()) == []
    assert psutil.Process().memory_info().rss - before < 300 << 20


def most_memory(pid: int) -> int:
    """The most bytes that a process has held so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def survives(place: Path, name: str, content: bytes, count: int) -> None:
    path = place / "mutant"
    for number in range(count):
        path.write_bytes(mutant(content, np.random.default_rng([len(content), number])))
        try:
            opened = open_file(path, name, limits=LIMITS)
            for recording in opened.preview.recordings[:10]:
                signal = opened.signal(override(recording, TYPED, name))
                assert np.isfinite(signal.samples).all()
        except (FileFormatError, SignalError) as error:
            sentence = str(error)
            assert len(sentence) < 1000, number
            assert sentence.isprintable(), number
            assert str(place) not in sentence, number
            assert "given up" not in sentence, number
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("ending", ENDINGS)
def test_files_of_every_format(place, ending):
    content = write(place / f"pump{ending}", waves()).read_bytes()
    survives(place, f"pump{ending}", content, EACH)


@pytest.mark.parametrize("ending", RICH)
def test_files_with_everything_that_a_format_has(place, ending):
    content = RICH[ending](place / f"rich{ending}").read_bytes()
    survives(place, f"rich{ending}", content, RICH_EACH)


@pytest.mark.parametrize("name", REAL_FILES)
def test_real_files(place, name):
    if not (REAL / name).is_file():
        pytest.skip("the public recordings are not here")
    survives(place, name, (REAL / name).read_bytes(), REAL_EACH)


def test_there_are_a_thousand_of_them():
    generated = EACH * len(ENDINGS) + RICH_EACH * len(RICH)
    assert generated + REAL_EACH * len(REAL_FILES) >= 1000
