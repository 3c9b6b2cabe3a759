"""A plain rule that names the damaged part of a bearing, and says how clearly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import BearingError
from diagnostics.signals.envelope import Band, envelope_spectrum
from diagnostics.signals.kurtogram import Cell, fast_kurtogram
from diagnostics.signals.peaks import HarmonicSnr, harmonic_snr

LEAST_DB = 12.0
"""Below it nothing is named. Of 950 recordings of noise none reached 10 dB."""
TOLERANCE = 0.02


@dataclass(frozen=True)
class Strike:
    """How often a damaged part strikes: its name and its line."""

    fault: str
    line: str
    order: float


@dataclass(frozen=True)
class Evidence:
    """What speaks for one part: ``found`` at ``slip`` (share of the expected frequency)."""

    strike: Strike
    expected_hz: float
    found: HarmonicSnr

    @property
    def slip(self) -> float:
        """By how much the found frequency differs from the expected one, -0.01 is 1 % below."""
        return self.found.fundamental_hz / self.expected_hz - 1


@dataclass(frozen=True)
class Verdict:
    """What the rule says, with its numbers.

    ``evidence`` is sorted from the highest signal-to-noise to the lowest. ``cell`` is that
    of the kurtogram, or None for a band chosen by hand.
    """

    evidence: tuple[Evidence, ...]
    band: Band
    cell: Cell | None
    least_db: float

    @property
    def strongest(self) -> Evidence:
        return self.evidence[0]

    @property
    def fault(self) -> str | None:
        """The part that is named, or None when nothing stands up clearly."""
        return self.strongest.strike.fault if self.snr_db >= self.least_db else None

    @property
    def snr_db(self) -> float:
        return self.strongest.found.snr_db

    @property
    def margin_db(self) -> float:
        """Distance to the next part. A small one means that the rule might as well say that."""
        if len(self.evidence) < 2:
            return math.inf
        return self.snr_db - self.evidence[1].found.snr_db

    def in_words(self) -> str:
        """One sentence with the numbers."""
        best = self.strongest
        where = f"in the band {self.band.low_hz:.0f} to {self.band.high_hz:.0f} Hz"
        if self.fault is None:
            return (
                f"No defect line stands up {where}: the clearest, {best.strike.line}, reaches "
                f"{self.snr_db:.1f} dB of the {self.least_db:g} dB that are asked for."
            )
        slip = f"{100 * best.slip:+.1f} %".replace("-", "−")
        return (
            f"{best.strike.fault.capitalize()}: {best.strike.line} and its harmonics stand "
            f"{self.snr_db:.1f} dB above the floor {where}, {self.margin_db:.1f} dB more than "
            f"the next; found at {best.found.fundamental_hz:.2f} Hz, {slip} from the expected "
            "frequency."
        )


def strikes(orders: Mapping[str, float]) -> list[Strike]:
    """The lines to look for: BPFO, BPFI and 2 × BSF, as far as the orders name them.

    Raises
    ------
    BearingError
        If none of them is there.

    Examples
    --------
    >>> [(strike.line, strike.order) for strike in strikes({"BPFO": 3.6, "BSF": 2.4})]
    [('BPFO', 3.6), ('2×BSF', 4.8)]
    """
    found = []
    if "BPFO" in orders:
        found.append(Strike("outer race", "BPFO", orders["BPFO"]))
    if "BPFI" in orders:
        found.append(Strike("inner race", "BPFI", orders["BPFI"]))
    if "BSF" in orders:
        found.append(Strike("rolling element", "2×BSF", 2 * orders["BSF"]))
    if not found:
        raise BearingError("The bearing needs at least one of the orders BPFO, BPFI and BSF.")
    return found


def wide_enough_hz(
    orders: Mapping[str, float],
    shaft_hz: float,
    harmonics: int = 3,
    tolerance: float = TOLERANCE,
) -> float:
    """Width of a band whose envelope spectrum shows all harmonics of all strikes.

    Parameters
    ----------
    orders, shaft_hz, harmonics, tolerance
        As for :func:`name_fault`.

    Returns
    -------
    float
        In Hz, a little more than the highest harmonic.

    Raises
    ------
    BearingError
        If the orders name no strike.

    Examples
    --------
    >>> round(wide_enough_hz({"BPFO": 3.5848, "BPFI": 5.4152, "BSF": 2.3567}, 30.0))
    522
    """
    highest = max(strike.order for strike in strikes(orders)) * shaft_hz * (1 + tolerance)
    return 1.05 * harmonics * highest


def name_fault(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    orders: Mapping[str, float],
    shaft_hz: float,
    band: Band | None = None,
    *,
    harmonics: int = 3,
    tolerance: float = TOLERANCE,
    least_db: float = LEAST_DB,
) -> Verdict:
    """Name the part whose harmonics stand highest in the squared envelope spectrum.

    The rule is deliberately plain: take the band of the highest kurtosis, square its
    envelope, and see whether BPFO, BPFI or 2 × BSF with their harmonics stand up most
    (:func:`diagnostics.signals.peaks.harmonic_snr`). Nothing is learnt from data; what it
    names can be looked at.

    It misleads in known ways. The kurtogram may choose a band in which something else
    strikes; a band by hand is then better. Damage of an inner race or a ball can show the
    lines of another part more clearly than its own, and a ball turns so that its damage
    strikes only now and then: rolling elements are named least reliably. A bearing of
    another make has other orders, and a wrong speed shifts all lines out of the tolerance.
    No name does not mean that the bearing is sound.

    Parameters
    ----------
    samples : array of shape (samples,)
        Acceleration, in any unit; some seconds.
    sample_rate_hz : float
        Above 0.
    orders : mapping from name to multiple of the shaft frequency
        As :meth:`diagnostics.bearings.geometry.Bearing.orders` gives: BPFO, BPFI, BSF;
        others are not looked at.
    shaft_hz : float
        Turns of the shaft in a second, above 0.
    band : Band, optional
        For the envelope. By default the cell of the kurtogram with the highest kurtosis
        among those wide enough to show all harmonics.
    harmonics : int
        At least 1. A narrow band by hand shows fewer: then fewer are taken, the same number
        for each part.
    tolerance : float
        Of the frequencies, for slip and speed.
    least_db : float
        What the clearest family must reach for a part to be named.

    Returns
    -------
    Verdict

    Raises
    ------
    BearingError
        If the orders name no strike or the shaft does not turn.
    SignalError
        If the signal is too short, not finite or of several channels, the sampling rate or
        the band by hand too low to show the lines.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> since_s = np.arange(60_000) / 12_000 % (1 / 107.5)
    >>> ringing = np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_300 * since_s)
    >>> orders = {"BPFO": 3.5848, "BPFI": 5.4152, "BSF": 2.3567}
    >>> verdict = name_fault(2 * ringing + rng.normal(size=60_000), 12_000, orders, 30.0)
    >>> verdict.fault, round(verdict.strongest.found.fundamental_hz, 1)
    ('outer race', 107.5)
    """
    if not 0 < shaft_hz < math.inf:
        raise BearingError(f"The shaft turns at more than 0 Hz, got {shaft_hz:g} Hz.")
    looked_for = strikes(orders)
    highest_hz = max(strike.order for strike in looked_for) * shaft_hz * (1 + tolerance)
    cell = None
    if band is None:
        wanted_hz = min(wide_enough_hz(orders, shaft_hz, harmonics, tolerance), sample_rate_hz / 2)
        cell = fast_kurtogram(samples, sample_rate_hz).best_of(wanted_hz)
        band = cell.band
    spectrum = envelope_spectrum(samples, sample_rate_hz, band, squared=True)
    shown = int((spectrum.frequencies_hz[-1] - spectrum.resolution_hz) / highest_hz)
    shown = max(1, min(harmonics, shown))
    evidence = [
        Evidence(
            strike,
            strike.order * shaft_hz,
            harmonic_snr(spectrum, strike.order * shaft_hz, shown, tolerance),
        )
        for strike in looked_for
    ]
    evidence.sort(key=lambda each: -each.found.snr_db)
    return Verdict(tuple(evidence), band, cell, least_db)
