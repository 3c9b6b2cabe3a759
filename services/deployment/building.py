"""Make one variant of a trained classifier, run it, measure it, and keep it: what a job does."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from diagnostics.deployment.agreement import BATCHES, TOLERANCE, Agreement, compare
from diagnostics.deployment.contents import contents_of
from diagnostics.deployment.export import OPSET, frozen_axes, heads_of
from diagnostics.deployment.fine_tuning import FineTuning, fine_tune
from diagnostics.deployment.judging import judge
from diagnostics.deployment.latency import machine, noise_windows, time_calls, time_model
from diagnostics.deployment.manifest import Manifest
from diagnostics.deployment.memory import peak_memory
from diagnostics.deployment.session import AT_ONCE, DeployedModel, open_model
from diagnostics.deployment.variants import FP32, kind_of, make_variant
from diagnostics.evaluation.answers import predictions_of
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.progress import Progress, Report
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import RandomWindows
from diagnostics.training.fitted import FittedClassifier, load_classifier
from diagnostics.training.split import Side
from diagnostics.training.windows import WindowSet, reading, windows_of
from models import DatasetVersion, Experiment, ModelVariant, Recording, RecordingChannel
from services import actor, events
from services.deployment import loaded
from services.errors import Conflict
from services.evaluation import kept
from services.evaluation.sources import SideSource, find_side
from services.files.kept_files import hold
from services.runtime import artefacts, unit_of_work

if TYPE_CHECKING:
    from diagnostics.evaluation.predictions import Floats

FOLDER = "deployments"
# Windows for calibrating and for comparing: enough for ranges, few enough to wait for.
CALIBRATED_ON, COMPARED_ON = 64, 8
# Of a classifier on features: a branch of a tree is missed by few windows.
FEATURES_COMPARED_ON = 256


def build(
    experiment_id: int, kind: str, amount: float | None, report: Report, epochs: int = 0
) -> dict[str, Any]:
    """The id of the variant, which is kept whole or not at all.

    Raises
    ------
    DeploymentError
        If the export is refused, since it says something else than the network.
    Conflict
        If the experiment was trained again meanwhile.
    """
    source = find_side(experiment_id, Side.TEST.value)
    report(Progress("load the classifier", 0, 1))
    fitted = load_classifier(source.checkpoint)
    manifest = _manifest(experiment_id, fitted, source)
    if isinstance(fitted, FittedNetwork):
        content = _network_file(fitted, kind, manifest, amount, report, epochs)
    else:
        content = _features_file(fitted, manifest, report)
    with reading(source.files) as reader:
        windows = _windows(fitted, source, reader, Side.TEST)
        agreement, measured = _measured(fitted, windows, content, kind, source, report)
    manifest = open_model(content).manifest
    return {"variant_id": _keep(source, kind, amount, content, manifest, agreement, measured)}


def _network_file(
    fitted: FittedNetwork,
    kind: str,
    manifest: Manifest,
    amount: float | None,
    report: Report,
    epochs: int,
) -> bytes:
    experiment_id = manifest.experiment_id
    tuned = epochs if kind_of(kind).prunes else 0
    manifest = replace(manifest, tuned_epochs=tuned, heads=heads_of(fitted))
    calibration = None
    if kind_of(kind).calibrates:
        calibration = _some(experiment_id, fitted)
    report(Progress("export", 0, 1, "The exporter follows the network; this takes a while."))
    tune = None if epochs == 0 else partial(_tuned, experiment_id, epochs, report)
    return make_variant(fitted, kind, manifest, amount, calibration, tune)


def _features_file(fitted: Any, manifest: Manifest, report: Report) -> bytes:
    from diagnostics.deployment.classical import columns_of, export_estimator

    report(Progress("export", 0, 1))
    # Peaks grow with the length of a window: features of another one mean something else.
    manifest = replace(manifest, features=columns_of(fitted), any_length=False)
    return export_estimator(fitted, manifest)


def time_stored(key: str, sha256: str, report: Report) -> dict[str, Any]:
    """Times of a stored variant now. The windows are noise: what is in them changes no time.

    Raises
    ------
    Conflict
        If the file was changed, or is none of ours.
    """
    about = loaded.opened(key, sha256).manifest
    noise = noise_windows(COMPARED_ON, about.channels, about.window)
    timings = time_model(artefacts().read(key), noise, report)
    return {"timings": [one.to_dict() for one in timings], "machine": machine()}


def _measured(
    fitted: FittedClassifier,
    windows: WindowSet,
    content: bytes,
    kind: str,
    source: SideSource,
    report: Report,
) -> tuple[dict[str, Any], dict[str, Any]]:
    model = open_model(content)
    report(Progress("compare", 0, 1))
    agreement = _compared(fitted, model, windows, content, kind)
    full = predictions_of(fitted, windows, report, stage="predict in full precision")
    verdict = judge(full, _answers(model, windows, report), _contents(source))
    some = windows.read(_spread(len(windows), COMPARED_ON)).astype(np.float32)
    columns = model.manifest.features
    shape = (len(fitted.about.channels), fitted.about.window)
    measured = {
        "size_bytes": len(content),
        **_counted(fitted, content),
        # From windows to scores, features included.
        "timings": [one.to_dict() for one in time_model(content, some, report)],
        "memory_bytes": peak_memory(content, shape if columns is None else (columns.width,)),
        "machine": machine(),
        "judged": verdict.to_dict(),
    }
    if kind == FP32:
        measured["eager"] = _eager(fitted, some[:1])
        measured["checkpoint_bytes"] = source.checkpoint.stat().st_size
    return agreement.to_dict(), measured


def _compared(
    fitted: FittedClassifier, model: DeployedModel, windows: WindowSet, content: bytes, kind: str
) -> Agreement:
    of_features = model.manifest.features is not None
    chosen = _spread(len(windows), FEATURES_COMPARED_ON if of_features else COMPARED_ON)
    some = windows.read(chosen).astype(np.float32)
    if of_features:
        # Its features are computed in one place for both: other lengths would show nothing.
        return compare(fitted, model, some, batches=(*BATCHES, len(some)), lengths=False)
    # Variants that are meant to differ are judged by what they get right.
    tolerance = TOLERANCE if kind == FP32 else None
    return compare(fitted, model, some, frozen_axes(content), tolerance)


def _counted(fitted: FittedClassifier, content: bytes) -> dict[str, Any]:
    """Numbers that were learned, and how many of them are zero."""
    if isinstance(fitted, FittedNetwork):
        found = contents_of(content)
        return {"numbers": found.numbers, "sparsity": found.sparsity}
    from diagnostics.classical.fitted import FittedEstimator

    assert isinstance(fitted, FittedEstimator)
    size = classifier(fitted.about.classifier).load().size(fitted.estimator)
    return {"numbers": size.numbers, "sparsity": 0.0}


def _eager(fitted: FittedClassifier, window: Any) -> dict[str, Any]:
    """The same window, prepared and asked by torch or by scikit-learn with one thread."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            return time_calls(lambda: fitted.probabilities(window), 1, 1).to_dict()
    finally:
        torch.set_num_threads(before)


