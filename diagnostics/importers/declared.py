"""What files say about an array beside its numbers: how fast it was sampled, and in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.signal import Unit

RATE_NAMES = re.compile(
    r"(^|[._ ])(fs|sr|samp(le|ling)?_?(rate|freq(uency)?)(_?hz)?)$", re.IGNORECASE
)
UNIT_NAMES = re.compile(r"(^|[._ ])(units?|unit_string)$", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$")


@dataclass(frozen=True)
class Spelling:
    """What a word for a unit means: values times ``times`` divided by ``by`` are in ``unit``.

    Two whole numbers and not one factor, since 0.001 is no number that a computer holds.
    """

    unit: Unit
    times: int = 1
    by: int = 1

    @property
    def is_plain(self) -> bool:
        return self.times == self.by

    @property
    def words(self) -> str:
        """For people: ``divided by 1,000 to V``."""
        parts = [f"multiplied by {self.times:,}"] if self.times > 1 else []
        parts += [f"divided by {self.by:,}"] if self.by > 1 else []
        return f"{' and '.join(parts)} to {self.unit.value}"


@dataclass(frozen=True)
class Declared:
    """What a file says about one array; the sources are for people.

    ``title`` is the name for a channel where it differs from that of the array.
    """

    sample_rate_hz: float | None = None
    rate_source: str = ""
    unit: Unit | None = None
    unit_source: str = ""
    title: str = ""


_SPELLINGS = {
    "g": Spelling(Unit.ACCELERATION_G),
    "gn": Spelling(Unit.ACCELERATION_G),
    "mg": Spelling(Unit.ACCELERATION_G, by=1000),
    "m/s²": Spelling(Unit.ACCELERATION),
    "mm/s²": Spelling(Unit.ACCELERATION, by=1000),
    "mm/s": Spelling(Unit.VELOCITY),
    "m/s": Spelling(Unit.VELOCITY, 1000),
    "cm/s": Spelling(Unit.VELOCITY, 10),
    "µm/s": Spelling(Unit.VELOCITY, by=1000),
    "in/s": Spelling(Unit.VELOCITY, 254, 10),
    "ips": Spelling(Unit.VELOCITY, 254, 10),
    "µm": Spelling(Unit.DISPLACEMENT),
    "um": Spelling(Unit.DISPLACEMENT),
    "nm": Spelling(Unit.DISPLACEMENT, by=1000),
    "mm": Spelling(Unit.DISPLACEMENT, 1000),
    "m": Spelling(Unit.DISPLACEMENT, 1_000_000),
    "mil": Spelling(Unit.DISPLACEMENT, 254, 10),
    "mils": Spelling(Unit.DISPLACEMENT, 254, 10),
    "V": Spelling(Unit.VOLTAGE),
    "volt": Spelling(Unit.VOLTAGE),
    "volts": Spelling(Unit.VOLTAGE),
    "mV": Spelling(Unit.VOLTAGE, by=1000),
    "µV": Spelling(Unit.VOLTAGE, by=1_000_000),
    "kV": Spelling(Unit.VOLTAGE, 1000),
    "A": Spelling(Unit.CURRENT),
    "ampere": Spelling(Unit.CURRENT),
    "mA": Spelling(Unit.CURRENT, by=1000),
    "kA": Spelling(Unit.CURRENT, 1000),
    "Pa": Spelling(Unit.PRESSURE),
    "pascal": Spelling(Unit.PRESSURE),
    "mPa": Spelling(Unit.PRESSURE, by=1000),
    "hPa": Spelling(Unit.PRESSURE, 100),
    "mbar": Spelling(Unit.PRESSURE, 100),
    "kPa": Spelling(Unit.PRESSURE, 1000),
    "bar": Spelling(Unit.PRESSURE, 100_000),
    "MPa": Spelling(Unit.PRESSURE, 1_000_000),
}
# Written small or large where that cannot mean another power of ten.
_ANY_CASE = {word.lower(): meant for word, meant in _SPELLINGS.items() if meant.is_plain}
_SAME_SIGN = str.maketrans({"μ": "µ", "·": "*", "^": "", "−": "-", " ": ""})
_SQUARED = re.compile(r"/s(?:2|\*\*2|/s|²)$|\*?s\(?-2\)?$|\*?s⁻²$")


def spelling(word: str) -> Spelling | None:
    """What a word for a unit means; None when it is not one of ours.

    Examples
    --------
    >>> spelling("m/s^2").unit.value, spelling("mV").words, spelling("psi")
    ('m/s²', 'divided by 1,000 to V', None)
    """
    plain = word.strip().translate(_SAME_SIGN)
    plain = _SQUARED.sub("/s²", plain)
    return _SPELLINGS.get(plain) or _ANY_CASE.get(plain.lower())


def unit_word(name: str) -> str:
    """What a name ends with in brackets.

    Examples
    --------
    >>> unit_word("DE [m/s²]"), unit_word("DE")
    ('m/s²', '')
    """
    found = _BRACKETS.search(name)
    return found[1] if found else ""


def without_unit(name: str) -> str:
    """A name without the brackets at its end.

    Examples
    --------
    >>> without_unit("DE [mV]")
    'DE'
    """
    return _BRACKETS.sub("", name).strip() or name


def scaled(values: NDArray[np.generic], meant: Spelling) -> NDArray[np.generic]:
    """Values in the unit that they are meant in, each rounded once or twice.

    Parameters
    ----------
    values : array of numbers
    meant : Spelling

    Returns
    -------
    array of the same shape
        The given one where nothing changes, else float64.

    Examples
    --------
    >>> scaled(np.array([1500, 300], dtype=np.int16), spelling("mV")).tolist()
    [1.5, 0.3]
    """
    if meant.is_plain or values.dtype.kind not in "fiu":
        return values
    wide = values.astype(np.float64)
    if meant.times > 1:
        wide *= meant.times
    if meant.by > 1:
        wide /= meant.by
    return wide
