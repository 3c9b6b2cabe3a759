"""Which samples of a recording a picture or a figure is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from diagnostics.signals import envelope
from diagnostics.signals.processing import Processed, process
from diagnostics.signals.recording_file import open_recording
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import FEWEST_SAMPLES
from models import Recording
from services import actor
from services.errors import Invalid, NotFound
from services.runtime import artefacts, unit_of_work
from services.signal_service import refusals
from services.signals.kept import Kept
from services.signals.settings import PlotSettings, ProcessingSettings

Array = NDArray[Any]
Place = tuple[int, int, float | None, float | None]
"""Recording, channel, begin and end."""

MOST_SAMPLES = 2**20
"""Spectra and statistics are computed from at most so many samples, to stay quick."""
ANY_LENGTH = 100_000
"""So many samples are transformed at once whatever their number."""

_processed: Kept[Processed] = Kept(4)
"""Plot, waveform and numbers of a page are made of the same samples, 8 MB at most."""


class PartView(TypedDict):
    """Which part of the chosen time a result was computed from."""

    unit: str
    sample_rate_hz: float
    start_s: float
    stop_s: float
    sample_count: int
    chosen_count: int


@dataclass(frozen=True)
class Part:
    """Samples of one channel that were read for a computation."""

    samples: Array
    sample_rate_hz: float
    unit: str
    shaft_hz: float
    first: int
    chosen_count: int
    artefact_key: str = ""

    def view(self) -> PartView:
        return {
            "unit": self.unit,
            "sample_rate_hz": self.sample_rate_hz,
            "start_s": self.first / self.sample_rate_hz,
            "stop_s": (self.first + self.samples.size) / self.sample_rate_hz,
            "sample_count": self.samples.size,
            "chosen_count": self.chosen_count,
        }


@dataclass(frozen=True)
class ProcessedPart:
    """A part of a recording as the settings ask for it; ``steps`` say what was done to it."""

    raw: Part
    place: Place
    settings: PlotSettings
    samples: Array
    sample_rate_hz: float
    unit: Unit
    steps: tuple[str, ...] = ()
    unsettled_samples: int = 0

    @property
    def start_s(self) -> float:
        return self.raw.first / self.raw.sample_rate_hz

    @property
    def stop_s(self) -> float:
        return (self.raw.first + self.raw.samples.size) / self.raw.sample_rate_hz

    @property
    def unsettled_s(self) -> float:
        """How long each end is disturbed by what was done."""
        return self.unsettled_samples / self.sample_rate_hz

    @property
    def times_s(self) -> Array:
        return self.start_s + np.arange(self.samples.size) / self.sample_rate_hz

    def settled(self) -> Array:
        """Without the ends that are disturbed, for numbers that one sample can decide.

        Raises
        ------
        Invalid
            If nothing is left.
        """
        if not self.unsettled_samples:
            return self.samples
        stop = self.samples.size - self.unsettled_samples
        if stop - self.unsettled_samples < FEWEST_SAMPLES:
            raise Invalid(
                f"The processing disturbs {self.unsettled_s:.3g} s at each end, so that nothing "
                f"is left of {self.stop_s - self.start_s:.3g} s. Choose a longer time."
            )
        return self.samples[self.unsettled_samples : stop]

    def view(self) -> PartView:
        own = self.raw.view()
        return {**own, "unit": self.unit.value, "sample_rate_hz": self.sample_rate_hz}


class Stored(NamedTuple):
    """Where the samples of a recording lie, and what is needed to read them."""

    artefact_key: str
    sample_rate_hz: float
    speed_rpm: float | None


def find_stored(recording_id: int) -> Stored:
    actor.reader()
    wanted = select(Recording.artefact_key, Recording.sample_rate_hz, Recording.speed_rpm)
    with unit_of_work(writing=False) as session:
        found = session.execute(wanted.where(Recording.id == recording_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no recording {recording_id}.")
    return Stored(*found)


def samples_between(
    start_s: float | None, stop_s: float | None, rate_hz: float, count: int
) -> tuple[int, int]:
    """First sample of the chosen time and the one after it, at least two and all there."""
    low = 0.0 if start_s is None else start_s
    high = count / rate_hz if stop_s is None else stop_s
    if not -np.inf < low <= high < np.inf:
        raise Invalid(f"The time must begin before it ends, got {low:g} to {high:g} s.")
    whole = count / rate_hz  # numbers of samples have an end, times have none
    low, high = min(max(low, 0.0), whole), min(max(high, 0.0), whole)
    start = min(int(np.floor(low * rate_hz)), max(count - 2, 0))
    stop = min(max(int(np.ceil(high * rate_hz)), start + 2), count)
    return start, stop


def quick_length(count: int) -> int:
    """At most so many samples, a little fewer where their Fourier transform would be slow.

    A number with a large prime factor takes ten times as long as its neighbour without. Up to
    :data:`ANY_LENGTH` it makes no difference that one feels, beyond it the next shorter quick
    length is less than a percent away.

    Examples
    --------
    >>> quick_length(99_991), quick_length(999_983), quick_length(2**20)
    (99991, 998250, 1048576)
    """
    from scipy.fft import prev_fast_len

    return count if count <= ANY_LENGTH else int(prev_fast_len(count))


def read_part(
    recording_id: int,
    channel: int,
    start_s: float | None = None,
    stop_s: float | None = None,
    most: int | None = None,
    *,
    quick: bool = False,
) -> Part:
    """Samples of the chosen time; its middle when there are more than ``most``, or than
    transform quickly where that is asked for."""
    key, rate_hz, speed_rpm = find_stored(recording_id)
    most = MOST_SAMPLES if most is None else most
    with refusals(), open_recording(artefacts().local_path(key)) as file:
        start, stop = samples_between(start_s, stop_s, rate_hz, file.sample_count)
        chosen = stop - start
        used = min(chosen, most)
        used = quick_length(used) if quick else used
        start += (chosen - used) // 2
        stop = start + used
        samples = file.read(channel, start, stop)
        unit = file.channels[channel].unit.value
    return Part(samples, rate_hz, unit, (speed_rpm or 0.0) / 60, start, chosen, key)


def read_processed(
    place: Place, settings: PlotSettings, most: int | None = None, *, quick: bool = False
) -> ProcessedPart:
    """Samples of the chosen time as the settings ask for them; see :func:`read_part`.

    Raises
    ------
    NotFound, Invalid
        If there is no such recording or channel, or it cannot be processed so.
    """
    raw = read_part(*place, _fitting(place, settings.processing, most), quick=quick)
    unit = Unit(raw.unit)
    if settings.processing == ProcessingSettings():
        return ProcessedPart(raw, place, settings, raw.samples, raw.sample_rate_hz, unit)
    key = (raw.artefact_key, place[1], raw.first, raw.samples.size, settings.processing)
    done = _processed.get(key, lambda: _process(raw, unit, settings.processing))
    return ProcessedPart(
        raw,
        place,
        settings,
        done.samples,
        done.sample_rate_hz,
        done.unit,
        done.steps,
        done.unsettled_samples,
    )


def _fitting(place: Place, settings: ProcessingSettings, most: int | None) -> int:
    """So few that there are no more than ``most`` after sampling faster."""
    most = MOST_SAMPLES if most is None else most
    if settings.rate_hz is None:
        return most
    own_hz = find_stored(place[0]).sample_rate_hz
    return max(round(most * min(own_hz / settings.rate_hz, 1.0)), FEWEST_SAMPLES)


def _process(raw: Part, unit: Unit, settings: ProcessingSettings) -> Processed:
    with refusals():
        done = process(raw.samples, raw.sample_rate_hz, unit, settings.processing)
    done.samples.flags.writeable = False
    return done


def usual_rate_hz(part: Part | ProcessedPart) -> float:
    """The rate that the usual band belongs to: the recorded one, or a lower one after it."""
    own_hz = part.raw.sample_rate_hz if isinstance(part, ProcessedPart) else part.sample_rate_hz
    return min(own_hz, part.sample_rate_hz)


def chosen_band(
    part: Part | ProcessedPart, low_hz: float | None, high_hz: float | None
) -> envelope.Band:
    """The band of the envelope; its open ends are those of the usual band.

    That is the one of the recording's own rate, where it was sampled faster afterwards: between
    the samples nothing was recorded, so the machine rings no higher for it.
    """
    usual = envelope.default_band(usual_rate_hz(part))
    with refusals():
        return envelope.Band(
            usual.low_hz if low_hz is None else low_hz,
            usual.high_hz if high_hz is None else high_hz,
        )
