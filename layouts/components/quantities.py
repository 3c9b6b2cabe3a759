"""Numbers with their units, as engineers write them."""

from __future__ import annotations

import math

PREFIXES = {-9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
# A unit that already has a prefix, or a power, takes no other.
TAKES_PREFIX = frozenset({"g", "V", "A", "Pa", "Hz", "s", "FLOP"})


def quantity(value: float, unit: str, digits: int = 4) -> str:
    """The number with its known digits, its unit, and a prefix where the unit takes one.

    Examples
    --------
    >>> quantity(0.012345, "g"), quantity(48_000, "Hz"), quantity(0.5, "mm/s"), quantity(3, "")
    ('12.35 mg', '48 kHz', '0.5 mm/s', '3')
    >>> quantity(999.96, "Hz", 3)
    '1 kHz'
    """
    if not math.isfinite(value):
        return "–"
    # 999.96 with three digits is 1000, and that is 1 k.
    value, exponent = float(f"{value:.{digits}g}"), 0
    if unit in TAKES_PREFIX and value:
        exponent = math.floor(math.floor(math.log10(abs(value))) / 3) * 3
        exponent = min(max(exponent, min(PREFIXES)), max(PREFIXES))
        # A tenth of a second or of a g reads better than a hundred thousandths.
        if 0.1 <= abs(value) < 1:
            exponent = 0
    number = _plain(value / 10**exponent, digits)
    return f"{number} {PREFIXES[exponent]}{unit}".rstrip()


def count(number: int) -> str:
    """A whole number in groups of three, parted by commas.

    Examples
    --------
    >>> count(1048576)
    '1,048,576'
    """
    return f"{number:,}"


def plural(number: int, one: str, several: str = "") -> str:
    """How many there are of something, with its word; ``several`` where no “s” makes it.

    Examples
    --------
    >>> plural(1, "file"), plural(12, "file"), plural(2, "branch", "branches")
    ('1 file', '12 files', '2 branches')
    """
    return f"{count(number)} {one if number == 1 else several or f'{one}s'}"


def file_size(bytes_: int) -> str:
    """Bytes with a prefix, in powers of ten as disks count them.

    Examples
    --------
    >>> file_size(999), file_size(20_480), file_size(3_456_000_000)
    ('999 B', '20.5 kB', '3.46 GB')
    """
    size, prefixes = float(bytes_), ["", "k", "M", "G", "T"]
    while size >= 999.5 and len(prefixes) > 1:
        size /= 1000
        prefixes.pop(0)
    return f"{_plain(size, 3)} {prefixes[0]}B"


def _plain(value: float, digits: int) -> str:
    """No more than the known digits; powers of ten only where zeros would have to be counted."""
    text = f"{value:.{digits}g}"
    mantissa, _, power = text.partition("e")
    if not power:
        return text.replace("-", "−")
    superscript = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa.replace('-', '−')} × 10{superscript}"
