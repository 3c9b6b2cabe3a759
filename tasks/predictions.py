"""What a trained classifier says of a recording: read, compute; the job keeps the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.progress import Progress, Report
from services.experiments.classifier_sources import PanelSource, Source
from services.prediction_service import PredictionService
from tasks.classifiers import loaded

if TYPE_CHECKING:
    from diagnostics.evaluation.predictions import Floats


def predict_recording(report: Report, experiment_id: int, recording_id: int) -> dict[str, Any]:
    """The mean of the probabilities of all windows, cut as in the test of the experiment.

    The members of an ensemble are asked one after the other.
    """
    about = {"experiment_id": experiment_id, "recording_id": recording_id}
    panel = PredictionService.find_panel(experiment_id, recording_id)
    if panel is not None:
        return {**about, **_voted(panel, report)}
    source = PredictionService.get_source(experiment_id, recording_id)
    probabilities = _probabilities(source, source.class_names, report)
    shares = probabilities.mean(axis=0)
    winner = int(shares.argmax())
    return {
        **about,
        **_named(source.class_names, shares),
        "windows": len(probabilities),
        "agreement": float((probabilities.argmax(axis=1) == winner).mean()),
        "side": source.side,
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
    from diagnostics.training.fitted import predict, windows_for
    from diagnostics.training.windows import reading

    report(Progress("load the classifier", 0, 1))
    fitted = loaded(source.checkpoint)
    with reading({source.recording.recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader, source.hop)
        probabilities = predict(fitted, windows, report, stage="predict")
    return probabilities[:, [fitted.about.class_names.index(name) for name in class_names]]


def _named(class_names: tuple[str, ...], shares: Floats) -> dict[str, Any]:
    return {
        "predicted": class_names[int(shares.argmax())],
        "classes": [
            {"name": name, "probability": float(share)}
            for name, share in zip(class_names, shares, strict=True)
        ],
    }
