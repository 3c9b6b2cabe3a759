"""Where in a spectrum the lines of bearing defects and of the shaft are to be looked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnostics.errors import BearingError

SHAFT = "shaft"
BALL_SPIN = "BSF"
"""Its even multiples are the strikes of a damaged ball, which meets both races in a turn."""
MODULATED_BY = {"BPFI": SHAFT, BALL_SPIN: "FTF"}
"""What carries the damage through the load zone and so spaces the sidebands."""


@dataclass(frozen=True)
class FaultLine:
    """A line that a defect (or the shaft) makes, and how far off it may lie.

    ``harmonic`` 2 of the kind ``BPFO`` is 2 × BPFO; ``sideband`` -1 is one spacing below
    it, 0 the line itself.
    """

    kind: str
    harmonic: int
    sideband: int
    frequency_hz: float
    low_hz: float
    high_hz: float

    @property
    def name(self) -> str:
        """As ``2×BPFI`` or ``2×BPFI −1×shaft``.

        Examples
        --------
        >>> FaultLine("BSF", 2, 1, 150.0, 147.0, 153.0).name
        '2×BSF +1×FTF'
        """
        line = f"{self.harmonic}×{self.kind}"
        if not self.sideband:
            return line
        sign = "+" if self.sideband > 0 else "−"
        return f"{line} {sign}{abs(self.sideband)}×{MODULATED_BY[self.kind]}"


def fault_lines(
    orders: Mapping[str, float],
    shaft_hz: float,
    harmonics: int = 3,
    tolerance: float = 0.02,
    sidebands: int = 0,
    up_to_hz: float = math.inf,
) -> list[FaultLine]:
    """Lines of a bearing's defects at one speed.

    The frequencies follow from the geometry for rolling without slip. A real bearing slips
    by 1 to 2 %, and the entered speed may be off too, hence the tolerance [1]_. BPFI gets
    sidebands at the speed of the shaft, which carries the damage through the load zone,
    and BSF at that of the cage, FTF; the outer race stands still and has none.

    BSF has twice as many multiples as the others. A damaged ball strikes the outer and the
    inner race in each spin, so its even multiples, 2 × BSF first, are the ones to look for.

    A line is not a defect: multiples of the shaft and of the mains fall into some of the
    intervals by chance, and the more lines and the wider the tolerance, the more often.

    Parameters
    ----------
    orders : mapping from name to multiple of the shaft frequency
        As :meth:`diagnostics.bearings.geometry.Bearing.orders` gives, or entered; the
        values above 0. Other names than those get no sidebands.
    shaft_hz : float
        Turns of the shaft in a second, above 0.
    harmonics : int
        At least 1.
    tolerance : float
        Half the width of the interval, as a share of the frequency of the line without its
        sideband; from 0 to below 0.2.
    sidebands : int
        On either side of BPFI and BSF. Those of BSF need ``FTF`` among the orders.
    up_to_hz : float
        Lines above are left out, as are those at or below 0 Hz.

    Returns
    -------
    list of FaultLine
        In the order of the names, then harmonics, then frequencies.

    Raises
    ------
    BearingError
        If a number is out of its range.

    References
    ----------
    .. [1] R. B. Randall and J. Antoni, "Rolling element bearing diagnostics - A tutorial",
       Mechanical Systems and Signal Processing 25(2), 485-520, 2011.

    Examples
    --------
    >>> lines = fault_lines({"BPFI": 5.4}, 30.0, harmonics=2, sidebands=1)
    >>> [(line.name, round(line.frequency_hz)) for line in lines][:4]
    [('1×BPFI −1×shaft', 132), ('1×BPFI', 162), ('1×BPFI +1×shaft', 192), ('2×BPFI −1×shaft', 294)]
    """
    _check(orders, shaft_hz, harmonics, tolerance, sidebands)
    spacing = {SHAFT: 1.0, "FTF": orders.get("FTF", 0.0)}
    found: list[FaultLine] = []
    for kind, order in orders.items():
        apart_hz = shaft_hz * spacing.get(MODULATED_BY.get(kind, ""), 0.0)
        most = sidebands if apart_hz else 0
        multiples = 2 * harmonics if kind == BALL_SPIN else harmonics
        found += _family(kind, order * shaft_hz, apart_hz, (multiples, most), tolerance)
    return [line for line in found if 0 < line.frequency_hz <= up_to_hz]


def shaft_lines(
    shaft_hz: float,
    harmonics: int = 10,
    tolerance: float = 0.005,
    up_to_hz: float = math.inf,
) -> list[FaultLine]:
    """Lines at the multiples of the shaft speed: imbalance 1×, misalignment 2×, looseness many.

    Nothing slips here, so the tolerance is that of the entered or estimated speed.

    Raises
    ------
    BearingError
        As :func:`fault_lines`.

    Examples
    --------
    >>> [line.name for line in shaft_lines(30.0, up_to_hz=70.0)]
    ['1×shaft', '2×shaft']
    """
    return fault_lines({SHAFT: 1.0}, shaft_hz, harmonics, tolerance, up_to_hz=up_to_hz)


def nearest(frequency_hz: float, lines: Sequence[FaultLine]) -> FaultLine | None:
    """The line whose interval holds a frequency, the nearest if several do, or None.

    Main lines go before sidebands, which lie so thick that there is one nearly everywhere.
    Of lines at the same place the lower harmonic is taken: nine times FTF is BPFO where there
    are nine balls.

    Examples
    --------
    >>> lines = fault_lines({"BPFO": 3.6, "BPFI": 5.4}, 30.0)
    >>> nearest(163.5, lines).name, nearest(150.0, lines)
    ('1×BPFI', None)
    """
    holding = [line for line in lines if line.low_hz <= frequency_hz <= line.high_hz]
    return min(
        holding,
        key=lambda line: (
            line.sideband != 0,
            round(abs(frequency_hz / line.frequency_hz - 1), 6),
            line.harmonic,
        ),
        default=None,
    )


def _family(
    kind: str, base_hz: float, apart_hz: float, counts: tuple[int, int], tolerance: float
) -> Iterator[FaultLine]:
    multiples, sidebands = counts
    for harmonic in range(1, multiples + 1):
        margin = harmonic * base_hz * tolerance
        for sideband in range(-sidebands, sidebands + 1):
            middle = harmonic * base_hz + sideband * apart_hz
            yield FaultLine(kind, harmonic, sideband, middle, middle - margin, middle + margin)


def _check(
    orders: Mapping[str, float], shaft_hz: float, harmonics: int, tolerance: float, sidebands: int
) -> None:
    if not 0 < shaft_hz < math.inf:
        raise BearingError(f"The shaft turns at more than 0 Hz, got {shaft_hz:g} Hz.")
    for name, order in orders.items():
        if not 0 < order < math.inf:
            raise BearingError(f"The order of {name} is above 0, got {order:g}.")
    if harmonics < 1 or sidebands < 0:
        raise BearingError(
            "There is at least 1 harmonic and no negative number of sidebands, got "
            f"{harmonics} and {sidebands}."
        )
    if not 0 <= tolerance < 0.2:
        raise BearingError(
            f"The tolerance lies between 0 and below 20 %, got {100 * tolerance:.0f} %."
        )
