"""Where the signature of a class must be seen: by formula, not by what was generated."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from diagnostics.bearings.geometry import Bearing
from diagnostics.synthesis.faults import Fault, JournalFault, RollingFault
from diagnostics.synthesis.journal_faults import (
    CARRIER_HZ,
    LOOSENESS_ORDERS,
    STICK_SLIP_HZ,
    WHIRL_ORDERS,
)
from diagnostics.synthesis.rolling_faults import strike_order

SLIP_BOUND = 0.03


class Seen(enum.StrEnum):
    """Which picture shows it."""

    ORDERS = "orders"
    HERTZ = "hertz"
    ENVELOPE = "envelope"


@dataclass(frozen=True)
class ExpectedLine:
    """A line, or a band of lines, that a class must show.

    Parameters
    ----------
    name : str
        As an analyst calls it.
    seen : Seen
        In the spectrum over orders or hertz, or in the spectrum of the envelope over orders.
    low, high : float
        Orders of the shaft, or Hz.
    """

    name: str
    seen: Seen
    low: float
    high: float


def expected_lines(fault: Fault, geometry: Bearing) -> tuple[ExpectedLine, ...]:
    """What to look for.

    Parameters
    ----------
    fault : JournalFault or RollingFault
    geometry : Bearing
        Of rolling elements.

    Returns
    -------
    tuple of ExpectedLine
        None when the class has no line: healthy, and wear, which is broadband.

    Examples
    --------
    >>> from diagnostics.synthesis.rolling_faults import DEEP_GROOVE_6205
    >>> [line.name for line in expected_lines(JournalFault.MISALIGNMENT, DEEP_GROOVE_6205)]
    ['2 ×', '3 ×']
    >>> line, *_ = expected_lines(RollingFault.CAGE, DEEP_GROOVE_6205)
    >>> line.name, round(line.high, 2)
    ('FTF', 0.4)
    """
    if isinstance(fault, JournalFault):
        return tuple(line for part in fault.parts for line in _JOURNAL[part])
    if fault is RollingFault.HEALTHY:
        return ()
    order, (name, times) = strike_order(fault, geometry), _ROLLING[fault]
    return tuple(
        ExpectedLine(
            name if n * times == 1 else f"{n * times} × {name}",
            Seen.ENVELOPE,
            n * order * (1 - SLIP_BOUND),
            n * order,
        )
        for n in (1, 2, 3)
    )


def _orders(*orders: int) -> tuple[ExpectedLine, ...]:
    return tuple(ExpectedLine(f"{one} ×", Seen.ORDERS, one, one) for one in orders)


_JOURNAL: dict[JournalFault, tuple[ExpectedLine, ...]] = {
    JournalFault.MISALIGNMENT: _orders(2, 3),
    JournalFault.IMBALANCE: _orders(1),
    JournalFault.LOOSENESS: (
        ExpectedLine("looseness", Seen.ORDERS, *LOOSENESS_ORDERS),
        *_orders(1, 2),
    ),
    JournalFault.OIL_WHIRL: (ExpectedLine("whirl", Seen.ORDERS, *WHIRL_ORDERS),),
    JournalFault.WEAR: _orders(1, 2),
    JournalFault.LUBRICATION: (ExpectedLine("stick-slip", Seen.HERTZ, *STICK_SLIP_HZ),),
    JournalFault.CAVITATION: (ExpectedLine("bursts", Seen.HERTZ, *CARRIER_HZ),),
}
_ROLLING = {
    RollingFault.OUTER_RACE: ("BPFO", 1),
    RollingFault.INNER_RACE: ("BPFI", 1),
    RollingFault.BALL: ("BSF", 2),
    RollingFault.CAGE: ("FTF", 1),
}
