"""What is wrong with samples before anybody analyses them, each with the measured value.

:func:`check_samples` takes about a millisecond for 100 000 samples and runs at each import.
:func:`check_rows` looks further, at spectrum, unit and speed, when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.signals.quality_checks.channels import COPY_LOOK, copies
from diagnostics.signals.quality_checks.findings import Problem, QualityWarning
from diagnostics.signals.quality_checks.rows import BROKEN, Channel, check_channel, check_row
from diagnostics.signals.signal import Samples, Unit

__all__ = ["Channel", "Problem", "QualityWarning", "check_rate", "check_rows", "check_samples"]

LOWEST_RATE_HZ = 100.0
HIGHEST_RATE_HZ = 5e6
_ORDERS = 10


def check_samples(
    samples: Samples, names: tuple[str, ...], units: tuple[Unit | None, ...] = ()
) -> list[QualityWarning]:
    """What the samples alone give away, quickly enough for each import.

    Values that are not finite; constant, cut and held channels; lost samples; spikes; an
    offset; channels that are the same. Channels that are copies of each other up to scale mean
    that one sensor was recorded twice or that a file was put together wrongly: a classifier
    sees no second view of the machine. Clipping makes harmonics that the machine does not have.

    Parameters
    ----------
    samples : array of shape (channels, samples)
        In any unit; may hold NaN and infinite values.
    names : tuple of str
        Of the channels.
    units : tuple of Unit or None
        Of the channels, where they are known.

    Returns
    -------
    list of QualityWarning
        Empty when nothing was found.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(100.0)
    >>> [w.message for w in check_samples(np.stack([np.sin(time), 2 * np.sin(time)]), ("a", "b"))]
    ['The channels a and b are identical up to the factor 2.']
    """
    warnings: list[QualityWarning] = []
    sound = []
    for row, name, unit in zip(samples, names, units or (None,) * len(names), strict=True):
        found = check_row(row, Channel(name, unit))
        warnings += found
        if not {warning.problem for warning in found} & BROKEN:
            sound.append((name, row))
    return warnings + copies(sound)


def check_rows(rows: Iterable[tuple[Channel, Samples]]) -> list[QualityWarning]:
    """All that can be told of the channels of a recording, spectra and copies included.

    Parameters
    ----------
    rows : iterable of (Channel, array of shape (samples,))
        One is held at a time, and the first 65 536 samples of each to compare them.

    Returns
    -------
    list of QualityWarning
        Empty when nothing was found.

    Examples
    --------
    >>> import numpy as np
    >>> row = np.random.default_rng(0).normal(size=10_000)
    >>> [w.message for w in check_rows([(Channel("a"), row[9:]), (Channel("b"), -row[:-9])])]
    ['The channels a and b are identical up to the factor -1 and a shift of 9 samples.']
    """
    warnings: list[QualityWarning] = []
    looks = []
    for channel, row in rows:
        found = check_channel(row, channel)
        warnings += found
        if not {warning.problem for warning in found} & BROKEN:
            looks.append((channel.name, row[:COPY_LOOK].copy()))
    return warnings + copies(looks, shifted=True)


def check_rate(
    sample_rate_hz: float, sample_count: int, speed_rpm: float | None
) -> list[QualityWarning]:
    """A sampling rate that does not fit vibration, the speed, or the length of the recording.

    Parameters
    ----------
    sample_rate_hz : float
    sample_count : int
        Of one channel.
    speed_rpm : float or None
        Of the shaft.

    Returns
    -------
    list of QualityWarning

    Examples
    --------
    >>> [w.problem.value for w in check_rate(12.0, 120_000, 1797.0)]
    ['implausible_rate', 'implausible_rate']
    """
    warnings = []
    if not LOWEST_RATE_HZ <= sample_rate_hz <= HIGHEST_RATE_HZ:
        message = (
            f"A sampling rate of {sample_rate_hz:g} Hz is unusual for vibration. "
            "Is it given in kHz, or is this a trend?"
        )
        limit = LOWEST_RATE_HZ if sample_rate_hz < LOWEST_RATE_HZ else HIGHEST_RATE_HZ
        warnings.append(QualityWarning(Problem.RATE, message, sample_rate_hz, threshold=limit))
    fewest_hz = 2 * _ORDERS * speed_rpm / 60 if speed_rpm else 0.0
    if speed_rpm and sample_rate_hz < fewest_hz:
        message = (
            f"{sample_rate_hz:g} Hz shows fewer than {_ORDERS} orders of a shaft "
            f"at {speed_rpm:g} rpm. Check both."
        )
        warnings.append(QualityWarning(Problem.RATE, message, sample_rate_hz, threshold=fewest_hz))
    duration_s = sample_count / sample_rate_hz
    if speed_rpm and duration_s * speed_rpm / 60 < _ORDERS:
        message = f"The recording lasts {duration_s:.3g} s, less than {_ORDERS} turns of the shaft."
        shortest_s = 60 * _ORDERS / speed_rpm
        warnings.append(QualityWarning(Problem.SHORT, message, duration_s, threshold=shortest_s))
    return warnings
