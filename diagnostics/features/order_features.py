"""Features of the order domain: what the spectrum shows where the speed says one should look.

Shaft orders are read from the spectrum of the signal, fault frequencies of a bearing from
that of the envelope of the band. Where the speed is unknown, or no bearing is given for its
lines, the number is NaN: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.batch import Batch
from diagnostics.features.envelope_features import envelope_lines
from diagnostics.features.spectral_lines import lines, near

Values = NDArray[np.float64]
SHAFT_ORDERS = (1, 2, 3, 4, 5)
FAULTS = {"BPFO": ("BPFO", 1), "BPFI": ("BPFI", 1), "BSF2": ("BSF", 2), "FTF": ("FTF", 1)}
"""Name of the lines: which order of the bearing, and how many times it."""
HARMONICS = (1, 2, 3)


def shaft_amplitude(order: int) -> Callable[[Batch], Values]:
    """Amplitude of the highest line near a multiple of the shaft frequency.

    1× rises with imbalance, 2× and 3× with misalignment, many multiples with looseness.
    Mains and its double are near the first two orders of motors at 3000 or 3600 rpm.

    Commonly the single nearest line is taken, which underrates a tone between two lines by
    up to 1.4 dB and misses it when the speed is off by a line.

    Parameters
    ----------
    order : int

    Returns
    -------
    function of a Batch
        To an array of shape (windows,), zero to peak in the unit of the signal; NaN where
        the speed is unknown, a window has fewer than four turns or the rate cannot show it.

    Examples
    --------
    >>> from diagnostics.features.batch import Context
    >>> wave = 3 * np.sin(2 * np.pi * 30.4 * np.arange(20_480) / 20_480)
    >>> batch = Batch(np.stack([wave, wave]), 20_480, Context(np.array([30.0, np.nan])))
    >>> shaft_amplitude(1)(batch).round(2).tolist()
    [3.0, nan]
    """
    return lambda batch: _shaft(batch, order)[0]


def shaft_energy(order: int) -> Callable[[Batch], Values]:
    """Mean square of the vibration near a multiple of the shaft frequency.

    As the amplitude, but all that lies within the tolerance counts: a speed that
    wanders smears the line, lowers the amplitude and leaves the energy. Also noise counts.

    Commonly sums of amplitudes are called energy.

    Returns
    -------
    function of a Batch
        To an array of shape (windows,), in the squared unit of the signal.

    Examples
    --------
    >>> from diagnostics.features.batch import Context
    >>> wave = 2 * np.sin(2 * np.pi * 30.4 * np.arange(20_480) / 20_480)
    >>> shaft_energy(1)(Batch(wave[None], 20_480, Context(30.0))).round(2).tolist()
    [2.0]
    """
    return lambda batch: _shaft(batch, order)[1]


def fault_amplitude(fault: str, harmonic: int) -> Callable[[Batch], Values]:
    """Amplitude of the envelope near a multiple of a fault frequency.

    A line at BPFO with multiples speaks of the outer race, at BPFI of the inner race, at
    2 × BSF of a ball, at FTF of the cage or of balls unlike each other. No line proves
    nothing when the band misses the resonance; lines at shaft orders may fall together with
    these.

    Commonly the ball is looked for at BSF itself, though it strikes both races in each spin.

    Parameters
    ----------
    fault : str
        BPFO, BPFI, BSF2 (that is 2 × BSF) or FTF.
    harmonic : int

    Returns
    -------
    function of a Batch
        To an array of shape (windows,), zero to peak in the unit of the signal; NaN where
        speed or bearing are unknown or the frequency cannot be seen.

    Examples
    --------
    >>> from diagnostics.features.batch import Context
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = (1 + 0.5 * np.sin(108 * angle)) * np.sin(6000 * angle)
    >>> batch = Batch(wave[None], 20_480, Context(30.0, {"BPFO": 3.585}))
    >>> fault_amplitude("BPFO", 1)(batch).round(2).tolist()
    [0.5]
    """
    return lambda batch: _fault(batch, fault, harmonic)[0]


def fault_energy(fault: str, harmonic: int) -> Callable[[Batch], Values]:
    """Mean square of the envelope near a multiple of a fault frequency.

    As the amplitude, but all within the tolerance counts: slip smears the line.

    Returns
    -------
    function of a Batch
        To an array of shape (windows,), in the squared unit of the signal.
    """
    return lambda batch: _fault(batch, fault, harmonic)[1]


def _shaft(batch: Batch, order: int) -> tuple[Values, Values]:
    return batch.share(_shaft_table)[order]


def _shaft_table(batch: Batch) -> dict[int, tuple[Values, Values]]:
    found, tolerance = batch.share(lines), batch.context.tolerance
    return {order: near(found, order * batch.shaft_hz, tolerance) for order in SHAFT_ORDERS}


def _fault(batch: Batch, fault: str, harmonic: int) -> tuple[Values, Values]:
    return batch.share(_fault_table)[fault, harmonic]


def _fault_table(batch: Batch) -> dict[tuple[str, int], tuple[Values, Values]]:
    context, table = batch.context, {}
    for fault, (name, times) in FAULTS.items():
        order = context.orders.get(name, np.nan) * times
        for harmonic in HARMONICS:
            wanted_hz = harmonic * order * batch.shaft_hz
            if np.isnan(wanted_hz).all():
                table[fault, harmonic] = (wanted_hz, wanted_hz)
            else:
                table[fault, harmonic] = near(
                    batch.share(envelope_lines), wanted_hz, context.tolerance
                )
    return table
