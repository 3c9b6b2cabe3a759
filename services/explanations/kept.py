"""How an explanation is kept: arrays in a file, and in the row what is shown without it.

Networks: ``attribution`` (windows, samples) of Grad-CAM, (windows, channels, samples) of all
others; ``starts_s`` (windows,); ``probabilities`` (windows, classes); ``change`` (windows,).
``frames`` (windows, channels, frames, bins). From the windows ``examined``:
``spectrum`` (channels, lines), summed over windows; ``rhythm``, ``random_rhythm``,
``signal_rhythm`` (lines,); and ``deletion``, ``insertion``, ``random_deletion``,
``random_insertion`` (steps,).
Classifiers on features: ``values`` (windows, features), ``starts_s``, ``probability`` (windows,).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from services.explanations.asking import Asked

if TYPE_CHECKING:
    from diagnostics.explain.features import FeatureAttribution
    from diagnostics.explain.recording import ExplainedRecording
    from diagnostics.explain.score_card import ScoreCard

GRADCAM = "gradcam"
CURVES = ("deletion", "insertion", "random_deletion", "random_insertion")


def of_network(
    found: ExplainedRecording, asked: Asked, channel: int, *, by_window: bool
) -> dict[str, Any]:
    """``arrays``, ``summary`` and ``parameters`` of an explained recording.

    ``by_window``: each window is normalised by itself, so the network hears no loudness.
    """
    explained, card, chosen = found.explained, found.card, found.examined
    is_map = asked.method == GRADCAM
    values = explained.values.sum(axis=1) if is_map else explained.values
    return {
        "parameters": {
            **asked.parameters,
            **explained.details,
            "positions": explained.positions,
        },
        "summary": {
            "windows": found.available,
            "explained": len(found.starts_s),
            "examined": len(chosen),
            "window_s": found.window_s,
            "samples": int(values.shape[-1]),
            "channel": channel,
            "top": float(abs(values).max()),
            "probabilities": explained.probabilities.mean(axis=0).tolist(),
            "exact_spectrum": explained.exact_spectrum,
            "card": card_numbers(card),
            "what_if": found.what_if,
            "by_window": by_window,
        },
        "arrays": {
            "attribution": values,
            "probabilities": explained.probabilities,
            "change": explained.change,
            "starts_s": found.starts_s,
            "frames": explained.frames,
            "examined": chosen,
            "spectrum": explained.spectrum[chosen].sum(axis=0),
            "rhythm": found.rhythm,
            "random_rhythm": found.random_rhythm,
            "signal_rhythm": found.signal_rhythm,
            **{name: getattr(card, name) for name in CURVES},
        },
    }


def card_numbers(card: ScoreCard) -> dict[str, float | None]:
    """A score card as plain numbers: areas under its curves, and its likenesses."""
    areas = {name: float(getattr(card, name).mean()) for name in CURVES}
    own = {
        "completeness": card.completeness,
        "random_weights": card.random_weights,
        "stability": card.stability,
    }
    return {name: value if math.isfinite(value) else None for name, value in (own | areas).items()}


def of_features(
    found: FeatureAttribution, names: tuple[str, ...], asked: Asked, place: dict[str, Any]
) -> dict[str, Any]:
    """The same for a classifier on features; ``place`` has times and windows."""
    return {
        "parameters": asked.parameters,
        "summary": {
            **place["summary"],
            "features": list(names),
            "expected": found.expected,
            "unit": found.unit,
            "completeness": float(found.completeness.max()),
            "mean": found.values.mean(axis=0).tolist(),
            "size": abs(found.values).mean(axis=0).tolist(),
            "probability": float(found.probability.mean()),
        },
        "arrays": {
            "values": found.values,
            "probability": found.probability,
            "starts_s": place["starts_s"],
        },
    }
