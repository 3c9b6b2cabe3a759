"""What a trained classifier says of a recording: read, compute; the job keeps the answer."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Progress, Report
from services.prediction_service import PredictionService
from tasks.classifiers import loaded


def predict_recording(report: Report, experiment_id: int, recording_id: int) -> dict[str, Any]:
    """The mean of the probabilities of all windows, cut as in the test of the experiment."""
    from diagnostics.training.fitted import predict, windows_for
    from diagnostics.training.windows import reading

    source = PredictionService.get_source(experiment_id, recording_id)
    report(Progress("load the classifier", 0, 1))
    fitted = loaded(source.checkpoint)
    with reading({recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader, source.hop)
        probabilities = predict(fitted, windows, report, stage="predict")
    shares = probabilities.mean(axis=0)
    winner = int(shares.argmax())
    return {
        "experiment_id": experiment_id,
        "recording_id": recording_id,
        "predicted": source.class_names[winner],
        "classes": [
            {"name": name, "probability": float(share)}
            for name, share in zip(source.class_names, shares, strict=True)
        ],
        "windows": len(windows),
        "agreement": float((probabilities.argmax(axis=1) == winner).mean()),
        "side": source.side,
    }
