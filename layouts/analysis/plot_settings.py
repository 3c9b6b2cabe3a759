"""How the lines of a plot are computed and along which axes they stand: a panel."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.analysis.controls import Choices, choice, is_usual, number, reset
from layouts.analysis.settings import Settings, value_of
from layouts.components.disclosure import disclosure


class Ids:
    told = "signals-plot-told"
    reset = "signals-plot-reset"
    detector = "signals-detector"
    window = "signals-window"
    averaging = "signals-averaging"
    segment = "signals-segment"
    overlap = "signals-overlap"
    cycles = "signals-cycles"
    x = "signals-x"
    y = "signals-y"
    zoom_low = "signals-zoom-low"
    zoom_high = "signals-zoom-high"


CONTROLS = (
    Ids.detector,
    Ids.window,
    Ids.averaging,
    Ids.segment,
    Ids.overlap,
    Ids.cycles,
    Ids.x,
    Ids.y,
    Ids.zoom_low,
    Ids.zoom_high,
)
DETECTORS: Choices = {"peak": "0 to peak", "rms": "RMS", "peak_to_peak": "peak to peak"}
WINDOWS: Choices = {
    "hann": "Hann",
    "flattop": "flat top",
    "hamming": "Hamming",
    "blackman": "Blackman",
    "boxcar": "rectangular",
}
AVERAGINGS: Choices = {"none": "none", "linear": "mean power", "peak_hold": "peak hold"}
FREQUENCIES: Choices = {"hz": "Hz", "cpm": "CPM", "orders": "orders of the shaft"}
SCALES: Choices = {
    "none": "as suits the plot",
    "linear": "linear",
    "log": "logarithmic",
    "db": "decibels",
}


def panel(settings: Settings) -> Component:
    """Closed at first; the line beside its title says what differs from the usual."""
    how = [
        choice(settings, Ids.detector, "Detector", DETECTORS),
        choice(settings, Ids.window, "Window", WINDOWS),
        choice(settings, Ids.averaging, "Averaging", AVERAGINGS),
        number(settings, Ids.segment, "Segment [samples]", hint="as suits the plot", step="1"),
        number(settings, Ids.overlap, "Overlap [0 to 0.95]", hint="0.5"),
        number(settings, Ids.cycles, "Wavelet [cycles]", hint="6"),
    ]
    axes = [
        choice(settings, Ids.x, "Frequency axis", FREQUENCIES),
        choice(settings, Ids.y, "Value axis", SCALES),
        number(settings, Ids.zoom_low, "Zoom from [Hz]", hint="all"),
        number(settings, Ids.zoom_high, "Zoom to [Hz]", hint="all"),
        reset(Ids.reset, "As usual"),
    ]
    return disclosure(
        "Plot settings",
        [
            html.Div(how, className="field-row signals-fields"),
            html.Div(axes, className="field-row signals-fields"),
        ],
        summary_id=Ids.told,
        summary=summary(settings),
    )


def summary(settings: Settings) -> str:
    """What is set, in a line.

    Examples
    --------
    >>> summary({}), summary({"detector": "rms", "x": "cpm", "segment": 4096.0})
    ('0 to peak · Hann · Hz', 'RMS · Hann · segments of 4096 · CPM')
    """
    parts = [
        DETECTORS.get(value_of(settings, "detector"), ""),
        WINDOWS.get(value_of(settings, "window"), ""),
        *_averages(settings),
        FREQUENCIES.get(value_of(settings, "x"), ""),
        "" if is_usual(settings, "y") else SCALES.get(settings["y"], ""),
        _zoom(settings),
    ]
    return " · ".join(part for part in parts if part)


def _averages(settings: Settings) -> list[str]:
    parts = []
    if not is_usual(settings, "averaging"):
        parts.append(AVERAGINGS.get(value_of(settings, "averaging"), ""))
    if settings.get("segment"):
        parts.append(f"segments of {settings['segment']:.9g}")
    if not is_usual(settings, "overlap"):
        parts.append(f"{100 * value_of(settings, 'overlap'):.3g} % overlap")
    return parts


def _zoom(settings: Settings) -> str:
    low, high = settings.get("zoom_low"), settings.get("zoom_high")
    if low is None and high is None:
        return ""
    begin = "0" if low is None else f"{low:.5g}"
    return f"{begin} Hz and more" if high is None else f"{begin} to {high:.5g} Hz"
