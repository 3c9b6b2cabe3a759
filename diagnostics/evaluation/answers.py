"""Ask a trained classifier about windows, and keep what it says with what is true."""

from __future__ import annotations

import numpy as np

from diagnostics.evaluation.estimates import Estimates
from diagnostics.evaluation.predictions import Predictions
from diagnostics.progress import Report, silent
from diagnostics.training.fitted import FittedClassifier, answer_all
from diagnostics.training.windows import WindowSet


def predictions_of(
    fitted: FittedClassifier, windows: WindowSet, report: Report = silent, stage: str = "test"
) -> Predictions:
    """What a classifier says of every window of one side.

    Parameters
    ----------
    fitted : FittedClassifier
    windows : WindowSet
        Of recordings that each have one of the classes.
    report : function
    stage : str
        Name of the stage in the reports.

    Returns
    -------
    Predictions
        With estimates where the classifier has heads for them.
    """
    answer = answer_all(fitted, windows, report, stage)
    heads = fitted.about.heads
    known = windows.known([scale.name for scale in heads])
    ids = np.array([one.recording_id for one in windows.recordings])
    return Predictions(
        probabilities=answer.probabilities,
        targets=windows.targets,
        recording_ids=ids[windows.owner],
        starts_s=windows.start / windows.sample_rate_hz,
        window_s=windows.window / windows.sample_rate_hz,
        groups={one.recording_id: one.group for one in windows.recordings},
        class_names=fitted.about.class_names,
        seen=windows.is_part,
        estimates=Estimates(heads, answer.estimates, known) if heads else None,
    )
