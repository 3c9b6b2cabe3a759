"""Gathers what a file holds, the same way for all formats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from numpy.typing import NDArray

from diagnostics.importers.contents import LONGEST_TEXT, Contents, Limits, Variable, plain_text
from diagnostics.importers.declared import (
    Declared,
    Spelling,
    scaled,
    spelling,
    unit_word,
    without_unit,
)


class Collector:
    """Gathers what a file holds, with one guard for names, counts and units of all formats.

    Names are made fit to be shown and told apart; there are at most ``limits.variables``.

    Examples
    --------
    >>> import numpy as np
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