def _answers(model: Any, windows: WindowSet, report: Report) -> Floats:
    parts = []
    for first in range(0, len(windows), AT_ONCE):
        report(Progress("predict by the variant", first, len(windows)))
        given = windows.read(np.arange(first, min(first + AT_ONCE, len(windows))))
        parts.append(model.probabilities(given.astype(np.float32)))
    return np.concatenate(parts)


def _tuned(experiment_id: int, epochs: int, report: Report, fitted: FittedNetwork) -> FittedNetwork:
    """A pruned network after it learned on from the training part."""
    source = find_side(experiment_id, Side.TRAIN.value)
    with reading(source.files) as reader:
        windows = _windows(fitted, source, reader, Side.TRAIN)
        return fine_tune(fitted, windows, FineTuning(epochs), report)


def _some(experiment_id: int, fitted: FittedNetwork) -> Any:
    """Windows of the training part, spread over all of it."""
    source = find_side(experiment_id, Side.TRAIN.value)
    with reading(source.files) as reader:
        windows = _windows(fitted, source, reader, Side.TRAIN)
        return windows.read(_spread(len(windows), CALIBRATED_ON)).astype(np.float32)


def _windows(fitted: FittedClassifier, source: SideSource, reader: Any, side: Side) -> WindowSet:
    about = fitted.about
    windows = windows_of(
        source.recordings,
        about.class_names,
        reader,
        channels=about.channels,
        window=about.window,
        hop=source.hop,
        sample_rate_hz=about.sample_rate_hz,
    )
    drawn: RandomWindows | None = source.windows
    return windows if drawn is None else windows.part(drawn, side)


def _spread(count: int, wanted: int) -> Any:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))


def _contents(source: SideSource) -> dict[int, str]:
    # A recording is itself here: both answers are of the same test.
    return {one.recording_id: str(one.recording_id) for one in source.recordings}


def _manifest(experiment_id: int, fitted: FittedClassifier, source: SideSource) -> Manifest:
    about = fitted.about
    found = kept.find(experiment_id, "temperature")
    with unit_of_work(writing=False) as session:
        experiment = session.get_one(Experiment, experiment_id)
        version = session.get_one(DatasetVersion, experiment.version_id)
        units = [
            set(
                session.scalars(
                    select(RecordingChannel.unit)
                    .join(Recording, Recording.id == RecordingChannel.recording_id)
                    .where(
                        RecordingChannel.position == channel,
                        Recording.id.in_([one.recording_id for one in source.recordings]),
                    )
                )
            )
            for channel in about.channels
        ]
        return Manifest(
            variant=FP32,
            classifier=about.classifier,
            class_names=about.class_names,
            units=tuple(next(iter(one)).value for one in units)
            if all(len(one) == 1 for one in units)
            else (),
            channels=len(about.channels),
            window=about.window,
            sample_rate_hz=about.sample_rate_hz,
            normalisation=about.normaliser.kind.value,
            temperature=1.0 if found is None else float(found[0]["value"]),
            experiment_id=experiment_id,
            checkpoint_hash=experiment.checkpoint_hash or "",
            data_hash=version.content_hash,
            opset=OPSET,
        )


def _keep(
    source: SideSource,
    kind: str,
    amount: float | None,
    content: bytes,
    manifest: Manifest,
    agreement: dict[str, Any],
    measured: dict[str, Any],
) -> int:
    """The row and its file, together."""
    with unit_of_work() as session:
        hold(session)
        experiment = session.get_one(Experiment, source.experiment_id)
        if experiment.checkpoint_hash != manifest.checkpoint_hash:
            raise Conflict("The experiment was trained again meanwhile. Export it again.")
        row = ModelVariant(
            experiment_id=experiment.id,
            owner_id=actor.user_id(),
            kind=kind,
            amount=amount,
            artefact_key=artefacts().put(FOLDER, ".onnx", content),
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            checkpoint_hash=manifest.checkpoint_hash,
            manifest=manifest.to_dict(),
            agreement=agreement,
            measured=measured,
        )
        session.add(row)
        session.flush()
        events.record(session, "variant.made", f"variant:{row.id}", kind=kind)
        return row.id
