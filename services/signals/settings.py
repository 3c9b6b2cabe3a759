"""How a plot of a signal is made and read: one flat mapping of settings, checked.

The page keeps the mapping in its address and in a store, the API takes it as parameters, the
services read it here. What is not given, ``None`` or empty is as usual, and what is as usual
is left out of the mapping again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from diagnostics.signals.averaging import Averaging
from diagnostics.signals.filters import Detrend, Filter, FilterKind
from diagnostics.signals.processing import Processing
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import MOST_OVERLAP, Detector, Window
from diagnostics.signals.speed_axis import FrequencyAxis
from services.errors import Invalid
from services.signals.fields import (
    choice,
    flag,
    ids,
    is_given,
    number,
    plain,
    positive,
    settings_of,
    text,
    whole,
)

MOTION = (Unit.ACCELERATION_G, Unit.ACCELERATION, Unit.VELOCITY, Unit.DISPLACEMENT)
MOST_COMPARED = 5
MOST_ID = 2**63 - 1


class ValueAxis(enum.StrEnum):
    """How the values of a curve are spread over its height."""

    LINEAR = "linear"
    LOGARITHMIC = "log"
    DECIBELS = "db"


class UsualBand(enum.StrEnum):
    """The band of an envelope of which no end was typed."""

    MIDDLE = "middle"
    KURTOGRAM = "kurtogram"


class SpeedSource(enum.StrEnum):
    """Whom the speed of the shaft is believed from."""

    RECORDED = "recorded"
    TYPED = "typed"
    ESTIMATED = "estimated"


class CursorKind(enum.StrEnum):
    """What a cursor in a spectrum marks beside the place where it stands."""

    NONE = "none"
    SINGLE = "single"
    HARMONIC = "harmonic"
    SIDEBAND = "sideband"


class CompareLayout(enum.StrEnum):
    """Several recordings in one plot, or in one each."""

    OVERLAY = "overlay"
    MULTIPLES = "multiples"


class ComparedPlot(enum.StrEnum):
    """What several recordings are compared by."""

    WAVEFORM = "waveform"
    SPECTRUM = "spectrum"
    DENSITY = "density"
    ENVELOPE = "envelope"


class Overview(enum.StrEnum):
    """What is shown of all recordings of a channel."""

    TREND = "trend"
    WATERFALL = "waterfall"


class Quantity(enum.StrEnum):
    """What a trend shows: stored statistics, what is computed of some recordings, or a feature
    of all that was extracted."""

    LEVELS = "levels"
    VELOCITY = "velocity"
    BEARING = "bearing"
    FEATURE = "feature"


class Stacking(enum.StrEnum):
    """A waterfall as a picture, or as curves one above the other."""

    PICTURE = "picture"
    CASCADE = "cascade"


class StackedPlot(enum.StrEnum):
    """Which spectra a waterfall is made of."""

    SPECTRUM = "spectrum"
    ENVELOPE = "envelope"


class Among(enum.StrEnum):
    """Which recordings of a channel belong together."""

    BEARING = "bearing"
    DATASET = "dataset"


class Sorting(enum.StrEnum):
    """How recordings follow each other; by time only where one is known of each."""

    TIME = "time"
    NAME = "name"


@dataclass(frozen=True)
class ProcessingSettings:
    """What is done to the samples first."""

    unit: Unit | None = field(default=None, metadata=choice("unit", "Unit", MOTION))
    high_pass_hz: float | None = field(
        default=None, metadata=positive("high_pass", "High-pass", "Hz")
    )
    detrend: Detrend = field(default=Detrend.NONE, metadata=choice("detrend", "Detrend", Detrend))
    filter: FilterKind | None = field(default=None, metadata=choice("filter", "Filter", FilterKind))
    filter_low_hz: float | None = field(
        default=None, metadata=positive("filter_low", "Filter from", "Hz")
    )
    filter_high_hz: float | None = field(
        default=None, metadata=positive("filter_high", "Filter to", "Hz")
    )
    rate_hz: float | None = field(default=None, metadata=positive("rate", "Sampling rate", "Hz"))

    @property
    def processing(self) -> Processing:
        """As the domain has it.

        Raises
        ------
        SignalError
            If an edge of the filter is missing, or both are the wrong way round.
        """
        chosen = None
        if self.filter is not None:
            chosen = Filter(self.filter, self.filter_low_hz, self.filter_high_hz)
        return Processing(self.unit, self.high_pass_hz, self.detrend, chosen, self.rate_hz)


@dataclass(frozen=True)
class SpectrumSettings:
    """How lines are computed; spectrograms take window, segment and overlap from here."""

    detector: Detector = field(
        default=Detector.PEAK, metadata=choice("detector", "Detector", Detector)
    )
    window: Window = field(default=Window.HANN, metadata=choice("window", "Window", Window))
    averaging: Averaging | None = field(
        default=None, metadata=choice("averaging", "Averaging", Averaging)
    )
    segment: int | None = field(default=None, metadata=whole("segment", "Segment", 8, 2**24))
    overlap: float = field(default=0.5, metadata=number("overlap", "Overlap", "", 0, MOST_OVERLAP))
    zoom_low_hz: float | None = field(default=None, metadata=number("zoom_low", "Zoom from", "Hz"))
    zoom_high_hz: float | None = field(
        default=None, metadata=positive("zoom_high", "Zoom to", "Hz")
    )
    cycles: float = field(
        default=6.0, metadata=number("cycles", "Cycles of the wavelet", "", 3, 50)
    )

    @property
    def is_zoomed(self) -> bool:
        return self.zoom_low_hz is not None or self.zoom_high_hz is not None


@dataclass(frozen=True)
class AxesSettings:
    """``y`` is None for what suits the plot."""

    x: FrequencyAxis = field(
        default=FrequencyAxis.HZ, metadata=choice("x", "Frequency axis", FrequencyAxis)
    )
    y: ValueAxis | None = field(default=None, metadata=choice("y", "Value axis", ValueAxis))


@dataclass(frozen=True)
class EnvelopeSettings:
    low_hz: float | None = field(default=None, metadata=number("low", "Band from", "Hz"))
    high_hz: float | None = field(default=None, metadata=positive("high", "Band to", "Hz"))
    squared: bool = field(default=False, metadata=flag("squared", "Squared envelope"))
    usual: UsualBand = field(default=UsualBand.MIDDLE, metadata=choice("band", "Band", UsualBand))

    @property
    def is_typed(self) -> bool:
        return self.low_hz is not None or self.high_hz is not None


@dataclass(frozen=True)
class OverlaySettings:
    """``bearing`` is ``recording`` (that of the recording), ``none``, the designation of one of
    the catalogue, or ``bearing:`` and the number of an own one."""

    bearing: str = field(default="recording", metadata=text("bearing", "Bearing", 200))
    speed_rpm: float | None = field(default=None, metadata=positive("speed", "Speed", "rpm", 1e6))
    speed_from: SpeedSource | None = field(
        default=None, metadata=choice("speed_source", "Speed from", SpeedSource)
    )
    harmonics: int = field(default=3, metadata=whole("harmonics", "Harmonics", 0, 10))
    tolerance_percent: float = field(
        default=2.0, metadata=number("tolerance", "Tolerance", "%", 0, 20)
    )
    sidebands: int = field(default=0, metadata=whole("sidebands", "Sidebands", 0, 3))
    shaft: bool = field(default=False, metadata=flag("shaft", "Shaft orders"))

    @property
    def speed_source(self) -> SpeedSource:
        """A speed that was typed counts before the recorded one, unless told otherwise."""
        if self.speed_from is not None:
            return self.speed_from
        return SpeedSource.RECORDED if self.speed_rpm is None else SpeedSource.TYPED


@dataclass(frozen=True)
class CursorSettings:
    cursor: CursorKind = field(
        default=CursorKind.NONE, metadata=choice("cursor", "Cursor", CursorKind)
    )
    at_hz: float | None = field(default=None, metadata=number("at", "Cursor at", "Hz"))
    spacing_hz: float | None = field(default=None, metadata=positive("spacing", "Spacing", "Hz"))
    count: int = field(default=5, metadata=whole("count", "Cursor lines", 1, 50))


@dataclass(frozen=True)
class CompareSettings:
    recordings: tuple[int, ...] = field(
        default=(), metadata=ids("with", "Compare with", MOST_COMPARED)
    )
    layout: CompareLayout = field(
        default=CompareLayout.OVERLAY, metadata=choice("layout", "Layout", CompareLayout)
    )
    plot: ComparedPlot = field(
        default=ComparedPlot.SPECTRUM, metadata=choice("compare", "Compare by", ComparedPlot)
    )


@dataclass(frozen=True)
class OverviewSettings:
    """``among`` is None for the recordings of the same bearing, where there are several;
    ``feature_set`` for the newest of the data set, ``feature`` empty for its first."""

    overview: Overview | None = field(default=None, metadata=choice("over", "Show", Overview))
    quantity: Quantity = field(
        default=Quantity.LEVELS, metadata=choice("quantity", "Trend of", Quantity)
    )
    feature_set: int | None = field(
        default=None, metadata=whole("features", "Feature set", 1, MOST_ID)
    )
    feature: str = field(default="", metadata=text("feature", "Feature", 120))
    stacked: StackedPlot = field(
        default=StackedPlot.SPECTRUM, metadata=choice("stacked", "Waterfall of", StackedPlot)
    )
    stacking: Stacking = field(
        default=Stacking.PICTURE, metadata=choice("stacking", "Shown as", Stacking)
    )
    among: Among | None = field(default=None, metadata=choice("among", "Recordings", Among))
    sorting: Sorting = field(default=Sorting.TIME, metadata=choice("sort", "Order", Sorting))


@dataclass(frozen=True)
class PlotSettings:
    """All settings, in groups."""

    processing: ProcessingSettings = field(default_factory=ProcessingSettings)
    spectrum: SpectrumSettings = field(default_factory=SpectrumSettings)
    axes: AxesSettings = field(default_factory=AxesSettings)
    envelope: EnvelopeSettings = field(default_factory=EnvelopeSettings)
    overlay: OverlaySettings = field(default_factory=OverlaySettings)
    cursor: CursorSettings = field(default_factory=CursorSettings)
    compare: CompareSettings = field(default_factory=CompareSettings)
    overview: OverviewSettings = field(default_factory=OverviewSettings)

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any] | None) -> Self:
        """Read and check a flat mapping; numbers may be text.

        Raises
        ------
        Invalid
            If there is no such setting, or it cannot be what was given.
        """
        given = {key: value for key, value in (settings or {}).items() if is_given(value)}
        unknown = sorted(given.keys() - TITLES.keys())
        if unknown:
            raise Invalid(f"There is no setting {unknown[0]}. Settings are {', '.join(TITLES)}.")
        return cls(**{name: _read(kind, given) for name, kind in GROUPS.items()})

    def to_mapping(self) -> dict[str, Any]:
        """What differs from the usual, as plain values by key."""
        return {
            one.metadata["key"]: plain(getattr(group, one.name))
            for group in (getattr(self, name) for name in GROUPS)
            for one in settings_of(group)
            if getattr(group, one.name) != one.default
        }


GROUPS: dict[str, type[Any]] = {
    "processing": ProcessingSettings,
    "spectrum": SpectrumSettings,
    "axes": AxesSettings,
    "envelope": EnvelopeSettings,
    "overlay": OverlaySettings,
    "cursor": CursorSettings,
    "compare": CompareSettings,
    "overview": OverviewSettings,
}


def titles_of(*groups: str) -> dict[str, str]:
    """What the settings of some groups are called on the page, by key."""
    return {
        one.metadata["key"]: one.metadata["title"]
        for name in groups
        for one in settings_of(GROUPS[name])
    }


TITLES = titles_of(*GROUPS)
"""What each setting is called on the page and in what is said of it, by key."""


def _read(group: type[Any], given: Mapping[str, Any]) -> Any:
    rules = {one.name: one.metadata for one in settings_of(group)}
    read = {
        name: rule["read"](rule["title"], given[rule["key"]])
        for name, rule in rules.items()
        if rule["key"] in given
    }
    return group(**{name: value for name, value in read.items() if value is not None})
