"""What a file holds, in the same shape whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.declared import Declared
from diagnostics.signals.signal import Samples

MAX_CHANNELS = 64
"""More rows than this are windows or snapshots, not sensors."""
MIN_SAMPLES = 16
LONGEST_TEXT = 200
MAX_SAMPLE_BYTES = 2 << 30
"""As floating-point numbers; small integers take four times as much as in the file."""


@dataclass(frozen=True)
class Limits:
    """What one file may take at most, so that a small file cannot claim all of the memory.

    Attributes
    ----------
    bytes
        In memory at once: a file, or one array of a format that is read array by array.
    file_bytes
        The file itself where it is read array by array or block by block.
    variables
        Names in the file.
    seconds, bytes_per_second
        Processor time for a file that another process reads: so long, and longer for large ones.
    """

    bytes: int = 1 << 30
    variables: int = 10_000
    file_bytes: int = 32 << 30
    seconds: float = 60.0
    bytes_per_second: float = 2e6

    def check_bytes(self, claimed: int, what: str) -> None:
        """Refuse before anything is allocated.

        Raises
        ------
        FileFormatError
            If ``what`` claims more than the limit.
        """
        if claimed > self.bytes:
            # A claim may have thousands of digits, which nobody could read.
            shown, most = (f"{min(one, 10**15) / 1e6:,.0f}" for one in (claimed, self.bytes))
            over = "more" if shown == most else f"{shown} MB"
            raise FileFormatError(
                f"{what} holds {over} unpacked; at most {most} MB are read from one file. Split it."
            )

    def check_variables(self, count: int) -> None:
        """See that there are not too many variables.

        Raises
        ------
        FileFormatError
            If there are more variables than the limit.
        """
        if count > self.variables:
            raise FileFormatError(
                f"The file has {count:,} variables; at most {self.variables:,} are read."
            )


@dataclass(frozen=True)
class Variable:
    """One name in the file, whether it can be used or not."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    note: str = ""


@dataclass(frozen=True)
class Contents:
    """An opened file.

    Attributes
    ----------
    variables
        All that was found, in the order of the file.
    scalars
        Single numbers and texts by name: a speed, a load, a label.
    arrays
        By name, a function that gives the numbers: (samples,), (samples, columns) or the
        other way round.
    notes
        What was decided while reading: the separator of a table, for example.
    declared
        By name of an array, its sampling rate and unit where the file gives them.
    parts
        By name of an array with several dimensions, a function that reads ``start`` to
        ``stop`` of the first one and nothing else. Arrays without one are read whole.
    texts
        By name, a function that gives a column of texts: labels of the rows of an array.
    """

    variables: tuple[Variable, ...]
    scalars: Mapping[str, float | str]
    arrays: Mapping[str, Callable[[], NDArray[Any]]]
    notes: tuple[str, ...] = ()
    declared: Mapping[str, Declared] = field(default_factory=dict)
    parts: Mapping[str, Callable[[int, int], NDArray[Any]]] = field(default_factory=dict)
    texts: Mapping[str, Callable[[], tuple[str, ...]]] = field(default_factory=dict)

    def rows(self, name: str) -> Samples:
        """The numbers of an array as (channels, samples), float32 or float64.

        Raises
        ------
        FileFormatError
            If there is no such array or it holds something else than real numbers.
        """
        if name not in self.arrays:
            raise FileFormatError(f"The file has no array {name}.")
        return as_rows(self.arrays[name](), name)

    def matrix(self, name: str, start: int, stop: int) -> NDArray[Any]:
        """Some rows of an array whose rows are recordings, as they stand in the file.

        Only these rows are read where the format permits it, so that an array may be larger
        than the memory.

        Parameters
        ----------
        name : str
        start, stop : int
            As in a slice: rows ``start`` to ``stop - 1``.

        Returns
        -------
        array of shape (rows, samples), or (rows, …) with all further dimensions
            In the type of the file.

        Raises
        ------
        FileFormatError
            If there is no such array, it has no rows, or cannot be read.
        """
        if name not in self.arrays:
            raise FileFormatError(f"The file has no array {name}.")
        shape = next((v.shape for v in self.variables if v.name == name), ())
        if len(shape) < 2:
            raise FileFormatError(f"{name} has the shape {shape}; expected rows of samples.")
        if not 0 <= start <= stop <= shape[0]:
            raise FileFormatError(
                f"{name} has {shape[0]:,} rows; rows {start:,} to {stop:,} are not among them."
            )
        read = self.parts.get(name)
        return read(start, stop) if read else self.arrays[name]()[start:stop]


def plain_text(text: str) -> str:
    """Text out of a file, fit to be shown and stored: no control characters, not too long.

    Examples
    --------
    >>> plain_text(" inner" + chr(0) + " race" + chr(10))
    'inner race'
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:1000])
    return " ".join(shown.split())[:LONGEST_TEXT]


def is_signal_shape(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape can be channels of one recording.

    Examples
    --------
    >>> is_signal_shape((4000,)), is_signal_shape((4000, 3)), is_signal_shape((400, 4000))
    (True, True, False)
    """
    if len(shape) not in (1, 2) or 0 in shape:
        return False
    return max(shape) >= MIN_SAMPLES and (len(shape) == 1 or min(shape) <= MAX_CHANNELS)


def as_rows(values: NDArray[Any], name: str) -> Samples:
    """Channels as rows; the longer side of a table is time.

    Integers up to 16 bit become float32, wider ones float64: both hold them exactly
    (64-bit integers up to 2⁵³).

    Raises
    ------
    FileFormatError
        If the values are no real numbers or have no side for time.

    Examples
    --------
    >>> as_rows(np.zeros((100, 2), dtype=np.int16), "x").shape
    (2, 100)
    """
    if values.dtype.kind not in "fiu":
        raise FileFormatError(f"{name} holds {values.dtype}, expected real numbers.")
    if not is_signal_shape(values.shape):
        raise FileFormatError(
            f"{name} has the shape {values.shape}; expected one row of at least {MIN_SAMPLES} "
            f"samples for each of at most {MAX_CHANNELS} channels."
        )
    single = values.dtype == np.float32 or values.dtype.itemsize <= 2
    Limits(MAX_SAMPLE_BYTES).check_bytes(values.size * (4 if single else 8), name)
    rows = values[np.newaxis] if values.ndim == 1 else values
    if rows.shape[0] > rows.shape[1]:
        rows = rows.T
    with np.errstate(invalid="ignore", over="ignore"):  # what cannot be held is not finite
        samples: Samples = np.ascontiguousarray(rows, dtype=np.float32 if single else np.float64)
    return samples
