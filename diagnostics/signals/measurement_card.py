"""How a figure was made: what somebody needs to make it again, or to doubt it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MeasurementCard:
    """What stands under every figure and in every export. What does not apply is None.

    Two spectra may be compared only where detector, window, resolution and unit agree; a
    peak value only where the band does; orders only where the speed's source is trusted.

    Parameters
    ----------
    kind : str
        What is shown: ``amplitude spectrum``.
    unit : str
        Of the values.
    sample_rate_hz : float
        After processing.
    span_s : tuple of float
        Beginning and end of the part of the recording that was used.
    samples : int
        That were used.
    data_hash : str
        Of the samples of the recording as stored.
    detector, window : str, optional
    averages : int, optional
        Segments; with ``averaging`` in words.
    overlap : float, optional
        Of neighbouring segments, 0 to 1.
    band_hz, resolution_hz : optional
    speed_rpm : float, optional
        With ``speed_source``: entered, recorded, estimated.
    steps : tuple of str
        What was done to the samples first, in order.
    notes : tuple of str
        What else a reader must know.

    Examples
    --------
    >>> card = MeasurementCard(
    ...     "amplitude spectrum", "mm/s", 2_000.0, (0.0, 10.0), 20_000, "5f3a9c",
    ...     detector="RMS", window="Hann", averages=1, resolution_hz=0.1,
    ...     steps=("integrated from g to mm/s with a high-pass at 2 Hz",),
    ... )
    >>> print(card.lines()[1])
    # Detector: RMS
    >>> dict(card.rows())["Processing"]
    'integrated from g to mm/s with a high-pass at 2 Hz'
    """

    kind: str
    unit: str
    sample_rate_hz: float
    span_s: tuple[float, float]
    samples: int
    data_hash: str
    detector: str | None = None
    band_hz: tuple[float, float] | None = None
    window: str | None = None
    averaging: str | None = None
    averages: int | None = None
    overlap: float | None = None
    resolution_hz: float | None = None
    speed_rpm: float | None = None
    speed_source: str | None = None
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def rows(self) -> list[tuple[str, str]]:
        """Name and value of all that applies, in an order to read."""
        rows = [
            ("Shown", self.kind),
            ("Detector", self.detector),
            ("Band", self._band()),
            ("Window", self.window),
            ("Averages", self._averages()),
            ("Resolution", _number(self.resolution_hz, "Hz")),
            ("Unit", self.unit or "none"),
            ("Sampling rate", _number(self.sample_rate_hz, "Hz")),
            ("Time", f"{self.span_s[0]:.9g} to {self.span_s[1]:.9g} s, {self.samples} samples"),
            ("Speed", self._speed()),
            ("Processing", "; ".join(self.steps) or "none"),
            ("Notes", "; ".join(self.notes) or None),
            ("Data", self.data_hash),
        ]
        return [(name, value) for name, value in rows if value is not None]

    def lines(self) -> list[str]:
        """As comments at the head of an exported table."""
        return [f"# {name}: {' '.join(value.split())}" for name, value in self.rows()]

    def _band(self) -> str | None:
        return None if self.band_hz is None else "{:.6g} to {:.6g} Hz".format(*self.band_hz)

    def _averages(self) -> str | None:
        if self.averages is None:
            return None
        words = f"{self.averages} {self.averaging or ''}".strip()
        if self.averages == 1 or self.overlap is None:
            return words
        return f"{words}, {100 * self.overlap:.3g} % overlap"

    def _speed(self) -> str | None:
        if self.speed_rpm is None:
            return None
        return f"{self.speed_rpm:.6g} rpm, {self.speed_source or 'source unknown'}"


def _number(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.6g} {unit}"
