"""What to send for each operation of the API: addresses of what exists, bodies that are read.

Objects are those of ``tests/architecture/doors.py``, made as their owner.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from models.base import now
from services.import_profile_service import ImportProfileService
from tests import factories
from tests.architecture.doors import ARCHITECTURE, World

Made = Callable[[World], Any]
CONTENT = b"1\n2"
_NUMBERS = count(1)


def _unused(name: str) -> str:
    """Names of some things are taken once only."""
    return f"{name} {next(_NUMBERS)}"


def _dataset(world: World) -> int:
    return world.filled_dataset


def _asked(world: World) -> dict[str, Any]:
    return {**_pair(world), "target_class": "inner"}


def _pair(world: World) -> dict[str, Any]:
    return {"experiment_id": world.experiment, "recording_id": world.recording}


def _training(world: World) -> dict[str, Any]:
    return {"version_id": world.version, "config": factories.SMALL_TRAINING}


def _chosen(world: World) -> dict[str, Any]:
    return {"recording_ids": [world.recording]}


def _voters(world: World) -> dict[str, Any]:
    return {"experiment_ids": [world.experiment, world.other_experiment]}


def _compared(world: World) -> dict[str, Any]:
    return {"experiments": f"{world.experiment},{world.other_experiment}"}


# Which object stands for a name in an address, where it is not called like it.
OBJECTS: dict[str, Made] = {
    "dataset_id": _dataset,
    "profile_id": lambda world: ImportProfileService.create_profile(_unused("rig"), {"unit": "g"}),
    "key_id": lambda world: world.api_key,
    "session_id": lambda world: world.stream,
    "alert_id": lambda world: world.stream_alert[1],
    "search_id": lambda world: world.saved_search,
    "upload_id": lambda world: world.upload,
    "tag_id": lambda world: world.tagged_experiment[1],
    "name": lambda world: world.served,
    "model_batch_id": lambda world: world.served_batch,
    "alias": lambda world: "production",
    "number": lambda world: 1,
    "older": lambda world: 1,
    "newer": lambda world: 1,
    "kind": lambda world: "projection",
    "folder": lambda world: "nowhere",
    "database": lambda world: "nowhere",
    "comparison_id": lambda world: world.detection_comparison,
    "batch_id": lambda world: world.detection_batch,
    "trial_id": lambda world: world.architecture_trial,
}
OTHER_OBJECTS: dict[str, dict[str, Made]] = {
    "GET /architecture-searches/{campaign_id}": {
        "campaign_id": lambda world: world.architecture_search
    },
    "POST /architecture-searches/{campaign_id}/retrain": {
        "campaign_id": lambda world: world.architecture_search
    },
    "DELETE /anomaly/batch/{batch_id}": {"batch_id": lambda world: world.ended_batch},
    "GET /anomaly/{detection_id}/metrics": {"detection_id": lambda world: world.labelled_detection},
    "GET /sources/{source_id}/anomaly/latest": {
        "source_id": lambda world: (world.asked_detection, world.source)[1]
    },
    "POST /datasets/{dataset_id}/versions/{number}/restore": {
        "dataset_id": lambda world: world.changed_dataset
    },
    "GET /import-previews/{job_id}": {"job_id": lambda world: world.preview},
    "GET /import-previews/{job_id}/files": {"job_id": lambda world: world.preview},
    "POST /jobs/{job_id}/pause": {"job_id": lambda world: world.training_job},
    "POST /jobs/{job_id}/resume": {"job_id": lambda world: world.training_job},
    "POST /jobs/{job_id}/retry": {"job_id": lambda world: world.failed_job},
    "POST /experiments/{experiment_id}/continue": {"experiment_id": lambda world: world.trained},
    "POST /campaigns/{campaign_id}/pause": {"campaign_id": lambda world: world.working_campaign},
    "POST /campaigns/{campaign_id}/final-evaluation": {
        "campaign_id": lambda world: world.scored_campaign
    },
    "DELETE /repeated-experiments/{repeated_id}": {
        "repeated_id": lambda world: world.ended_repeated
    },
}
QUERIES: dict[str, Made] = {
    "POST /anomaly/compare": lambda world: {"source_id": world.source, "wait": 0},
    "POST /anomaly/{detection_id}/explain": lambda world: {"wait": 0},
    "POST /sources": lambda world: {"wait": 0},
    "POST /sources/{source_id}/anomaly/detect": lambda world: {"wait": 0},
    "GET /comparison": _compared,
    "GET /comparison.csv": _compared,
    "GET /comparison.html": _compared,
    "GET /experiments/{experiment_id}/evaluation.csv": lambda world: {"part": "curves"},
    "GET /explanations": _asked,
    "GET /explanations/comparison": lambda world: {**_pair(world), "methods": "gradcam"},
    "GET /explanations/estimate": _pair,
    "GET /explanations/features": _pair,
    "GET /explanations/list": lambda world: {"experiment_id": world.experiment},
    "GET /explanations/overview": lambda world: {
        "experiment_id": world.experiment,
        "recording_ids": str(world.recording),
    },
    "GET /predictions": _pair,
    "GET /campaigns/search-space": lambda world: {"classifier": "svm"},
    "GET /repeated-experiments/comparison": lambda world: {
        "repeated": f"{world.repeated},{world.other_repeated}"
    },
    "PUT /uploads/{upload_id}/content": lambda world: {"offset": 0},
}
BODIES: dict[str, Made] = {
    "POST /architecture-searches": lambda world: {
        "name": _unused("search"),
        "dataset_id": world.filled_dataset,
    },
    "POST /architecture-searches/sample": lambda world: {"seed": 1},
    "POST /architecture-searches/hash": lambda world: {"architecture": ARCHITECTURE},
    "POST /architecture-searches/{campaign_id}/retrain": lambda world: {"epochs": 2},
    "POST /anomaly/streaming/start": lambda world: {},
    "POST /anomaly/streaming/{session_id}/data": lambda world: {"data": {"g": 1.0}},
    "POST /anomaly/streaming/{session_id}/batch": lambda world: {
        "data_points": [{"data": {"g": 1.0}}]
    },
    "POST /anomaly/batch": lambda world: {"source_ids": [world.source]},
    "POST /anomaly/compare": lambda world: {"algorithms": ["statistical", "ecod"]},
    "PATCH /anomaly/{detection_id}": lambda world: {"calibrated_threshold": 0.5},
    "POST /anomaly/{detection_id}/explain": lambda world: {"row_indices": [1]},
    "POST /anomaly/{detection_id}/labels": lambda world: {
        "labels": [{"row_index": 1, "is_anomaly": True}]
    },
    "POST /sources": lambda world: {
        "kind": "feature_set",
        "config": {"feature_set_id": world.feature_set},
    },
    "PATCH /sources/{source_id}": lambda world: {"name": "press line"},
    "POST /sources/{source_id}/anomaly/detect": lambda world: {"algorithm": "statistical"},
    "POST /alarms/{alarm_id}/acknowledge": lambda world: {"note": "seen"},
    "POST /alarms/{alarm_id}/clear": lambda world: {},
    "POST /alarms/{alarm_id}/fault": lambda world: {"fault": "inner"},
    "POST /alarms/{alarm_id}/shelve": lambda world: {
        "until": (now() + timedelta(hours=1)).isoformat()
    },
    "POST /datasets": lambda world: {"name": _unused("pumps")},
    "PATCH /datasets/{dataset_id}": lambda world: {"description": "of the press line"},
    "POST /datasets/{dataset_id}/exports": lambda world: {},
    "POST /datasets/{dataset_id}/imports": lambda world: {"upload_ids": [world.complete_upload]},
    "POST /datasets/{dataset_id}/labels": lambda world: {"labels": {world.recording: "outer"}},
    "POST /datasets/{dataset_id}/relabel": lambda world: {**_chosen(world), "new_label": "outer"},
    "POST /datasets/{dataset_id}/relabel/preview": lambda world: {
        **_chosen(world),
        "new_label": "outer",
    },
    "POST /datasets/{dataset_id}/removals": _chosen,
    "POST /datasets/{dataset_id}/remove": _chosen,
    "POST /datasets/{dataset_id}/versions/{number}/restore": lambda world: {},
    "POST /datasets/generate": lambda world: {"name": _unused("generated")},
    "POST /datasets/generate/estimate": lambda world: {"name": "generated"},
    "POST /ensembles": lambda world: {**_voters(world), "name": "both"},
    "POST /ensembles/preview": _voters,
    "POST /experiments": lambda world: {**_training(world), "name": "one"},
    "PATCH /experiments/{experiment_id}": lambda world: {"name": "another"},
    "POST /experiments/{experiment_id}/continue": lambda world: {"epochs": 3},
    "POST /experiments/{experiment_id}/evaluations": lambda world: {
        "evaluation_type": "robustness"
    },
    "POST /experiments/{experiment_id}/variants": lambda world: {"kind": "fp32"},
    "POST /models/{name}/versions": lambda world: {"variant_id": world.variant},
    "PUT /models/{name}/aliases/{alias}": lambda world: {"version": 1},
    "POST /models/{name}/predict": lambda world: {"samples": [1.0] * 8},
    "POST /models/{name}/batches": lambda world: {"version_id": world.version},
    "PUT /experiments/{experiment_id}/priority": lambda world: {"priority": "high"},
    "POST /experiments/{experiment_id}/tags": lambda world: {"name": "best"},
    "POST /experiments/preview": _training,
    "POST /explanations": _asked,
    "POST /explanations/batch": lambda world: {
        "experiment_id": world.experiment,
        "recording_ids": [world.recording],
    },
    "POST /feature-sets": lambda world: {
        "dataset_id": world.long_dataset,
        "name": "levels",
        "domains": ["time"],
        "config": {"window": 1024},
    },
    "POST /feature-sets/{feature_set_id}/analyses": lambda world: {
        "kind": "projection",
        "method": "pca",
    },
    "POST /import-profiles": lambda world: {"name": _unused("rig"), "choices": {"unit": "g"}},
    "PATCH /import-profiles/{profile_id}": lambda world: {"name": _unused("rig")},
    "POST /keys": lambda world: {"name": "press line"},
    "POST /keys/{key_id}/rotate": lambda world: {},
    "PATCH /notifications/preferences": lambda world: {
        "choices": [{"event_type": "training.complete", "channel": "toast", "value": False}]
    },
    "POST /predictions": _pair,
    "POST /campaigns": lambda world: {
        "name": _unused("searched"),
        "method": "random",
        "base_model_type": "cnn1d",
        "dataset_id": world.version_dataset,
        "search_space": factories.SMALL_SPACE,
        "num_trials": 3,
    },
    "PUT /campaigns/{campaign_id}/limits": lambda world: {"budget": 9},
    "POST /campaigns/{campaign_id}/stop": lambda world: {"at_once": True},
    "POST /repeated-experiments": lambda world: {
        **_training(world),
        "name": "two",
        "seeds": [0, 1],
    },
    "PUT /repeated-experiments/{repeated_id}/priority": lambda world: {"priority": "high"},
    "POST /repeated-experiments/preview": lambda world: {**_training(world), "seeds": [0, 1]},
    "POST /saved-searches": lambda world: {"name": _unused("best"), "query": "tag:best"},
    "POST /uploads": lambda world: {"file_name": "pump.csv", "size": 3},
    "POST /uploads/batch": lambda world: {"files": [{"file_name": "pump.csv", "size": 3}]},
    "POST /uploads/preview": lambda world: {"upload_ids": [world.complete_upload]},
    "POST /webhooks": lambda world: {
        "provider_type": "slack",
        "webhook_url": "https://8.8.8.8/services/x",
        "name": "plant",
        "enabled_events": ["training.complete"],
    },
    "PATCH /webhooks/{webhook_id}": lambda world: {"name": "plant"},
}


# What the owner has not got yet: they answer 404 to everybody who may ask.
NOTHING_YET = {
    "GET /experiments/{experiment_id}/checkpoint",
    "GET /experiments/{experiment_id}/ensemble",
    "GET /experiments/{experiment_id}/evaluation.csv",
    "GET /experiments/{experiment_id}/gap",
    "GET /experiments/{experiment_id}/predictions.csv",
    "GET /experiments/{experiment_id}/report.json",
    "GET /experiments/{experiment_id}/robustness",
    "GET /explanations",
    "GET /explanations/{explanation_id}",
    "GET /explanations/{explanation_id}/csv",
    "GET /explanations/features",
    "GET /feature-sets/{feature_set_id}/analyses/{kind}",
    "GET /import-folders/{folder}",
    "GET /sources/databases/{database}/tables",
    "GET /import-previews/{job_id}",
    "GET /predictions",
}


def arguments(operation: str, world: World) -> dict[str, Any]:
    """Of :meth:`flask.testing.FlaskClient.open`, for an object of the owner's."""
    verb, path = operation.split(" ", 1)
    others = OTHER_OBJECTS.get(operation, {})

    def put_in(match: re.Match[str]) -> str:
        name = match.group(1)
        made = others.get(name) or OBJECTS.get(name)
        return str(made(world) if made else getattr(world, name.removesuffix("_id")))

    given: dict[str, Any] = {"method": verb, "path": "/api/v1" + re.sub(r"{(\w+)}", put_in, path)}
    if operation in QUERIES:
        given["query_string"] = QUERIES[operation](world)
    if operation in BODIES:
        given["json"] = BODIES[operation](world)
    if operation == "PUT /uploads/{upload_id}/content":
        given["data"] = CONTENT
        given["headers"] = {"X-Content-SHA256": hashlib.sha256(CONTENT).hexdigest()}
    return given
