"""All that one channel is checked for, and the sentences about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.signals.quality_checks import spectrum, values
from diagnostics.signals.quality_checks.findings import (
    MOST_PLACES,
    Problem,
    QualityWarning,
    product,
)
from diagnostics.signals.quality_checks.units import check_unit
from diagnostics.signals.signal import Samples, Unit

MOST_OFFSET = 0.5
"""An offset counts from this share of the standard deviation on: it raises the RMS by 12 %."""
MOST_SPECTRUM = 1 << 20
"""Samples from the middle of a channel that its spectrum is taken of."""
BROKEN = frozenset({Problem.MISSING_VALUES, Problem.CONSTANT})
"""Of such a channel nothing else is told."""
_HUGE, _TINY = 1e100, 1e-100
_PIECE = 1 << 15
# These have a mean by nature: a gap, a supply, an ambient pressure.
_WITH_MEAN = frozenset({Unit.DISPLACEMENT, Unit.VOLTAGE, Unit.CURRENT, Unit.PRESSURE})


@dataclass(frozen=True)
class Channel:
    """What is known about a channel beside its samples."""

    name: str
    unit: Unit | None = None
    sample_rate_hz: float | None = None
    speed_rpm: float | None = None


def check_channel(row: Samples, channel: Channel) -> list[QualityWarning]:
    """All that can be told of one channel: its samples, its spectrum, its unit, its rate.

    Parameters
    ----------
    row : array of shape (samples,)
        Of ten million samples the spectrum is that of the middle million.
    channel : Channel
        Without a rate there is no check of hum, without a speed none of the rate.

    Returns
    -------
    list of QualityWarning
        Empty when nothing was found.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=10_000)
    >>> check_channel(row, Channel("a", Unit.ACCELERATION_G, 10_000.0))
    []
    >>> check_channel(1_000 * row, Channel("a", Unit.ACCELERATION_G))[0].message
    'a has an RMS of 998.1 g, which no machine survives.'
    """
    warnings = check_row(row, channel)
    if {warning.problem for warning in warnings} & (BROKEN | {Problem.FEW_LEVELS}):
        return warnings
    if Problem.CLIPPED not in {warning.problem for warning in warnings}:
        warnings += _check_limit(row, channel.name)
    warnings += check_unit(row, channel.name, channel.unit)
    if not _TINY < float(np.abs(row).max()) < _HUGE:
        return warnings
    return warnings + _check_spectrum(row, channel)


def check_row(row: Samples, channel: Channel) -> list[QualityWarning]:
    """What the samples alone give away, whatever their rate.

    Parameters
    ----------
    row : array of shape (samples,)
        May hold NaN and infinite values.
    channel : Channel

    Returns
    -------
    list of QualityWarning
    """
    name = channel.name
    low, high = float(row.min()), float(row.max())
    if not np.isfinite(low) or not np.isfinite(high):  # a NaN anywhere makes both NaN
        bad = row.size - int(np.count_nonzero(np.isfinite(row)))
        message = (
            f"{bad:,} of {row.size:,} samples of {name} are NaN or infinite. An import refuses the"
            " recording until they are replaced."
        )
        return [QualityWarning(Problem.MISSING_VALUES, message, bad, name, 1.0)]
    if low == high:
        message = f"{name} is constant at {low:.6g}."
        return [QualityWarning(Problem.CONSTANT, message, low, name)]
    scale = max(abs(low), abs(high))
    if not _TINY < scale < _HUGE:  # or squares would overflow
        row, low, high = row / scale, low / scale, high / scale
    levels = values.few_levels(row)
    if levels is not None:
        message = f"{name} takes only {levels} different values."
        limit = float(values.FEWEST_LEVELS)
        return [QualityWarning(Problem.FEW_LEVELS, message, levels, name, limit)]
    cut = values.cut_samples(row, low, high)
    warnings = _told_cut(cut, row.size, low, high, name) if cut.size else []
    warnings += _told_holds(row, name, values.holds(row, low, high, bool(cut.size)))
    return warnings + _check_level(row, low, high, channel)


def _told_cut(
    cut: values.Positions, count: int, low: float, high: float, name: str
) -> list[QualityWarning]:
    share = cut.size / count
    message = (
        f"{name} is clipped: {100 * share:.3g} % of its samples lie flat at "
        f"{low:.4g} or {high:.4g}."
    )
    places = values.places_of(cut, max(count // 200, 1))
    limit = values.FEWEST_CUT / count
    return [QualityWarning(Problem.CLIPPED, message, share, name, limit, places)]


def _check_limit(row: Samples, name: str) -> list[QualityWarning]:
    """Single samples at the end of the range, too few to be clipped by their number."""
    found = values.at_limit(row, float(row.min()), float(row.max()))
    if not found.size:
        return []
    which = "1 sample" if found.size == 1 else f"{found.size:,} samples"
    message = (
        f"{which} of {name} at {float(np.abs(row[found]).max()):.4g} reached the end of the "
        "converter's range."
    )
    places = values.places_of(found, max(row.size // 200, 1))
    share = found.size / row.size
    return [QualityWarning(Problem.CLIPPED, message, share, name, 1 / row.size, places)]


def _told_holds(row: Samples, name: str, found: list[values.Hold]) -> list[QualityWarning]:
    warnings = []
    for problem, zero in ((Problem.DROPOUT, True), (Problem.FROZEN, False)):
        chosen = [hold for hold in found if (hold.value == 0) is zero]
        if not chosen:
            continue
        lost = sum(hold.stop - hold.start for hold in chosen)
        stands = "is exactly zero" if zero else "stands still"
        message = f"{name} {stands} for {lost:,} samples{_where(chosen, zero)}."
        limit = values.SHORTEST_GAP if zero else values.SHORTEST_HOLD
        places = tuple((hold.start, hold.stop) for hold in chosen[:MOST_PLACES])
        share = lost / row.size
        warnings.append(QualityWarning(problem, message, share, name, limit / row.size, places))
    return warnings


def _where(found: list[values.Hold], zero: bool) -> str:
    longest = max(found, key=lambda hold: hold.stop - hold.start)
    at = "" if zero else f" at {longest.value:.4g}"
    if len(found) == 1:
        return at
    return f" in {len(found):,} places, the longest {longest.stop - longest.start:,}{at}"


def _check_level(row: Samples, low: float, high: float, channel: Channel) -> list[QualityWarning]:
    """Offset and spikes, which need mean and deviation."""
    mean, deviation = _mean_and_deviation(row)
    if not deviation:
        return []
    warnings = []
    if abs(mean) > MOST_OFFSET * deviation and channel.unit not in _WITH_MEAN:
        unit = f" {channel.unit.value}" if channel.unit else ""
        message = (
            f"{channel.name} has an offset: its mean is {mean:.4g}{unit}, "
            f"{abs(mean) / deviation:.2f} times its standard deviation."
        )
        value = abs(mean) / deviation
        warnings.append(QualityWarning(Problem.OFFSET, message, value, channel.name, MOST_OFFSET))
    farthest = max(high - mean, mean - low) / deviation
    if farthest <= values.SPIKE_DEVIATION:
        return warnings
    centred = row - row.dtype.type(mean)
    found = values.spikes(centred, deviation)
    if found.size:
        message = (
            f"{channel.name} has spikes: {found.size:,} of up to three samples, up to "
            f"{float(np.abs(centred[found]).max()) / deviation:.3g} standard deviations high."
        )
        places = tuple((int(at), int(at) + 1) for at in found[:MOST_PLACES])
        warnings.append(
            QualityWarning(Problem.SPIKES, message, float(found.size), channel.name, 1.0, places)
        )
    return warnings


def _mean_and_deviation(row: Samples) -> tuple[float, float]:
    """In pieces that stay in the processor's cache, which a long row does not."""
    mean = float(row.mean(dtype=np.float64))
    power = 0.0
    for start in range(0, row.size, _PIECE):
        piece = row[start : start + _PIECE] - row.dtype.type(mean)
        power += product(piece, piece)
    return mean, (power / row.size) ** 0.5


