from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from scipy.io import savemat

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.matlab import open_matlab
from tests.unit.diagnostics.importers.files import waves, write

HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"


def element(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def matrix(array_class: int, shape: tuple[int, ...], rest: bytes, name: bytes = b"x") -> bytes:
    dimensions = struct.pack(f"<{len(shape)}i", *shape)
    head = element(6, struct.pack("<II", array_class, 0)) + element(5, dimensions)
    return element(14, head + element(1, name) + rest)


def opened(tmp_path, body: bytes, limits: Limits | None = None):
    path = tmp_path / "a.mat"
    path.write_bytes(HEADER + body)
    return open_matlab(path, limits or Limits())


def test_reads_structs_cells_texts_and_numbers(tmp_path):
    path = tmp_path / "a.mat"
    cells = np.empty(2, dtype=object)
    cells[:] = [np.arange(20.0), "text"]
    savemat(path, {"s": {"gs": np.arange(30.0), "load": "25"}, "c": cells, "fs": 5})
    contents = open_matlab(path, Limits())
    assert contents.scalars == {"s.load": "25", "c{2}": "text", "fs": 5.0}
    assert set(contents.arrays) == {"s.gs", "c{1}"}
    np.testing.assert_array_equal(contents.rows("s.gs")[0], np.arange(30.0))


@pytest.mark.parametrize("compressed", [True, False])
def test_plain_and_compressed_are_alike(tmp_path, compressed):
    savemat(tmp_path / "a.mat", waves(), do_compression=compressed)
    contents = open_matlab(tmp_path / "a.mat", Limits())
    np.testing.assert_array_equal(contents.rows("one")[0], waves()["one"])


def test_matches_a_matrix_made_by_hand(tmp_path):
    numbers = element(9, np.arange(20.0).tobytes())
    contents = opened(tmp_path, matrix(6, (20, 1), numbers))
    np.testing.assert_array_equal(contents.rows("x")[0], np.arange(20.0))


def test_names_newer_and_older_formats(tmp_path):
    path = tmp_path / "a.mat"
    path.write_bytes(HEADER[:124] + struct.pack("<H", 0x0200) + b"IM" + bytes(400))
    with pytest.raises(FileFormatError, match=r"7\.3"):
        open_matlab(path, Limits())
    savemat(path, {"x": np.ones(9)}, format="4")
    with pytest.raises(FileFormatError, match=r"not a MATLAB v5 file|broken"):
        open_matlab(path, Limits())


@pytest.mark.parametrize(
    "body",
    [
        matrix(6, (2**30, 2**20), element(9, bytes(80))),
        matrix(1, (2**30, 1), element(14, b"")),
        matrix(2, (2**30, 1), element(5, struct.pack("<i", 1)) + element(1, b"f")),
        matrix(4, (1, 2**30), element(4, b"ab")),
        matrix(6, (-1, 3), element(9, bytes(80))),
        matrix(6, (10, 1), struct.pack("<II", 9, 2**31) + bytes(80)),
        struct.pack("<II", 14, 2**32 - 1) + bytes(80),
    ],
    ids=["numbers", "cells", "structs", "text", "negative", "part", "whole"],
)
def test_absurd_claims_cost_nothing(tmp_path, body):
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError):
            opened(tmp_path, body)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        matrix(6, (20, 1), element(8, bytes(160))),  # scipy divides by the size of this type: 0
        matrix(6, (20, 1), element(200, bytes(160))),  # and leaves its table with this one
        matrix(4, (1, 20), element(77, bytes(40))),
        matrix(6, (20, 1), element(9, bytes(88))),
        matrix(6 | 0x0800, (20, 1), element(9, bytes(160))),  # complex, without the other half
        matrix(6, (1,) * 40, element(9, bytes(8))),
        matrix(2, (1, 1), element(5, struct.pack("<i", 0)) + element(1, b"")),
        matrix(1, (1, 1), element(14, matrix(6, (1, 1), element(9, bytes(8)))[8:] + bytes(64))),
    ],
    ids=["no size", "number type", "text type", "short", "complex", "dimensions", "fields", "gap"],
)
def test_what_would_end_the_program_is_refused(tmp_path, body):
    with pytest.raises(FileFormatError, match="broken"):
        opened(tmp_path, body)


def test_what_a_file_says_about_itself_is_not_believed(tmp_path):
    path = tmp_path / "a.mat"
    body = matrix(6, (20, 1), element(9, np.arange(20.0).tobytes()))
    path.write_bytes(bytes(124) + HEADER[124:] + body)  # zeros: scipy takes it for version 4
    assert open_matlab(path, Limits()).rows("x").shape == (1, 20)


def test_deep_nesting_is_refused(tmp_path):
    body = matrix(6, (1, 1), element(9, bytes(8)))
    for _ in range(200):
        body = matrix(1, (1, 1), body)
    with pytest.raises(FileFormatError, match="deep"):
        opened(tmp_path, body)


def test_unpacking_is_bounded(tmp_path):
    bomb = zlib.compress(matrix(6, (25_000_000, 1), element(9, bytes(200_000_000))), 9)
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="at most 1 MB"):
            opened(tmp_path, element(15, bomb), Limits(bytes=1_000_000))
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_objects_and_functions_are_named_not_read(tmp_path):
    good = matrix(6, (20, 1), element(9, np.arange(20.0).tobytes()))
    contents = opened(tmp_path, matrix(16, (1, 1), bytes(64), b"f") + good)
    assert [(v.name, bool(v.note)) for v in contents.variables] == [("x", False), ("f", True)]


def test_too_many_variables_are_refused(tmp_path):
    path = write(tmp_path / "a.mat", {f"v{i}": np.ones(3) for i in range(12)})
    with pytest.raises(FileFormatError, match="variables"):
        open_matlab(path, Limits(variables=10))


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (matrix(1, (50_000, 1), element(14, b"") * 50_000), "values"),
        (matrix(4, (1, 4_000_000), element(1, bytes(4_000_000))), "letters"),
    ],
    ids=["cells", "text"],
)
def test_many_variables_cannot_take_what_one_may_not(tmp_path, variable, said):
    packed = zlib.compress(variable)
    whole = struct.pack("<II", 15, len(packed)) + packed  # not filled up to 8 bytes
    with pytest.raises(FileFormatError, match=said):
        opened(tmp_path, whole * 3)
