"""What a file holds, in the same shape whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.declared import (
    Declared,
    Spelling,
    scaled,
    spelling,
    unit_word,
    without_unit,
)
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
            shown = min(claimed, 10**15)
            raise FileFormatError(
                f"{what} holds {shown / 1e6:,.0f} MB unpacked; "
                f"at most {self.bytes / 1e6:,.0f} MB are read from one file. Split it."
            )

    def check_variables(self, count: int) -> None:
        """Raises
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


class Collector:
    """Gathers what a file holds, with one guard for names, counts and units of all formats.

    Names are made fit to be shown and told apart; there are at most ``limits.variables``.

    Examples
    --------
    >>> found = Collector(Limits())
    >>> found.array("x [mV]", (2,), "int16", lambda: np.array([1500, 300], dtype=np.int16))
    >>> contents = found.contents()
    >>> contents.arrays["x [mV]"]().tolist(), contents.declared["x [mV]"].unit.value
    ([1.5, 0.3], 'V')
    >>> contents.notes
    ('Values in mV were divided by 1,000 to V: x [mV].',)
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._variables: dict[str, Variable] = {}
        self._scalars: dict[str, float | str] = {}
        self._arrays: dict[str, Callable[[], NDArray[Any]]] = {}
        self._declared: dict[str, Declared] = {}
        self._parts: dict[str, Callable[[int, int], NDArray[Any]]] = {}
        self._texts: dict[str, Callable[[], tuple[str, ...]]] = {}
        self._scaled: dict[str, list[str]] = {}
        self._foreign: dict[str, list[str]] = {}

    def scalar(
        self, name: str, value: float | str, dtype: str = "", shape: tuple[int, ...] = ()
    ) -> None:
        """A single number or text."""
        value = plain_text(value) if isinstance(value, str) else float(value)
        name = self._add(name, shape, dtype or ("text" if isinstance(value, str) else "float64"))
        self._scalars[name] = value

    def array(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: str,
        read: Callable[[], NDArray[Any]],
        *,
        part: Callable[[int, int], NDArray[Any]] | None = None,
        rate: tuple[float, str] | None = None,
        unit: tuple[str, str] | None = None,
    ) -> None:
        """Numbers that are read when they are asked for.

        ``rate`` in Hz and ``unit`` as the file spells it come with a source for people. Without
        a unit the name may end with one in brackets.
        """
        name = self._add(name, shape, dtype)
        word, source = unit or (unit_word(name), f"name of {name}")
        meant = spelling(word) if word else None
        if word and meant is None and unit is not None:
            self._foreign.setdefault(plain_text(word), []).append(name)
        title = ""
        if meant is not None and not meant.is_plain:
            self._scaled.setdefault(f"{plain_text(word)} were {meant.words}", []).append(name)
            title = self._title(name) if unit is None else ""
            read = partial(_read_scaled, read, meant)
            part = part and partial(_read_scaled, part, meant)
        if rate or meant:
            rate_hz, rate_source = rate or (None, "")
            unit_source = source if meant else ""
            self._declared[name] = Declared(
                rate_hz, rate_source, meant.unit if meant else None, unit_source, title
            )
        self._arrays[name] = read
        if part is not None:
            self._parts[name] = part

    def text(self, name: str, count: int, read: Callable[[], tuple[str, ...]]) -> None:
        """A column of texts, which profiles may ask for."""
        name = self._add(name, (count,), "text", "a column of text is not read")
        self._texts[name] = read

    def unread(self, name: str, shape: tuple[int, ...], dtype: str, note: str) -> None:
        """Something that is there and cannot be used."""
        self._add(name, shape, dtype, note)

    def contents(self, *notes: str) -> Contents:
        """All that was gathered."""
        units = [
            *(f"Values in {what}: {_some(names)}." for what, names in self._scaled.items()),
            *(
                f"The unit “{word}” is not among those that are used: {_some(names)}."
                for word, names in self._foreign.items()
            ),
        ]
        return Contents(
            tuple(self._variables.values()),
            self._scalars,
            self._arrays,
            (*notes, *units),
            self._declared,
            self._parts,
            self._texts,
        )

    def _title(self, name: str) -> str:
        """The name without a unit that no longer holds, unless it is taken."""
        title = without_unit(name)
        taken = {declared.title for declared in self._declared.values()} | set(self._variables)
        return name if title in taken else title

    def _add(self, name: str, shape: tuple[int, ...], dtype: str, note: str = "") -> str:
        self._limits.check_variables(len(self._variables) + 1)
        name = plain_text(name) or f"variable {len(self._variables) + 1}"
        number = len(self._variables)
        while name in self._variables:
            number += 1
            name = f"{name[: LONGEST_TEXT - 10]} ({number})"
        self._variables[name] = Variable(name, tuple(map(int, shape)), plain_text(dtype), note)
        return name


def _read_scaled(read: Callable[..., NDArray[Any]], meant: Spelling, *bounds: int) -> NDArray[Any]:
    return scaled(read(*bounds), meant)


def _some(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


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
