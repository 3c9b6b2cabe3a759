"""The plots of a part of a signal: what each is given as."""

from __future__ import annotations

import enum
from typing import Any, TypedDict

from numpy.typing import NDArray

from services.signals.parts import PartView

Array = NDArray[Any]


class PlotKind(enum.StrEnum):
    SPECTRUM = "spectrum"
    DENSITY = "density"
    ENVELOPE = "envelope"
    CEPSTRUM = "cepstrum"
    SPECTROGRAM = "spectrogram"
    SCALOGRAM = "scalogram"
    KURTOGRAM = "kurtogram"


class CellView(TypedDict):
    """One band of a kurtogram."""

    level: float
    low_hz: float
    high_hz: float
    kurtosis: float


class PlotView(PartView):
    """One plot. Frequencies are in Hz whatever the axis counts: draw ``x * x_factor``.

    ========================  ==================  ========================  ====================
    kind                      ``x``               ``y``                     ``values``
    ========================  ==================  ========================  ====================
    spectrum, envelope        frequencies, Hz     amplitudes, ``value_unit``  empty
    density                   frequencies, Hz     ``value_unit``            empty
    cepstrum                  quefrencies, s      natural logarithms        empty
    spectrogram, scalogram    times, s            frequencies, Hz           dB re 1 ``value_unit``
    kurtogram                 frequencies, Hz     rows, from 0              kurtosis
    ========================  ==================  ========================  ====================

    ``values`` has the shape (y, x). ``unit`` is that of the processed signal, ``value_unit``
    that of the values. ``x_span`` is the part of ``x`` to show. For pictures over frequency
    (spectrogram, scalogram) the factor and the title of the frequency axis are those of ``y``.
    ``axis`` is what the frequencies are counted in: that of the settings, or Hz when orders
    were asked for and no speed is known. ``band`` is that of the envelope, or the best one of
    a kurtogram, whose bands are ``cells`` (row for row, upwards) of the ``levels``. ``card``
    has a title and a text in each row; ``notes`` are sentences.
    """

    kind: str
    x: Array
    y: Array
    values: Array
    value_unit: str
    axis: str
    x_factor: float
    x_title: str
    x_span: tuple[float, float]
    resolution_hz: float | None
    segment: int | None
    band: tuple[float, float] | None
    levels: list[float]
    cells: list[list[CellView]]
    speed_rpm: float | None
    speed_source: str
    shaft_hz: float
    card: list[tuple[str, str]]
    notes: list[str]
