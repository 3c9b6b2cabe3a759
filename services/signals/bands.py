"""The band of an envelope: typed, in the middle, or the best one of a kurtogram."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.bearings.rule import wide_enough_hz
from diagnostics.signals.envelope import Band
from diagnostics.signals.kurtogram import Cell, Kurtogram, fast_kurtogram
from services.cache_service import CACHE_TTL_LONG, CacheService
from services.errors import Invalid
from services.signal_service import refusals
from services.signals.bearings import find_bearing
from services.signals.parts import ProcessedPart, chosen_band, usual_rate_hz
from services.signals.settings import UsualBand
from services.signals.speed import shaft_speed

Array = NDArray[Any]

MOST_KURTOGRAM = 2**18
"""So many samples from the middle are enough to find a band, and quick."""
USUAL_ORDERS = {"BPFI": 6.0}
"""Where no geometry is known: about the most often that a small bearing is struck in a turn."""
USUAL_SHAFT_HZ = 25.0


def envelope_band(part: ProcessedPart) -> tuple[Band, tuple[str, ...]]:
    """The band that the settings ask for, and what to say of it.

    Raises
    ------
    Invalid
        If a typed band is none, or no kurtogram can be made.
    """
    wanted = part.settings.envelope
    if wanted.is_typed or wanted.usual is UsualBand.MIDDLE:
        return chosen_band(part, wanted.low_hz, wanted.high_hz), _usual_told(part)
    narrowest_hz = narrowest_of(part)

    def compute() -> list[float]:
        best = best_cell(kurtogram(part), narrowest_hz).band
        return [best.low_hz, best.high_hz]

    # Equal samples processed in an equal way have an equal band.
    stretch = f"{part.place[1]}:{part.raw.first}:{part.raw.samples.size}"
    made = f"{part.settings.processing!r}:{narrowest_hz:.6g}"
    key = f"kurtogram-band:{part.raw.artefact_key}:{stretch}:{made}"
    low_hz, high_hz = CacheService.get_or_compute(key, compute, CACHE_TTL_LONG)
    return Band(low_hz, high_hz), (f"The band is the best one of the kurtogram {_among(part)}.",)


def _usual_told(part: ProcessedPart) -> tuple[str, ...]:
    """That the usual band is not that of a rate which was raised afterwards."""
    wanted, rate_hz = part.settings.envelope, usual_rate_hz(part)
    if rate_hz == part.sample_rate_hz or None not in (wanted.low_hz, wanted.high_hz):
        return ()
    return (f"The usual band is that of the recorded rate of {rate_hz:g} Hz.",)


def kurtogram(part: ProcessedPart) -> Kurtogram:
    """Of at most ``MOST_KURTOGRAM`` samples.

    Raises
    ------
    Invalid
        If there are too few samples.
    """
    with refusals():
        return fast_kurtogram(middle_of(part, MOST_KURTOGRAM), part.sample_rate_hz)


def must_vary(part: ProcessedPart, what: str) -> None:
    """What is made of a constant signal is made of rounding errors.

    Raises
    ------
    Invalid
        If all samples are alike.
    """
    if not np.ptp(part.samples) > 0:
        raise Invalid(f"The signal is constant here: it has no {what}.")


def best_cell(found: Kurtogram, narrowest_hz: float) -> Cell:
    """That of the highest kurtosis among those whose envelope spectrum shows the defects."""
    return found.best_of(min(narrowest_hz, found.sample_rate_hz / 2))


def narrowest_of(part: ProcessedPart) -> float:
    """An envelope spectrum ends at the width of its band: so wide that three harmonics of the
    defects are in it, as the plain rule has it."""
    overlay = part.settings.overlay
    shaft_hz = shaft_speed(*part.place, overlay).shaft_hz or USUAL_SHAFT_HZ
    orders = find_bearing(part.place[0], overlay.bearing).orders or USUAL_ORDERS
    with refusals():
        return wide_enough_hz(orders, shaft_hz)


def told_of_best(part: ProcessedPart, best: Cell) -> str:
    """A sentence about the cell that is marked."""
    return (
        f"The marked band, kurtosis {best.kurtosis:.3g} where noise has 0, is the best "
        f"{_among(part)}."
    )


def middle_of(part: ProcessedPart, most: int) -> Array:
    """At most so many samples, from the middle."""
    first = max(part.samples.size - most, 0) // 2
    return part.samples[first : first + most]


def _among(part: ProcessedPart) -> str:
    width_hz = min(narrowest_of(part), part.sample_rate_hz / 2)
    return f"among those {width_hz:.3g} Hz wide or more, which show three harmonics of defects"
