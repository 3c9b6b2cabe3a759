"""What the explain page shows: the recording with the attribution behind it, and one window."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.explain.columns import columns_of
from models import Experiment, Origin, Recording
from services import actor
from services.explanation_cache import ExplanationCache, ExplanationView
from services.runtime import unit_of_work
from services.signal_view_service import SignalViewService

Array = NDArray[Any]

METHOD = "gradcam"
COLUMNS = 600
"""Of colour behind a picture: about one for two pixels of its width."""
STRETCHES = 1_000


class Picture(TypedDict):
    """A waveform and the attribution behind it; one more edge than values, NaN for gaps."""

    times_s: Array
    samples: Array
    edges_s: Array
    attribution: Array


class Facts(TypedDict):
    class_names: list[str]
    true_class: str
    side: str | None
    recording: str
    generated: bool
    channel: str
    channel_position: int
    unit: str


class ExplainedView(Facts):
    """``top`` is the greatest attribution of the recording: one scale for all its windows.

    ``of_target`` is the probability of the class in each window, ``probabilities`` the vote.
    """

    explanation_id: int
    target_class: str
    probabilities: list[float]
    of_target: list[float]
    starts_s: list[float]
    window_s: float
    available: int
    chosen: int
    top: float
    layer: str
    positions: int
    created_at: datetime
    whole: Picture
    close: Picture


class ExplanationViewService:
    """Stored explanations as pictures."""

    @staticmethod
    def show(
        experiment_id: int, recording_id: int, target_class: str, window: int | None = None
    ) -> ExplainedView | None:
        """The stored Grad-CAM for a class with one window in detail, or None if there is none.

        Without a ``window`` the one with the strongest attribution is shown.

        Raises
        ------
        NotFound
            If a file is missing.
        """
        actor.reader()
        kept = ExplanationCache.get_explanation(experiment_id, recording_id, METHOD, target_class)
        if kept is None:
            return None
        facts = _facts(kept)
        summary, arrays = kept["summary"], kept["arrays"]
        starts, length = arrays["starts_s"], float(summary["window_s"])
        chosen = _chosen(arrays["attribution"], window)
        begin = float(starts[chosen])
        all_of_it = arrays["attribution"], starts, length
        one = arrays["attribution"][[chosen]], starts[[chosen]], length
        number = facts["class_names"].index(target_class)
        return {
            **facts,
            "explanation_id": kept["id"],
            "target_class": target_class,
            "probabilities": summary["probabilities"],
            "of_target": arrays["probabilities"][:, number].tolist(),
            "starts_s": starts.tolist(),
            "window_s": length,
            "available": summary["windows"],
            "chosen": chosen,
            "top": summary["top"],
            "layer": kept["parameters"]["layer"],
            "positions": kept["parameters"]["positions"],
            "created_at": kept["created_at"],
            "whole": _picture(recording_id, summary["channel"], None, all_of_it),
            "close": _picture(recording_id, summary["channel"], (begin, begin + length), one),
        }


def _facts(kept: ExplanationView) -> Facts:
    """Names of recording, channel and classes."""
    with unit_of_work(writing=False) as session:
        experiment = session.get_one(Experiment, kept["experiment_id"])
        recording = session.get_one(Recording, kept["signal_id"])
        channel = recording.channels[kept["summary"]["channel"]]
        key = str(recording.id)
        return {
            "class_names": list(experiment.class_names),
            "true_class": experiment.split["targets"].get(key, ""),
            "side": experiment.split["sides"].get(key),
            "recording": recording.name,
            "generated": recording.origin is Origin.GENERATED,
            "channel": channel.name,
            "channel_position": channel.position,
            "unit": channel.unit.value,
        }


def _chosen(attribution: Array, window: int | None) -> int:
    if window is not None and 0 <= window < len(attribution):
        return window
    return int(attribution.max(axis=1).argmax())


def _picture(
    recording_id: int,
    channel: int,
    span_s: tuple[float, float] | None,
    attribution: tuple[Array, Array, float],
) -> Picture:
    start, stop = span_s or (None, None)
    waveform = SignalViewService.waveform(recording_id, channel, start, stop, STRETCHES)
    columns = columns_of(*attribution, COLUMNS)
    return {
        "times_s": waveform["times_s"],
        "samples": waveform["values"],
        "edges_s": columns.edges_s,
        # Four digits are finer than a shade.
        "attribution": np.round(columns.values, _digits(float(np.nanmax(columns.values)))),
    }


def _digits(top: float) -> int:
    return 4 if top <= 0 else max(0, 4 - int(np.floor(np.log10(top))))
