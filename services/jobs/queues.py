"""Which queue the jobs of a kind wait in."""

from __future__ import annotations

from models import JobKind

QUEUES = ("interactive", "default", "training", "explain", "notify")
# Kinds that do not go to "default". Somebody waits in front of the page for "interactive".
QUEUE_OF: dict[str, str] = {
    JobKind.PREVIEW_IMPORT.value: "interactive",
    JobKind.TRAIN_EXPERIMENT.value: "training",
    JobKind.RUN_TRIAL.value: "training",
    JobKind.PREDICT_RECORDING.value: "interactive",
    JobKind.EXPLAIN_RECORDING.value: "interactive",
    JobKind.EXPLAIN_RECORDINGS.value: "explain",
    JobKind.CHECK_SIGNATURES.value: "interactive",
    JobKind.MEASURE_CLASSIFIER.value: "interactive",
    JobKind.TIME_VARIANT.value: "interactive",
    JobKind.DETECT_ANOMALIES.value: "interactive",
    JobKind.MEASURE_IMPORTANCE.value: "interactive",
    JobKind.EXPLAIN_ANOMALIES.value: "interactive",
    JobKind.SEND_DIGESTS.value: "notify",
}


def queue_of(kind: str) -> str:
    return QUEUE_OF.get(kind, "default")
