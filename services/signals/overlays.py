"""Where the lines of a bearing's defects and of the shaft lie in the spectra of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from diagnostics.bearings.frequencies import BALL_SPIN, SHAFT, FaultLine, fault_lines, shaft_lines
from services.signal_service import refusals
from services.signals.settings import OverlaySettings

MOST_HARMONICS = 10
SHAFT_TOLERANCE = 0.005
"""Nothing slips between the shaft and itself; the speed may be a little off."""


class LineView(TypedDict):
    """One line: ``kind`` BPFO, BPFI, BSF, FTF or shaft, and the interval it may lie in."""

    kind: str
    name: str
    harmonic: int
    sideband: int
    frequency_hz: float
    low_hz: float
    high_hz: float


class OrderView(TypedDict):
    """One defect by its multiple of the shaft speed."""

    kind: str
    order: float
    frequency_hz: float | None


class OverlayView(TypedDict):
    """What is drawn over a spectrum, and from what it was computed.

    ``bearing_told`` and ``speed_told`` are sentences about where the geometry and the speed
    are from, or why there are none. ``machine_id`` is the machine on whose page a bearing is
    described that has neither a known type nor a geometry. ``also`` are lines that are not
    drawn but may explain what a cursor reads.
    """

    bearing: str
    bearing_told: str
    machine_id: int | None
    orders: list[OrderView]
    speed_rpm: float | None
    speed_source: str
    speed_told: str
    shaft_hz: float
    tolerance_percent: float
    lines: list[LineView]
    also: list[LineView]


def lines_over(
    orders: dict[str, float], shaft_hz: float, settings: OverlaySettings, up_to_hz: float
) -> list[FaultLine]:
    """The lines that the settings ask for; none without a speed.

    Raises
    ------
    Invalid
        If the tolerance is too wide.
    """
    if not shaft_hz or not settings.harmonics:
        return []
    count = settings.harmonics
    with refusals():
        found = fault_lines(
            orders,
            shaft_hz,
            count,
            settings.tolerance_percent / 100,
            settings.sidebands,
            up_to_hz,
        )
        if settings.shaft:
            found += shaft_lines(shaft_hz, count, SHAFT_TOLERANCE, up_to_hz)
    return found


def lines_beside(
    orders: dict[str, float], shaft_hz: float, settings: OverlaySettings, up_to_hz: float
) -> list[FaultLine]:
    """Lines that are not drawn but explain peaks: higher harmonics, multiples of the shaft.

    Raises
    ------
    Invalid
        If the tolerance is too wide.
    """
    if not shaft_hz:
        return []
    wanted = OverlaySettings(
        harmonics=MOST_HARMONICS, tolerance_percent=settings.tolerance_percent, shaft=True
    )
    # High multiples of the cage fall together with those of the races, and are none of it.
    known = {kind: one for kind, one in orders.items() if kind != "FTF" and settings.harmonics}
    drawn = {(one.kind, one.harmonic) for one in lines_over(orders, shaft_hz, settings, up_to_hz)}
    every = lines_over(known, shaft_hz, wanted, up_to_hz)
    return [one for one in every if (one.kind, one.harmonic) not in drawn and _strikes(one)]


def _strikes(line: FaultLine) -> bool:
    """A damaged ball meets a race twice in a turn of its own: at even multiples of BSF."""
    return line.kind != BALL_SPIN or line.harmonic % 2 == 0


def line_views(lines: Sequence[FaultLine]) -> list[LineView]:
    return [
        {
            "kind": line.kind,
            "name": line.name,
            "harmonic": line.harmonic,
            "sideband": line.sideband,
            "frequency_hz": line.frequency_hz,
            "low_hz": line.low_hz,
            "high_hz": line.high_hz,
        }
        for line in lines
    ]


def order_views(orders: dict[str, float], shaft_hz: float) -> list[OrderView]:
    """The orders with their frequencies, where the speed is known."""
    return [
        {"kind": kind, "order": order, "frequency_hz": order * shaft_hz if shaft_hz else None}
        for kind, order in orders.items()
        if kind != SHAFT
    ]
