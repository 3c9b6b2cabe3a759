"""Kept explanations as curves and tables that a page can draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.explain.columns import columns_of
from diagnostics.explain.ranks import likeness
from diagnostics.explain.spectral import frame_times
from models import Experiment, Origin, Recording
from services.experiments.classifier_sources import side_of
from services.explanations.domain import DomainView
from services.explanations.kept import CURVES
from services.explanations.shortcuts import ShortcutView
from services.runtime import unit_of_work
from services.signal_view_service import SignalViewService

Array = NDArray[Any]

COLUMNS = 600
"""Of colour behind a picture: about one for two pixels of its width."""
STRETCHES = 1_000
LINES = 1_000
SEGMENTS, BEST_SEGMENTS = 32, 5
_BEYOND = 1.3


class Picture(TypedDict):
    """A waveform and the attribution behind it; one more edge than values, NaN for gaps."""

    times_s: Array
    samples: Array
    edges_s: Array
    attribution: Array


class SpectrumView(TypedDict):
    """Relevance by frequency of the examined windows; ``is_exact`` as in the summary."""

    frequencies_hz: Array
    relevance: Array
    is_exact: bool


class RhythmView(TypedDict):
    """How often relevance comes back, as shares; ``untrained``: with random weights."""

    frequencies_hz: Array
    network: Array
    untrained: Array


class FramesView(TypedDict):
    """Relevance of one window by time and frequency: shape (frames, bins)."""

    times_s: Array
    frequencies_hz: Array
    relevance: Array


class SegmentRow(TypedDict):
    """``share`` is signed: of all relevance in the window, by size."""

    start_s: float
    stop_s: float
    share: float


class Facts(TypedDict):
    class_names: list[str]
    true_class: str
    side: str | None
    recording: str
    generated: bool
    channel: str
    channel_position: int
    unit: str


class MethodView(TypedDict):
    """One method beside others, in one window of a recording."""

    explanation_id: int
    method: str
    title: str
    parameters: dict[str, Any]
    close: Picture
    top: float
    in_window: bool
    spectrum: SpectrumView | None
    rhythm: RhythmView | None
    frames: FramesView | None
    segments: list[SegmentRow]
    card: dict[str, float | None]
    curves: dict[str, list[float]]
    domain: DomainView
    shortcuts: ShortcutView | None
    seconds: float | None
    created_at: datetime


class FeatureRow(TypedDict):
    """``mean`` is signed, ``size`` is the mean of the sizes."""

    feature: str
    mean: float
    size: float


def facts_of(kept: Mapping[str, Any]) -> Facts:
    """Names of recording, channel and classes."""
    with unit_of_work(writing=False) as session:
        experiment = session.get_one(Experiment, kept["experiment_id"])
        recording = session.get_one(Recording, kept["signal_id"])
        channel = recording.channels[kept["summary"]["channel"]]
        key = str(recording.id)
        return {
            "class_names": list(experiment.class_names),
            "true_class": experiment.split["targets"].get(key, ""),
            "side": side_of(session, experiment, recording),
            "recording": recording.name,
            "generated": recording.origin is Origin.GENERATED,
            "channel": channel.name,
            "channel_position": channel.position,
            "unit": channel.unit.value,
        }


def of_channel(attribution: Array) -> Array:
    """Of the channel that is drawn: the first; a map is shared by all."""
    return attribution if attribution.ndim == 2 else attribution[:, 0]


def picture(
    recording_id: int,
    channel: int,
    span_s: tuple[float, float] | None,
    attribution: tuple[Array, Array, float],
) -> Picture:
    """The waveform of a channel, with attribution (windows, samples) of windows behind it."""
    start, stop = span_s or (None, None)
    waveform = SignalViewService.waveform(recording_id, channel, start, stop, STRETCHES)
    columns = columns_of(*attribution, COLUMNS)
    top = float(np.nanmax(np.abs(columns.values)))
    return {
        "times_s": waveform["times_s"],
        "samples": waveform["values"],
        "edges_s": columns.edges_s,
        # Four digits are finer than a shade.
        "attribution": np.round(columns.values, _digits(top)),
    }


def spectrum_view(kept: Mapping[str, Any]) -> SpectrumView | None:
    """Summed in bands where there are more lines than a picture shows."""
    if "spectrum" not in kept["arrays"]:
        return None
    whole = kept["arrays"]["spectrum"][0].astype(np.float64)
    each = max(1, -(-len(whole) // LINES))
    summed = np.add.reduceat(whole, np.arange(0, len(whole), each))
    step_hz = each / kept["summary"]["window_s"]
    return {
        "frequencies_hz": (np.arange(len(summed)) + (each - 1) / (2 * each)) * step_hz,
        "relevance": summed,
        "is_exact": bool(kept["summary"]["exact_spectrum"]),
    }


def rhythm_view(kept: Mapping[str, Any], domain: DomainView) -> RhythmView | None:
    """As far as fault frequencies reach; all of it where none is known."""
    if "rhythm" not in kept["arrays"]:
        return None
    step_hz = 1 / kept["summary"]["window_s"]
    highest = max((line["high_hz"] for line in domain["lines"]), default=LINES * step_hz)
    count = int(min(domain["finest_hz"], _BEYOND * highest) / step_hz) + 1
    own, untrained = (kept["arrays"][name][:count] for name in ("rhythm", "random_rhythm"))
    return {
        "frequencies_hz": np.arange(len(own)) * step_hz,
        "network": own,
        "untrained": untrained,
    }


def frames_view(kept: Mapping[str, Any], number: int) -> FramesView | None:
    if "frames" not in kept["arrays"]:
        return None
    found = kept["arrays"]["frames"][number, 0]
    summary = kept["summary"]
    rate_hz = summary["samples"] / summary["window_s"]
    times = frame_times(summary["samples"])[: len(found)] / rate_hz
    return {
        "times_s": times + float(kept["arrays"]["starts_s"][number]),
        "frequencies_hz": np.linspace(0, rate_hz / 2, found.shape[1]),
        "relevance": found,
    }


def segments(row: Array, start_s: float, window_s: float) -> list[SegmentRow]:
    """The stretches of a window with most relevance."""
    cuts = np.linspace(0, len(row), min(SEGMENTS, len(row)) + 1).astype(np.int64)
    signed = np.add.reduceat(row.astype(np.float64), cuts[:-1])
    total = max(float(np.abs(signed).sum()), 1e-30)
    scale = window_s / len(row)
    return [
        {
            "start_s": start_s + float(cuts[n]) * scale,
            "stop_s": start_s + float(cuts[n + 1]) * scale,
            "share": float(signed[n] / total),
        }
        for n in np.argsort(-np.abs(signed))[:BEST_SEGMENTS]
    ]


def curves_of(kept: Mapping[str, Any]) -> dict[str, list[float]]:
    arrays = kept["arrays"]
    return {name: arrays[name].tolist() for name in CURVES if name in arrays}


def agreement(one: Mapping[str, Any], other: Mapping[str, Any]) -> float | None:
    """How alike two kept explanations are in the windows that both explain; None without any."""
    pairs = np.argwhere(
        np.isclose(one["arrays"]["starts_s"][:, None], other["arrays"]["starts_s"][None], atol=1e-6)
    )
    if not len(pairs):
        return None
    mine = of_channel(one["arrays"]["attribution"])[pairs[:, 0], None]
    theirs = of_channel(other["arrays"]["attribution"])[pairs[:, 1], None]
    return likeness(mine, theirs)


def feature_rows(summary: Mapping[str, Any]) -> list[FeatureRow]:
    """Of a classifier on features, the weightiest first."""
    rows: list[FeatureRow] = [
        {"feature": name, "mean": mean, "size": size}
        for name, mean, size in zip(
            summary["features"], summary["mean"], summary["size"], strict=True
        )
    ]
    return sorted(rows, key=lambda row: -row["size"])


def _digits(top: float) -> int:
    return 4 if top <= 0 else max(0, 4 - int(np.floor(np.log10(top))))
