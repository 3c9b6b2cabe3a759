"""Explain a decision: read through a service, compute, write through a service."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from diagnostics.errors import DiagnosticsError
from diagnostics.progress import Progress, Report
from services.errors import Conflict, Invalid, ServiceError
from services.experiments.classifier_sources import Source
from services.explanation_cache import ExplanationCache
from services.explanations import kept
from services.explanations.asking import MEAN, Asked, asked, parameters_for
from services.explanations.baselines import BASELINE_WINDOWS, baseline_sources
from services.explanations.batches import ExplanationBatchService
from services.xai_service import XAIService
from tasks.classifiers import loaded
from tasks.memory import PeakMemory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diagnostics.classical.fitted import FittedEstimator
    from diagnostics.networks.fitted import FittedNetwork
    from diagnostics.training.fitted import About, FittedClassifier

FEATURE_WINDOWS = 60
VOTING_WINDOWS, AT_ONCE = 64, 8
_FINE = 1000
# Where a stage of one explanation begins, and what part of it that is.
_OF_STAGES = {"explain": (0.0, 0.5), "score card": (0.5, 0.5)}


def explain_recording(
    report: Report,
    experiment_id: int,
    recording_id: int,
    target_class: str | None = None,
    method: str = "gradcam",
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Explain a recording for a class, or for the one that the classifier names.

    The answer is kept for everybody who looks later.
    """
    from diagnostics.networks.fitted import FittedNetwork

    began = time.monotonic()
    memory = PeakMemory(report)
    wanted = asked(method, parameters)
    source = XAIService.get_source(experiment_id, recording_id)
    memory(Progress("load the classifier", 0, 1))
    fitted = loaded(source.checkpoint)
    predicted = _predicted(fitted, source)
    target_class = target_class or predicted
    if isinstance(fitted, FittedNetwork):
        data = _network(memory, fitted, source, target_class, wanted)
    else:
        data = _features(memory, fitted, source, target_class, wanted)
    data["summary"] |= {
        "predicted": predicted,
        "seconds": time.monotonic() - began,
        "bytes": memory.peak_bytes,
    }
    about = {
        "target_class": target_class,
        "checkpoint_hash": source.checkpoint_hash,
        "question": wanted.question,
    }
    if not ExplanationCache.cache_explanation(
        experiment_id, recording_id, method, {**data, **about}
    ):
        raise Conflict("The experiment or the recording is gone.")
    return {
        "experiment_id": experiment_id,
        "recording_id": recording_id,
        "target_class": target_class,
        "method": method,
    }


