"""The numbers behind the plots of the signals page, as CSV.

Of recordings that are generated, the name of the file and the head of its values say so: such a
file outlives the page that says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from numpy.typing import NDArray

from diagnostics.signals.measurement_card import MeasurementCard
from models import Origin
from services import actor
from services.recording_service import RecordingService, RecordingView
from services.signals.cards import card_of
from services.signals.curves import Computed
from services.signals.parts import Place, ProcessedPart, read_processed
from services.signals.plots import CURVES, PlotKind, compute, kind_of
from services.signals.settings import PlotSettings
from services.signals.speed import shaft_speed

Array = NDArray[Any]


class CsvFile(TypedDict):
    file_name: str
    content: str


@dataclass(frozen=True)
class Stretch:
    """Which channel and time, and the settings of the plot."""

    recording_id: int
    channel: int
    start_s: float | None = None
    stop_s: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return self.recording_id, self.channel, self.start_s, self.stop_s


class SignalExportService:
    """The numbers behind the plots, not thinned for the screen, as CSV.

    The measurement card stands above them in lines that begin with ``#``.
    """

    @staticmethod
    def export_waveform(stretch: Stretch) -> CsvFile:
        """Every sample of the chosen time, up to the limit that the plots have too.

        Raises
        ------
        NotFound, Invalid
            If there is no such recording or channel, or a setting does not fit.
        """
        actor.reader()
        known = RecordingService.get_recording(stretch.recording_id)
        settings = PlotSettings.from_mapping(stretch.settings)
        part = read_processed(stretch.place, settings)
        speed = shaft_speed(*stretch.place, settings.overlay)
        card = card_of("waveform", part.unit.value, part, speed)
        head = ("time_s", _marked(known, f"amplitude [{part.unit.value}]"))
        rows = _rows(head, part.times_s, part.samples)
        return _file(known, "waveform", part, card, rows)

    @staticmethod
    def export_plot(kind: str, stretch: Stretch) -> CsvFile:
        """Every line of a curve, the levels of a picture, or the bands of a kurtogram.

        Raises
        ------
        NotFound, Invalid
            If there is no such plot, recording or channel, or a setting does not fit.
        """
        actor.reader()
        known = RecordingService.get_recording(stretch.recording_id)
        settings = PlotSettings.from_mapping(stretch.settings)
        plot = kind_of(kind)
        part, done = compute(plot, stretch.place, settings)
        speed = shaft_speed(*stretch.place, settings.overlay)
        card = card_of(done.title, done.counted_unit, part, speed, done)
        return _file(known, plot.value, part, card, _plot_rows(known, plot, done))


def _plot_rows(known: RecordingView, kind: PlotKind, done: Computed) -> Iterable[str]:
    if kind is PlotKind.KURTOGRAM:
        return _bands(known, done)
    if kind not in CURVES:
        return _image(_marked(known, "frequency_hz \\ time_s"), done)
    if kind is PlotKind.CEPSTRUM:
        return _rows(("quefrency_s", _marked(known, "cepstrum")), done.x, done.y)
    what = "density" if kind is PlotKind.DENSITY else "amplitude"
    head = ("frequency_hz", _marked(known, f"{what} [{done.value_unit}]"))
    return _rows(head, done.x, done.y)


def _rows(head: tuple[str, str], x: Array, y: Array) -> Iterable[str]:
    """Nine digits tell any two numbers of single precision apart."""
    yield ",".join(head)
    for one, other in zip(x.tolist(), y.tolist(), strict=True):
        yield f"{one:.12g},{other:.9g}"


def _image(corner: str, done: Computed) -> Iterable[str]:
    yield ",".join([corner, *(f"{t:.9g}" for t in done.x)])
    for frequency_hz, row in zip(done.y, done.values, strict=True):
        yield ",".join([f"{frequency_hz:.9g}", *(f"{level:.1f}" for level in row)])


def _bands(known: RecordingView, done: Computed) -> Iterable[str]:
    yield ",".join(("level", "low_hz", "high_hz", _marked(known, "kurtosis")))
    for cell in (cell for row in done.cells for cell in row):
        band = cell.band
        yield f"{cell.level:.9g},{band.low_hz:.9g},{band.high_hz:.9g},{cell.kurtosis:.9g}"


def _marked(known: RecordingView, head: str) -> str:
    return f"generated {head}" if known["origin"] == Origin.GENERATED else head


def _file(
    known: RecordingView,
    kind: str,
    part: ProcessedPart,
    card: MeasurementCard,
    rows: Iterable[str],
) -> CsvFile:
    clean = re.sub(r"[^\w.@-]+", "_", known["name"]).strip("._") or "recording"
    if known["origin"] == Origin.GENERATED:
        kind = f"generated_{kind}"
    span = f"{part.start_s:.6g}-{part.stop_s:.6g}s"
    name = known["channels"][part.place[1]]["name"]
    shown = f"# Recording: {' '.join(known['name'].split())}, {' '.join(name.split())}"
    content = "\n".join([shown, *card.lines(), *rows, ""])
    return {"file_name": f"{clean}_{kind}_{span}.csv", "content": content}