def _check_spectrum(row: Samples, channel: Channel) -> list[QualityWarning]:
    middle = max((row.size - MOST_SPECTRUM) // 2, 0)
    part = row[middle : middle + MOST_SPECTRUM]
    warnings = _check_stretched(part, channel)
    rate_hz = channel.sample_rate_hz
    if rate_hz is None:
        return warnings
    lines = spectrum.Lines.of(part, rate_hz)
    shaft_hz = channel.speed_rpm / 60 if channel.speed_rpm else None
    hum = spectrum.mains_hum(lines, shaft_hz)
    if hum is not None:
        named = ", ".join(f"{line:g}" for line in hum.lines_hz)
        message = (
            f"{channel.name} has hum of the mains: lines at {named} Hz make "
            f"{100 * hum.share:.3g} % of its RMS."
        )
        limit = spectrum.HUM_SHARE
        warnings.append(QualityWarning(Problem.HUM, message, hum.share, channel.name, limit))
    factor = spectrum.rate_factor(lines, shaft_hz) if shaft_hz else None
    if factor is not None:
        message = (
            f"No line of {channel.name} fits a shaft at {channel.speed_rpm:g} rpm, but they "
            f"would at a sampling rate of {factor * rate_hz:g} Hz in place of {rate_hz:g} Hz."
        )
        warnings.append(QualityWarning(Problem.RATE, message, factor, channel.name, 1.0))
    return warnings


def _check_stretched(part: Samples, channel: Channel) -> list[QualityWarning]:
    times = spectrum.repeats(part)
    if times is not None:
        message = f"{channel.name} repeats each of its values {times} times."
        limit = spectrum.ENDS_EARLY
        return [QualityWarning(Problem.UPSAMPLED, message, 1 / times, channel.name, limit)]
    end = spectrum.spectrum_end(part)
    if end is None:
        return []
    rate_hz = channel.sample_rate_hz
    at = f" ({end * rate_hz / 2:.4g} Hz)" if rate_hz else ""
    message = (
        f"The spectrum of {channel.name} ends at {100 * end:.0f} % of half the sampling rate{at}."
    )
    limit = spectrum.ENDS_EARLY
    return [QualityWarning(Problem.UPSAMPLED, message, end, channel.name, limit)]