def explain_recordings(
    report: Report,
    experiment_id: int,
    recording_ids: Sequence[int],
    methods: Sequence[str],
    target_class: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Explain one recording after the other by each method; what is there already is left.

    One that cannot be explained does not stop the others: the result says why.
    """
    pairs = [(number, method) for number in recording_ids for method in methods]
    made = 0
    failed: list[dict[str, Any]] = []
    for done, (number, method) in enumerate(pairs):
        given = parameters_for(method, parameters or {})
        beat = _part_of(report, done, len(pairs))
        beat(Progress("explain", 0, 1))
        if ExplanationBatchService.is_explained(experiment_id, number, method, target_class, given):
            continue
        try:
            explain_recording(beat, experiment_id, number, target_class, method, given)
            made += 1
        except (ServiceError, DiagnosticsError) as error:
            failed.append({"recording_id": number, "method": method, "error": str(error)})
    if failed and not made:
        raise Invalid(failed[0]["error"])
    report(Progress("explain", len(pairs), len(pairs), f"{len(pairs)} of {len(pairs)}"))
    return {"experiment_id": experiment_id, "explained": made, "failed": failed}


def _part_of(report: Report, done: int, total: int) -> Report:
    """Progress of one of several explanations as progress of all of them."""

    def tell(progress: Progress) -> None:
        before, length = _OF_STAGES.get(progress.stage, (0.0, 0.0))
        share = round(_FINE * (done + before + length * min(1.0, progress.fraction)))
        told = f"{done + 1} of {total}, {progress.message or progress.stage}"
        report(Progress("explain", share, _FINE * total, told, progress.log))

    return tell


def _predicted(fitted: FittedClassifier, source: Source) -> str:
    """The class that windows of the recording vote for."""
    import numpy as np

    from diagnostics.explain.recording import spread
    from diagnostics.training.fitted import windows_for
    from diagnostics.training.windows import reading

    with reading({source.recording.recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader)
        chosen = spread(len(windows), windows.window, VOTING_WINDOWS)
        votes = [
            fitted.probabilities(windows.read(part), [source.recording] * len(part)).sum(axis=0)
            for part in np.array_split(chosen, -(-len(chosen) // AT_ONCE))
        ]
    return source.class_names[int(np.sum(votes, axis=0).argmax())]


def _network(
    report: Report, fitted: FittedNetwork, source: Source, target_class: str, wanted: Asked
) -> dict[str, Any]:
    from diagnostics.explain import recording as whole
    from diagnostics.explain.registry import METHODS
    from diagnostics.training.config import Normalisation
    from diagnostics.training.fitted import windows_for
    from diagnostics.training.windows import reading

    if wanted.method not in METHODS:
        raise Invalid("This method needs a classifier on features. Choose another method.")
    given = None
    kind = wanted.parameters.get("baseline")
    if kind is not None:
        sources = baseline_sources(
            source.experiment_id, kind, wanted.parameters.get("baseline_recording_id")
        )
        if sources:
            given = fitted.prepare(_windows_of(fitted.about, sources)).numpy()
        if kind == MEAN and given is not None:
            given = given.mean(axis=0, keepdims=True)
    target = source.class_names.index(target_class)
    question = whole.Asked(wanted.method, target, wanted.numbers, given)
    with reading({source.recording.recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader)
        found = whole.explain_recording(fitted, windows, question, report)
    by_window = fitted.about.normaliser.kind is Normalisation.WINDOW
    return kept.of_network(found, wanted, fitted.about.channels[0], by_window=by_window)


def _windows_of(about: About, sources: Sequence[Source]) -> NDArray[np.float32]:
    """Some windows of recordings, as many of each, from their middle outwards in time."""
    import numpy as np

    from diagnostics.training.fitted import windows_for
    from diagnostics.training.windows import reading

    each = max(1, BASELINE_WINDOWS // len(sources))
    rows = []
    for source in sources:
        with reading({source.recording.recording_id: source.recording_file}) as reader:
            windows = windows_for(about, source.recording, reader)
            places = np.linspace(0, len(windows) - 1, each + 2)[1:-1].round().astype(np.int64)
            rows.append(windows.read(np.unique(places)))
    return np.concatenate(rows)


def _features(
    report: Report, fitted: Any, source: Source, target_class: str, wanted: Asked
) -> dict[str, Any]:
    import numpy as np

    from diagnostics.explain.features import PERMUTATION, TREE, permutation, tree_shap
    from diagnostics.explain.recording import spread
    from diagnostics.training.fitted import windows_for
    from diagnostics.training.windows import reading

    if wanted.method not in (TREE, PERMUTATION):
        raise Invalid("This method needs a network. Choose an experiment with a network.")
    with reading({source.recording.recording_id: source.recording_file}) as reader:
        windows = windows_for(fitted.about, source.recording, reader)
        chosen = spread(len(windows), windows.window, FEATURE_WINDOWS)
        rows = _rows(fitted, windows.read(chosen), [source.recording] * len(chosen))
    target = _column(fitted, source.class_names.index(target_class), target_class)
    report(Progress("explain", 0, 1, f"{len(rows)} windows"))
    if wanted.method == TREE:
        found = tree_shap(fitted.estimator, rows, target)
    else:
        others = baseline_sources(source.experiment_id, "training")
        given = [
            _rows(fitted, _windows_of(fitted.about, [one]), [one.recording] * 8) for one in others
        ]
        found = permutation(fitted.estimator, rows, target, np.concatenate(given))
    place = {
        "starts_s": windows.start[chosen] / windows.sample_rate_hz,
        "summary": {
            "windows": len(windows),
            "explained": len(chosen),
            "window_s": windows.window / windows.sample_rate_hz,
            "channel": fitted.about.channels[0],
        },
    }
    return kept.of_features(found, fitted.feature_names, wanted, place)


def _rows(fitted: FittedEstimator, windows: Any, recordings: Sequence[Any]) -> NDArray[np.float64]:
    """What the estimator takes of windows."""
    from diagnostics.classical.fitted import features_of

    if fitted.columns is None:
        return features_of(fitted.about, windows)
    recipe = fitted.columns.recipe
    values = recipe.compute(windows, fitted.about.sample_rate_hz, recordings[: len(windows)])
    return fitted.columns.scaled(values)


def _column(fitted: FittedEstimator, number: int, name: str) -> int:
    """Where the class stands in the answers of an estimator, which knows those of training."""
    known = fitted.estimator.classes_.tolist()
    if number not in known:
        raise Invalid(f"The training part had no recording of “{name}”. Choose another class.")
    return int(known.index(number))
