"""What a trained classifier says of a recording: read, compute; the job keeps the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from diagnostics.progress import Progress, Report
from services.experiments.classifier_sources import PanelSource, Source
from services.prediction_service import PredictionService
from tasks.classifiers import loaded

if TYPE_CHECKING:
    from diagnostics.evaluation.predictions import Floats
    from diagnostics.training.fitted import Answer
    from diagnostics.training.head_scale import HeadScale


def predict_recording(report: Report, experiment_id: int, recording_id: int) -> dict[str, Any]:
    """The mean of the probabilities of all windows, cut as in the test of the experiment.

    The members of an ensemble are asked one after the other.
    """
    about = {"experiment_id": experiment_id, "recording_id": recording_id}
    panel = PredictionService.find_panel(experiment_id, recording_id)
    if panel is not None:
        return {**about, **_voted(panel, report)}
    source = PredictionService.get_source(experiment_id, recording_id)
    heads, answer = _answer(source, report)
    probabilities = answer.probabilities
    shares = probabilities.mean(axis=0)
    winner = int(shares.argmax())
    return {
        **about,
        **_named(source.class_names, shares),
        "windows": len(probabilities),
        "agreement": float((probabilities.argmax(axis=1) == winner).mean()),
        "side": source.side,
        "estimates": _estimates(heads, answer.estimates),
    }


def _voted(panel: PanelSource, report: Report) -> dict[str, Any]:
    import numpy as np

    from diagnostics.evaluation.voting import combine

    given = [_probabilities(source, panel.class_names, report) for source in panel.members]
    means = np.stack([probabilities.mean(axis=0) for probabilities in given])
    shares = combine(means[:, None, :], panel.voting, panel.weights)[0]
    winner = int(shares.argmax())
    return {
        **_named(panel.class_names, shares),
        "windows": sum(len(probabilities) for probabilities in given),
        "agreement": float((means.argmax(axis=1) == winner).mean()),
        "side": panel.side,
        "members": [
            {
                "experiment_id": source.experiment_id,
                "predicted": panel.class_names[int(mean.argmax())],
                "probability": float(mean.max()),
                "windows": len(probabilities),
            }
            for source, mean, probabilities in zip(panel.members, means, given, strict=True)
        ],
    }


def _probabilities(source: Source, class_names: tuple[str, ...], report: Report) -> Floats:
    """Of each window; shape (windows, classes)."""
    return _answer(source, report, class_names)[1].probabilities


def _answer(
    source: Source, report: Report, class_names: tuple[str, ...] | None = None
) -> tuple[tuple[HeadScale, ...], Answer]:
    """What a classifier says of each window, classes in the order of the names."""
    from diagnostics.training.fitted import Answer, answer_all, windows_for
    from diagnostics.training.windows import reading

    report(Progress("load the classifier", 0, 1))
    fitted = loaded(source.checkpoint)
    with reading({source.recording.recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader, source.hop)
        answer = answer_all(fitted, windows, report, stage="predict")
    about = fitted.about
    order = [about.class_names.index(name) for name in class_names or source.class_names]
    return about.heads, Answer(answer.probabilities[:, order], answer.estimates)


def _estimates(heads: Sequence[HeadScale], estimates: Floats) -> list[dict[str, Any]]:
    """The mean over the windows of each quantity, with the lowest and the highest of them."""
    return [
        {
            "name": scale.name,
            "off": scale.off,
            "value": None if scale.off else float(values.mean()),
            "low": None if scale.off else float(values.min()),
            "high": None if scale.off else float(values.max()),
        }
        for scale, values in zip(heads, estimates.T, strict=True)
    ]


def _named(class_names: tuple[str, ...], shares: Floats) -> dict[str, Any]:
    return {
        "predicted": class_names[int(shares.argmax())],
        "classes": [
            {"name": name, "probability": float(share)}
            for name, share in zip(class_names, shares, strict=True)
        ],
    }
