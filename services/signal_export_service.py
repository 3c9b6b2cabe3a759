"""The numbers behind the plots of the signals page, as CSV.

Of recordings that are generated, the name of the file and the head of its values say so: such a
file outlives the page that says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals import envelope, spectrum
from models import Origin
from services import actor
from services.recording_service import RecordingService, RecordingView
from services.signal_service import refusals
from services.signal_view_service import SignalViewService
from services.signals.parts import Part, chosen_band, read_part

Array = NDArray[Any]


class CsvFile(TypedDict):
    file_name: str
    content: str


@dataclass(frozen=True)
class Stretch:
    """Which channel and time; ``low_hz`` and ``high_hz`` are the band of the envelope."""

    recording_id: int
    channel: int
    start_s: float | None = None
    stop_s: float | None = None
    low_hz: float | None = None
    high_hz: float | None = None

    @property
    def place(self) -> tuple[int, int, float | None, float | None]:
        return self.recording_id, self.channel, self.start_s, self.stop_s


class SignalExportService:
    """The numbers behind the plots, not thinned for the screen, as CSV."""

    @staticmethod
    def export_waveform(stretch: Stretch) -> CsvFile:
        """Every sample of the chosen time, up to the limit that the plots have too.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel.
        """
        actor.reader()
        known = RecordingService.get_recording(stretch.recording_id)
        part = read_part(*stretch.place)
        times_s = (part.first + np.arange(part.samples.size)) / part.sample_rate_hz
        head = ("time_s", _marked(known, f"amplitude [{part.unit}]"))
        return _file(known, "waveform", part, _lines(head, times_s, part.samples))

    @staticmethod
    def export_plot(kind: str, stretch: Stretch) -> CsvFile:
        """Every line of a spectrum, or the levels of the picture of a spectrogram.

        ``kind`` is ``spectrum``, ``density``, ``envelope`` or ``spectrogram``.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or the band does not fit.
        """
        actor.reader()
        known = RecordingService.get_recording(stretch.recording_id)
        part = read_part(*stretch.place)
        if kind == "spectrogram":
            lines = _image_lines(stretch, _marked(known, "frequency_hz \\ time_s"))
        else:
            with refusals():
                result = _spectrum(kind, part, stretch)
            unit = f"({part.unit})²/Hz" if kind == "density" else part.unit
            what = "density" if kind == "density" else "amplitude"
            head = ("frequency_hz", _marked(known, f"{what} [{unit}]"))
            lines = _lines(head, result.frequencies_hz, result.values)
        return _file(known, kind, part, lines)


def _spectrum(kind: str, part: Part, stretch: Stretch) -> spectrum.Spectrum:
    if kind == "density":
        return spectrum.power_spectral_density(part.samples, part.sample_rate_hz)
    if kind == "envelope":
        band = chosen_band(part, stretch.low_hz, stretch.high_hz)
        return envelope.envelope_spectrum(part.samples, part.sample_rate_hz, band)
    return spectrum.amplitude_spectrum(part.samples, part.sample_rate_hz)


def _lines(head: tuple[str, str], x: Array, y: Array) -> Iterable[str]:
    """Nine digits tell any two numbers of single precision apart."""
    yield ",".join(head)
    for one, other in zip(x.tolist(), y.tolist(), strict=True):
        yield f"{one:.12g},{other:.9g}"


def _marked(known: RecordingView, head: str) -> str:
    return f"generated {head}" if known["origin"] == Origin.GENERATED else head


def _image_lines(stretch: Stretch, corner: str) -> Iterable[str]:
    image = SignalViewService.spectrogram(*stretch.place)
    yield ",".join([corner, *(f"{t:.9g}" for t in image["times_s"])])
    for frequency_hz, row in zip(image["frequencies_hz"], image["levels_db"], strict=True):
        yield ",".join([f"{frequency_hz:.9g}", *(f"{level:.1f}" for level in row)])


def _file(known: RecordingView, kind: str, part: Part, lines: Iterable[str]) -> CsvFile:
    view = part.view()
    clean = re.sub(r"[^\w.@-]+", "_", known["name"]).strip("._") or "recording"
    if known["origin"] == Origin.GENERATED:
        kind = f"generated_{kind}"
    span = f"{view['start_s']:.6g}-{view['stop_s']:.6g}s"
    return {"file_name": f"{clean}_{kind}_{span}.csv", "content": "\n".join([*lines, ""])}
