"""Explanations of a network in memory: what the methods of the service have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from services.errors import Invalid
from services.signal_service import refusals

if TYPE_CHECKING:
    from torch import nn

SHAP_METHODS = {"gradient": "gradient_shap", "deep": "deep_shap", "kernel": "kernel_shap"}


class ModelPrediction(TypedDict):
    predicted_class: int
    confidence: float
    probabilities: list[float]


class GradCamView(ModelPrediction):
    """``attribution`` of shape (samples,) or (windows, samples), in units of the class score."""

    attribution: NDArray[np.float32]
    target_class: int
    layer: str


class AttributionView(ModelPrediction):
    """``attribution`` has the shape of the signal, in units of the class score.

    ``completeness_error`` is what is missing in its sum, as a share of ``score_change``; None
    where the method promises no such sum. ``spectrum`` is the same relevance by frequency.
    """

    method: str
    target_class: int
    attribution: NDArray[np.float32]
    spectrum: NDArray[np.float32]
    score_change: float
    completeness_error: float | None
    details: dict[str, Any]


def explained(
    model: nn.Module,
    signal: Any,
    said: ModelPrediction,
    method: str,
    *,
    target_class: int | None,
    baselines: Any = None,
    **numbers: Any,
) -> AttributionView:
    """Have a method explain one window or several.

    Raises
    ------
    Invalid
        If the signal has another shape, or the method cannot answer.
    """
    from diagnostics.explain.attribution import Question
    from diagnostics.explain.registry import METHODS

    windows = windows_of(signal)
    target = said["predicted_class"] if target_class is None else target_class
    resting = np.zeros_like(windows[:1]) if baselines is None else windows_of(baselines)
    with refusals():
        found = METHODS[method].load()(model, windows, Question(target, resting, **numbers))
    missing = float(np.median(found.completeness))
    shape = tuple(np.shape(signal))
    return {
        **said,
        "method": method,
        "target_class": target,
        "attribution": found.values.reshape(shape),
        "spectrum": found.spectrum.reshape(*shape[:-1], -1),
        "score_change": float(found.change.mean()),
        "completeness_error": missing if np.isfinite(missing) else None,
        "details": found.details,
    }


def windows_of(signal: Any) -> NDArray[np.float32]:
    """A copy of shape (windows, channels, samples).

    Raises
    ------
    Invalid
        If the signal has another shape.
    """
    given = np.asarray(signal.detach().cpu() if hasattr(signal, "detach") else signal)
    if not 1 <= given.ndim <= 3 or given.size == 0:
        raise Invalid(
            "Expected a signal of shape (samples,), (channels, samples) or (windows, channels, "
            f"samples), got {given.shape}."
        )
    return given.astype(np.float32).reshape((1,) * (3 - given.ndim) + given.shape)


def prediction(probabilities: NDArray[np.float32]) -> ModelPrediction:
    """The mean of the probabilities of all windows, and its winner."""
    shares = probabilities.astype(np.float64).mean(axis=0)
    winner = int(shares.argmax())
    return {
        "predicted_class": winner,
        "confidence": float(shares[winner]),
        "probabilities": shares.tolist(),
    }
