from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.numpy_files import open_numpy

EXECUTED = []


class Trap:
    def __reduce__(self):
        return EXECUTED.append, ("executed",)


def header(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    buffer = io.BytesIO()
    fields = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, fields)
    return buffer.getvalue()


def test_numbers_texts_and_arrays(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(20.0), fs=np.int64(100), label="ball", z=np.ones(20) * 1j)
    contents = open_numpy(path, Limits())
    assert contents.scalars == {"fs": 100.0, "label": "ball"}
    assert set(contents.arrays) == {"x"}
    assert next(v.note for v in contents.variables if v.name == "z") == "complex128 is not read"


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [(">f8", "float64"), ("<i2", "float32"), ("<i4", "float64"), ("f2", "float32")],
)
def test_types_are_kept_exactly(tmp_path, dtype, kept):
    values = np.arange(-9, 11).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    rows = open_numpy(tmp_path / "a.npy", Limits()).rows("array")
    assert rows.dtype == kept
    np.testing.assert_array_equal(rows[0], values)


def test_columns_become_channels(tmp_path):
    values = np.arange(120.0).reshape(40, 3)
    np.save(tmp_path / "a.npy", values)
    rows = open_numpy(tmp_path / "a.npy", Limits()).rows("array")
    np.testing.assert_array_equal(rows, values.T)


def test_pickles_are_not_opened(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, trap=np.array([Trap()], dtype=object), x=np.arange(20.0))
    EXECUTED.clear()
    contents = open_numpy(path, Limits())
    assert "pickle" in next(v.note for v in contents.variables if v.name == "trap")
    assert set(contents.arrays) == {"x"}
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileFormatError):
        open_numpy(tmp_path / "b.npy", Limits())
    assert EXECUTED == []


@pytest.mark.parametrize("shape", [(2**40,), (2**62, 2**62), (100,)])
def test_absurd_shapes_are_refused_before_anything_is_allocated(tmp_path, shape):
    (tmp_path / "a.npy").write_bytes(header(shape) + bytes(64))
    with pytest.raises(FileFormatError, match=r"cut off|at most"):
        open_numpy(tmp_path / "a.npy", Limits())
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header(shape) + bytes(64))
    with pytest.raises(FileFormatError, match=r"cut off|at most"):
        open_numpy(tmp_path / "a.npz", Limits())


def test_a_bomb_is_refused_by_its_size(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header((5_000_000,)) + bytes(40_000_000))
    with pytest.raises(FileFormatError, match="at most 1 MB"):
        open_numpy(tmp_path / "a.npz", Limits(bytes=1_000_000))


def test_tables_with_fields_are_named(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(20, dtype=[("x", "f8"), ("y", "f8")]))
    (variable,) = open_numpy(tmp_path / "a.npy", Limits()).variables
    assert variable.note


def spelled(header_text: str) -> bytes:
    """An NPY file with a header as somebody typed it."""
    content = header_text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(content).to_bytes(2, "little") + content + bytes(200)


@pytest.mark.parametrize(
    "shape",
    ["1" + "0" * 400 + ",", "9" * 4000 + "," + "9" * 4000, "-" * 6000 + "1,", "-5,-5"],
    ids=["400 digits", "8000 digits", "deep", "negative"],
)
def test_headers_that_break_python_are_refused(tmp_path, shape):
    content = spelled(f"{{'descr':'<f8','fortran_order':False,'shape':({shape}),}}")
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"broken|at most"):
        open_numpy(tmp_path / "a.npy", Limits())
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(FileFormatError, match=r"broken|at most"):
        open_numpy(tmp_path / "a.npz", Limits())


def test_small_integers_count_as_what_they_become(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", np.zeros(1000, dtype=np.int8))
    monkeypatch.setattr("diagnostics.importers.contents.MAX_SAMPLE_BYTES", 3_999)
    with pytest.raises(FileFormatError, match="at most"):
        open_numpy(tmp_path / "a.npy", Limits()).rows("array")


def test_an_array_larger_than_the_limit_is_read_row_by_row(tmp_path):
    table = np.arange(6000.0).reshape(20, 300)
    np.save(tmp_path / "a.npy", table)
    contents = open_numpy(tmp_path / "a.npy", Limits(bytes=10_000))
    np.testing.assert_array_equal(contents.matrix("array", 18, 20), table[18:])
    for ask in (lambda: contents.rows("array"), lambda: contents.matrix("array", 0, 20)):
        with pytest.raises(FileFormatError, match="at most 0 MB"):
            ask()


def test_rows_of_a_broken_member_are_refused_each_time(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, m=np.arange(6000.0).reshape(20, 300))
    content = bytearray(path.read_bytes())
    content[3000] ^= 0xFF
    path.write_bytes(content)
    contents = open_numpy(path, Limits())
    for _ in range(2):
        with pytest.raises(FileFormatError, match="m is broken"):
            contents.matrix("m", 0, 1)
