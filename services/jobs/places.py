"""Where people find what a job has made, or what it is about."""

from __future__ import annotations

from urllib.parse import urlencode

from models import Job, JobKind

# By the first part of a subject; the second is the number.
PAGES = {
    "campaign": "/campaigns/",
    "comparison": "/anomaly-comparisons/",
    "dataset": "/datasets/",
    "detection": "/anomalies/",
    "evaluation": "/evaluation?experiment=",
    "experiment": "/experiments/",
    "leakage": "/experiments/",
    "served-batch": "/deployments/batches/",
    "source": "/sources/",
    "stream": "/streams?id=",
    "variants": "/deployments?experiment=",
}
# Where everything of a kind is shown.
LISTS = {
    JobKind.RUN_CHECK: "/quality-checks",
    JobKind.SEND_DIGESTS: "/mail",
    JobKind.TIME_VARIANT: "/deployments",
}


def place_of(job: Job) -> str | None:
    """The address of a page; None where only the job itself can be shown.

    What was made comes before what it was made of.
    """
    made = job.result or {}
    if "feature_set_id" in made:
        return f"/features/{made['feature_set_id']}"
    kind, _, rest = job.subject.partition(":")
    number = rest.partition(":")[0]
    if kind.startswith("feature_") and number:
        return f"/features/{number}"
    if kind in PAGES and number:
        return f"{PAGES[kind]}{number}"
    if "dataset_id" in made:
        return f"/datasets/{made['dataset_id']}"
    return LISTS.get(job.kind) or _explained(job) or _predicted(job)


def _explained(job: Job) -> str | None:
    asked = job.arguments
    if job.kind is JobKind.EXPLAIN_RECORDINGS:
        recordings, methods = asked["recording_ids"], asked["methods"]
    elif job.kind is JobKind.EXPLAIN_RECORDING:
        recordings, methods = [asked["recording_id"]], [asked["method"]]
    else:
        return None
    shown = {
        "experiment": asked["experiment_id"],
        "recording": recordings[0],
        "class": asked["target_class"],
        "methods": ",".join(methods),
        "more": ",".join(map(str, recordings)) if len(recordings) > 1 else "",
    }
    return f"/explain?{urlencode({k: v for k, v in shown.items() if v})}"


def _predicted(job: Job) -> str | None:
    if job.kind is not JobKind.PREDICT_RECORDING:
        return None
    return f"/signals?{urlencode({'recording': job.arguments['recording_id']})}"
