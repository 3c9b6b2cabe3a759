"""Explain a decision: read through a service, compute, write through a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.progress import Progress, Report
from services.errors import Conflict, Invalid
from services.experiments.classifier_sources import Source
from services.explanation_cache import ExplanationCache
from services.xai_service import XAIService
from tasks.classifiers import loaded

if TYPE_CHECKING:
    from diagnostics.explain.recording import ExplainedRecording
    from diagnostics.training.fitted import About


def explain_recording(
    report: Report, experiment_id: int, recording_id: int, target_class: str
) -> dict[str, Any]:
    """Grad-CAM of a recording for a class, kept for everybody who looks later."""
    from diagnostics.explain.gradcam import METHOD
    from diagnostics.explain.recording import explain_recording as explain
    from diagnostics.networks.fitted import FittedNetwork
    from diagnostics.training.fitted import windows_for
    from diagnostics.training.windows import reading

    source = XAIService.get_source(experiment_id, recording_id)
    report(Progress("load the network", 0, 1))
    fitted = loaded(source.checkpoint)
    if not isinstance(fitted, FittedNetwork):
        raise Invalid("Grad-CAM needs a network. Choose an experiment with a network.")
    with reading({recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader)
        found = explain(fitted, windows, source.class_names.index(target_class), report)
    data = _data(source, fitted.about, target_class, found)
    if not ExplanationCache.cache_explanation(experiment_id, recording_id, METHOD, data):
        raise Conflict("The experiment or the recording is gone.")
    return {
        "experiment_id": experiment_id,
        "recording_id": recording_id,
        "target_class": target_class,
    }


def _data(
    source: Source, about: About, target_class: str, found: ExplainedRecording
) -> dict[str, Any]:
    """What is kept: the arrays as they are, and what can be shown without reading them."""
    explained = found.explained
    return {
        "target_class": target_class,
        "checkpoint_hash": source.checkpoint_hash,
        "parameters": {"layer": explained.layer, "positions": explained.positions},
        "summary": {
            "windows": found.available,
            "explained": len(found.starts_s),
            "window_s": found.window_s,
            "channel": about.channels[0],
            "top": float(explained.attribution.max()),
            "probabilities": explained.probabilities.mean(axis=0).tolist(),
        },
        "arrays": {
            "attribution": explained.attribution,
            "probabilities": explained.probabilities,
            "starts_s": found.starts_s,
        },
    }
