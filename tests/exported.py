"""A tiny exported model that nobody trained: it tells samples above zero from those below."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.deployment.manifest import INPUT, OUTPUT, Manifest
from models import DatasetMember, ModelVariant, ServedBatch, ServedBatchRow
from models.base import now
from services.runtime import artefacts

WINDOW = 8
MANIFEST = Manifest(
    variant="fp32",
    classifier="cnn1d",
    class_names=("above", "below"),
    units=("g",),
    channels=1,
    window=WINDOW,
    sample_rate_hz=100.0,
    normalisation="training",
    temperature=1.0,
    experiment_id=1,
    checkpoint_hash="weights",
    data_hash="data",
    opset=18,
)


def tiny_model(manifest: Manifest = MANIFEST, gain: float = 10.0) -> bytes:
    """Scores are the mean of the window times a gain, and its negative."""
    import onnx
    from onnx import TensorProto, helper

    from diagnostics.deployment.export import with_manifest

    nodes = [
        helper.make_node("ReduceMean", [INPUT, "axes"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "gain"], ["up"]),
        helper.make_node("Neg", ["up"], ["down"]),
        helper.make_node("Concat", ["up", "down"], [OUTPUT], axis=1),
    ]
    arrays = [
        helper.make_tensor("axes", TensorProto.INT64, [1], [2]),
        helper.make_tensor("gain", TensorProto.FLOAT, [1], [gain]),
    ]
    taken = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", 1, "samples"])
    given = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", 2])
    graph = helper.make_graph(nodes, "tiny", [taken], [given], arrays)
    opset = helper.make_opsetid("", manifest.opset)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10)
    return with_manifest(model.SerializeToString(), manifest)


def variant(
    session: Session, experiment_id: int, owner_id: int, gain: float = 10.0, **changes: Any
) -> int:
    """The id of a variant with a file that answers, and with numbers nobody measured."""
    manifest = replace(MANIFEST, experiment_id=experiment_id)
    content = tiny_model(manifest, gain)
    timing = {"batch": 1, "threads": 1, "p50_ms": 1.0, "p95_ms": 1.0, "p99_ms": 1.0}
    judged = {
        "recordings": 2,
        "accuracy": 0.5,
        "macro_f1": 0.5,
        "difference": 0.0,
        "low": None,
        "high": None,
        "refused": "One group.",
        "verdict": "undecided",
    }
    row = ModelVariant(
        experiment_id=experiment_id,
        owner_id=owner_id,
        kind="fp32",
        artefact_key=artefacts().put("deployments", ".onnx", content),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        checkpoint_hash="weights",
        manifest=manifest.to_dict(),
        agreement={"max_difference": 0.0, "agreement": 1.0, "frozen": [], "trials": []},
        measured={
            "numbers": 2,
            "sparsity": 0.0,
            "timings": [{**timing, "runs": 10, "throughput": 1000.0}],
            "judged": judged,
            "machine": "a test",
        },
    )
    for name, value in changes.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row.id


def batch(session: Session, version_id: int, variant_id: int, owner_id: int, **changes: Any) -> int:
    """The id of a batch that has ended, with a row for each recording of the version."""
    wanted = select(DatasetMember.recording_id).where(DatasetMember.version_id == version_id)
    recordings = session.scalars(wanted.order_by(DatasetMember.recording_id)).all()
    row = ServedBatch(
        model_name="pump",
        number=1,
        variant_id=variant_id,
        version_id=version_id,
        owner_id=owner_id,
        class_names=list(MANIFEST.class_names),
        summary={
            "recordings": len(recordings),
            "refused": 1,
            "predicted": {"above": len(recordings) - 1, "below": 0},
            "learned_from": 0,
            "scored": {"recordings": 0, "right": 0, "accuracy": None, "low": None, "high": None},
        },
        completed_at=now(),
    )
    for name, value in changes.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    said = {"predicted": "above", "probability": 0.75, "shares": [0.75, 0.25], "agreement": 1.0}
    for place, number in enumerate(recordings):
        told = said if place else {"error": "Channel 0 is in m/s²; the model takes g."}
        session.add(
            ServedBatchRow(batch_id=row.id, recording_id=number, windows=4 if place else 0, **told)
        )
    session.flush()
    return row.id
