"""The importers: which file goes to which.

To add one: write the function that opens a file and list it here; the contract tests follow from
the list.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Contents, Limits
from diagnostics.importers.formats.hdf5 import SIGNATURE, open_hdf5
from diagnostics.importers.formats.matlab import open_matlab
from diagnostics.importers.formats.numpy_files import open_numpy
from diagnostics.importers.formats.parquet import open_parquet
from diagnostics.importers.formats.sheets import open_sheets
from diagnostics.importers.formats.sound import open_sound
from diagnostics.importers.formats.tdms import open_tdms
from diagnostics.importers.formats.text_lines import is_packed
from diagnostics.importers.formats.text_tables import open_table
from diagnostics.importers.formats.uff import open_uff
from diagnostics.importers.own_exports import exports_first

PACKED = ".gz"
_NUMBERED = re.compile(r"\.\d+")
_LONGEST_START = 16


@dataclass(frozen=True)
class Importer:
    """How files of one format are read.

    Attributes
    ----------
    starts
        The first bytes of such files, by which one without a known ending is recognised.
    one_array_each
        Arrays of a file are separate recordings, not channels of one.
    apart
        Compiled code or a foreign library reads the file: not in this process.
    streamed
        Arrays are read one by one or block by block, so that the file may be larger than the
        memory.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    open: Callable[[Path, Limits], Contents]
    starts: tuple[bytes, ...] = ()
    one_array_each: bool = False
    apart: bool = True
    streamed: bool = True


TABLE = Importer(
    "table", "CSV or TSV", (".csv", ".tsv", ".txt"), exports_first(open_table), apart=False
)
IMPORTERS: tuple[Importer, ...] = (
    Importer("matlab", "MATLAB", (".mat",), open_matlab, (b"MATLAB ",)),
    Importer(
        "numpy",
        "NumPy",
        (".npz", ".npy"),
        open_numpy,
        (b"\x93NUMPY",),
        one_array_each=True,
        apart=False,
    ),
    TABLE,
    Importer("hdf5", "HDF5", (".h5", ".hdf5", ".hdf"), exports_first(open_hdf5), (SIGNATURE,)),
    Importer("parquet", "Parquet", (".parquet", ".pq"), exports_first(open_parquet), (b"PAR1",)),
    Importer("sound", "WAV or FLAC", (".wav", ".flac"), open_sound, (b"RIFF", b"RF64", b"fLaC")),
    Importer("tdms", "TDMS", (".tdms",), open_tdms, (b"TDSm",)),
    Importer(
        "uff", "Universal file (UFF 58)", (".uff", ".unv"), open_uff, (b"    -1",), streamed=False
    ),
    Importer(
        "sheets",
        "Excel or OpenDocument",
        (".xlsx", ".xlsm", ".ods"),
        open_sheets,
        (b"PK\x03\x04",),
        streamed=False,
    ),
)
SUFFIXES = tuple(suffix for importer in IMPORTERS for suffix in importer.suffixes)
BY_CONTENT = Importer("content", "decided by content", (), open_table)
"""Stands for the importer of a file whose name does not tell its format."""


def importer_for(file_name: str) -> Importer:
    """The importer for the ending of a name, without ``.gz``.

    Names without an ending, and with one of digits only (``2003.10.22.12.06.24``), are those of
    loggers and test rigs: what they are is decided by content.

    Raises
    ------
    FileFormatError
        If no importer reads files with this ending.

    Examples
    --------
    >>> importer_for("A/B.MAT").name, importer_for("a.csv.gz").name
    ('matlab', 'table')
    >>> importer_for("1st_test/2003.10.22.12.06.24").name
    'content'
    """
    name = PurePosixPath(file_name.lower()).name.removesuffix(PACKED)
    suffix = PurePosixPath(name).suffix
    for importer in IMPORTERS:
        if suffix in importer.suffixes:
            return importer
    if name and not name.startswith(".") and (not suffix or _NUMBERED.fullmatch(suffix)):
        return BY_CONTENT
    known = ", ".join(SUFFIXES)
    raise FileFormatError(f"Files that end in {suffix or 'nothing'} are not read; {known} are.")


def decided(importer: Importer, path: Path) -> Importer:
    """The importer itself, or the one that the first bytes of the file call for.

    Raises
    ------
    FileFormatError
        If the file is packed and the packing is broken.
    """
    if importer is not BY_CONTENT:
        return importer
    start = _start(path)
    for known in IMPORTERS:
        if any(start.startswith(begin) for begin in known.starts):
            return known
    return TABLE


def _start(path: Path) -> bytes:
    try:
        with (gzip.open if is_packed(path) else open)(path, "rb") as file:
            return bytes(file.read(_LONGEST_START))
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError("The gzip file is broken or cut off.") from error
