from __future__ import annotations

import gzip

import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.formats.registry import BY_CONTENT, IMPORTERS, decided, importer_for
from diagnostics.importers.registry import inspect
from tests.unit.diagnostics.importers.files import waves, write


def test_endings_belong_to_one_importer():
    suffixes = [suffix for importer in IMPORTERS for suffix in importer.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("name", "importer"),
    [
        ("a.MAT", "matlab"),
        ("set.zip/run/a.csv.gz", "table"),
        ("2003.10.22.12.06.24", "content"),
        ("1st_test_2003.10.22.12.06.24.gz", "content"),
        ("LOGGER/DATA0001", "content"),
    ],
)
def test_names(name, importer):
    assert importer_for(name).name == importer


@pytest.mark.parametrize("name", ["a.exe", "a.tar.gz", ".hidden", ".gz", "", "a.json", "a.v2"])
def test_other_names_are_refused(name):
    with pytest.raises(FileFormatError, match="are not read"):
        importer_for(name)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
def test_content_decides_where_the_name_says_nothing(tmp_path, importer, packed):
    suffix = ".npy" if importer.name == "numpy" else importer.suffixes[0]
    path = write(tmp_path / f"a{suffix}", waves())
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert decided(BY_CONTENT, path).name == importer.name
    name = "2003.10.22.12.06.24" + (".gz" if packed else "")
    preview = inspect(path, name)
    assert preview.importer == importer.name
    assert preview.recordings[0].title.startswith("2003.10.22.12.06.24")


def test_a_broken_packing_is_told(tmp_path):
    path = tmp_path / "DATA"
    path.write_bytes(b"\x1f\x8b" + bytes(20))
    with pytest.raises(FileFormatError, match="gzip file is broken"):
        decided(BY_CONTENT, path)
