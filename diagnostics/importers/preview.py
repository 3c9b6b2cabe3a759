"""What would come out of a file, and where each piece of it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from diagnostics.importers.contents import Variable
from diagnostics.signals.quality import QualityWarning
from diagnostics.signals.signal import Unit

T = TypeVar("T")
FACTS = ("label", "speed_rpm", "load", "bearing", "machine")
"""What a recording says about itself beside its attributes."""


@dataclass(frozen=True)
class Sourced(Generic[T]):
    """A value and where it was found, for people: ``variable X105RPM``, ``typed``."""

    value: T
    source: str


Facts = Mapping[str, Sourced[str | float]]


@dataclass(frozen=True)
class ProposedChannel:
    """``row`` counts the channels of an array with several of them.

    ``recording`` counts the recordings of an array that holds many: its first dimension.
    """

    name: str
    variable: str
    row: int
    unit: Sourced[Unit] | None
    recording: int | None = None


@dataclass(frozen=True)
class ProposedRecording:
    """One recording as it would be stored.

    Attributes
    ----------
    key
        Tells the recordings of a file apart; empty when there is only one.
    facts
        Of ``FACTS``, those that were found. A profile may add the ``bearing_type``, as the
        catalogue of bearings calls it.
    attributes
        Whatever else is known: ``fault_size_mil``, ``load_hp``.
    """

    key: str
    title: str
    sample_count: int
    channels: tuple[ProposedChannel, ...]
    sample_rate_hz: Sourced[float] | None = None
    facts: Facts = field(default_factory=dict)
    attributes: Facts = field(default_factory=dict)
    warnings: tuple[QualityWarning, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be typed before the recording can be stored."""
        rate = () if self.sample_rate_hz else ("sample_rate_hz",)
        unit = () if all(channel.unit for channel in self.channels) else ("unit",)
        return (*rate, *unit)

    @property
    def speed_rpm(self) -> float | None:
        found = self.facts.get("speed_rpm")
        return float(found.value) if found else None

    def warned(self, *warnings: QualityWarning) -> ProposedRecording:
        """With further warnings; one that is there already is not said twice."""
        fresh = tuple(warning for warning in warnings if warning not in self.warnings)
        return replace(self, warnings=(*self.warnings, *fresh))


@dataclass(frozen=True)
class FilePreview:
    """What a file holds and what would be made of it.

    Attributes
    ----------
    importer, profile
        Names of what understood the file.
    notes
        What was decided while reading, and what is not read.
    """

    file_name: str
    importer: str
    profile: str
    variables: tuple[Variable, ...]
    recordings: tuple[ProposedRecording, ...]
    notes: tuple[str, ...] = ()
