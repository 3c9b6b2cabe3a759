"""What a file can do to its reader, and what that does to us: nothing."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers import isolation
from diagnostics.importers.contents import Limits
from diagnostics.importers.isolation import open_apart
from diagnostics.importers.registry import open_file
from tests.unit.diagnostics.importers.files import waves, write

ROOT = Path(__file__).parents[4]


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "a.h5", waves())


def child() -> psutil.Process:
    return psutil.Process(isolation._child._process.pid)


def test_one_child_serves_all_files_of_a_batch(tmp_path, path):
    open_file(path, path.name)
    first = child()
    for ending in (".73.mat", ".parquet", ".wav", ".tdms"):
        other = write(tmp_path / f"b{ending}", waves())
        open_file(other, other.name)
    assert child() == first


def test_arrays_outlive_the_child_that_found_them(path):
    contents = open_apart("hdf5", path, Limits())
    first = child()
    isolation._child._process.kill()
    isolation._child._process.wait()
    np.testing.assert_array_equal(contents.rows("one")[0], waves()["one"])
    assert child() != first


def test_a_reader_that_stops_is_the_fault_of_its_file(path):
    with pytest.raises(FileFormatError, match="reader stopped on this file"):
        open_apart("none of them", path, Limits())
    assert list(open_apart("hdf5", path, Limits()).arrays) == ["one", "two"]


def test_a_reader_that_never_ends_is_given_up(path):
    contents = open_apart("hdf5", path, Limits(seconds=1.0))
    stuck = child()
    stuck.send_signal(signal.SIGSTOP)
    with pytest.raises(FileFormatError, match="took more than 1 s"):
        contents.rows("one")
    assert not stuck.is_running()
    assert contents.rows("one").shape == (1, 400)


def test_processor_time_is_bounded(tmp_path):
    path = write(tmp_path / "a.uff", {"one": np.zeros(2_000_000)})
    path.write_bytes(b"    -1\n" * 3_000_000)
    with pytest.raises(FileFormatError, match="took more than 0 s"):
        open_apart("uff", path, Limits(seconds=0.1, bytes_per_second=1e12))


def test_an_interrupt_of_the_group_leaves_the_reader(path):
    contents = open_apart("hdf5", path, Limits())
    first = child()
    first.send_signal(signal.SIGINT)
    assert contents.rows("one").shape == (1, 400)
    assert child() == first


def test_a_file_that_is_gone_is_named(path):
    contents = open_apart("hdf5", path, Limits())
    path.unlink()
    with pytest.raises(FileFormatError, match="not there any more"):
        contents.rows("one")


def test_the_child_has_limits_and_no_secrets(path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "swordfish")
    isolation.close()
    open_apart("hdf5", path, Limits())
    assert "SECRET_KEY" not in child().environ()
    assert child().rlimit(psutil.RLIMIT_AS)[0] == (2 << 30) + (3 << 30)
    assert child().rlimit(psutil.RLIMIT_CORE)[0] == 0


def test_a_fork_asks_a_child_of_its_own(path):
    open_apart("hdf5", path, Limits())
    mine = child().pid
    pid = os.fork()
    if pid == 0:
        right = list(open_apart("hdf5", path, Limits()).arrays) == ["one", "two"]
        other = child().pid != mine
        isolation.close()
        os._exit(0 if right and other else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert child().pid == mine
    assert list(open_apart("hdf5", path, Limits()).arrays) == ["one", "two"]


def test_the_child_does_not_outlive_its_parent(path):
    code = (
        "import os, sys; from pathlib import Path; from diagnostics.importers import isolation\n"
        "from diagnostics.importers.contents import Limits\n"
        "isolation.open_apart('hdf5', Path(sys.argv[1]), Limits())\n"
        "print(isolation._child._process.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, check=False
    )
    pid, until = int(done.stdout), time.monotonic() + 60
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("ending", [".csv", ".mat", ".73.mat", ".npz", ".wav", ".parquet", ".tdms"])
def test_packed_files_are_read_and_nothing_is_left(tmp_path, monkeypatch, ending):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    isolation.close()
    path = write(tmp_path / f"a{ending}.gz", waves())
    contents = open_file(path, path.name).contents
    rows = [row for name in contents.arrays for row in contents.rows(name)]
    np.testing.assert_array_equal(rows, list(waves().values()))
    assert list(place.iterdir()) == []
    isolation.close()


@pytest.mark.parametrize("name", ["a.mat.gz", "a.csv.gz", "2003.10.22.12.06.24.gz"])
def test_a_packed_bomb_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"1,2\n" * 1_000_000))
    with pytest.raises(FileFormatError, match="at most"):
        open_file(path, name, limits=Limits(bytes=1_000_000))


@pytest.mark.parametrize("kept", [0.3, 0.9])
@pytest.mark.parametrize("name", ["a.mat.gz", "a.csv.gz"])
def test_packed_files_that_are_cut_off_are_refused(tmp_path, name, kept):
    path = write(tmp_path / name, waves())
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(FileFormatError, match="gzip file is broken"):
        open_file(path, name)


@pytest.mark.parametrize("ending", [".h5", ".73.mat", ".mat", ".npy", ".npz"])
def test_rows_of_a_matrix_alone(tmp_path, ending):
    table = np.arange(600.0).reshape(20, 30)
    values = dict(enumerate(table)) if ending == ".npy" else {"m": table}
    path = write(tmp_path / f"a{ending}", values)
    contents = open_file(path, path.name).contents
    (name,) = contents.arrays
    np.testing.assert_array_equal(contents.matrix(name, 3, 5), table[3:5])
    with pytest.raises(FileFormatError, match="has 20 rows; rows 19 to 21"):
        contents.matrix(name, 19, 21)
