"""Why a network decides as it does. Torch and captum are imported by what computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from models import Experiment, JobKind, Recording
from services import actor
from services.errors import Invalid, NotFound
from services.evaluation.views import is_explainable
from services.experiments.classifier_sources import Source, find_source
from services.experiments.sides import SHARED
from services.explanation_cache import ExplanationCache
from services.job_service import JobService, JobView
from services.paging import paged
from services.runtime import artefacts, unit_of_work

if TYPE_CHECKING:
    import torch
    from torch import nn

METHODS = {"gradcam": "Grad-CAM"}
# What was held out says most, so it comes first.
SIDE_ORDER = ("test", "validation", "train", SHARED)


class NetworkChoice(TypedDict):
    """An experiment whose network can be explained."""

    experiment_id: int
    name: str
    class_names: list[str]


class RecordingChoice(TypedDict):
    """A recording of an experiment, with the side it was on and its true class."""

    recording_id: int
    name: str
    side: str
    true_class: str


class ModelPrediction(TypedDict):
    predicted_class: int
    confidence: float
    probabilities: list[float]


class GradCamView(ModelPrediction):
    """``attribution`` of shape (samples,) or (windows, samples), in units of the class score."""

    attribution: NDArray[np.float32]
    target_class: int
    layer: str


class XAIService:
    """Explain networks, and find what can be explained."""

    @staticmethod
    def get_device() -> torch.device:
        """A graphics processor if there is one."""
        actor.reader()
        import torch

        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @staticmethod
    def load_model(experiment_id: int) -> nn.Module | None:
        """The trained network in evaluation mode; None if there is none.

        It takes windows that are normalised as in training.
        """
        actor.reader()
        from diagnostics.networks.fitted import load_network

        with unit_of_work(writing=False) as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None or not is_explainable(experiment):
                return None
            key = experiment.checkpoint_key or ""
        return load_network(artefacts().local_path(key)).network.to(XAIService.get_device())

    @staticmethod
    def get_model_prediction(model: nn.Module, signal: Any) -> ModelPrediction:
        """What a network says of one window, or of several by the mean of their probabilities.

        ``signal``: array or tensor of shape (samples,), (channels, samples) or
        (windows, channels, samples), prepared as in training.

        Raises
        ------
        Invalid
            If the signal has another shape.
        """
        actor.reader()
        import torch

        windows = _windows(signal)
        device = next(model.parameters()).device
        model.eval()
        with torch.inference_mode():
            scores = model(torch.as_tensor(windows).to(device))
        return _prediction(scores.softmax(dim=1).cpu().numpy())

    @staticmethod
    def generate_gradcam(
        model: nn.Module,
        signal: Any,
        target_layer: nn.Module | None = None,
        target_class: int | None = None,
    ) -> GradCamView:
        """Which stretches speak for a class, by default for the one that the network names.

        ``signal`` as for :meth:`get_model_prediction`; ``target_layer`` is found if None.

        Raises
        ------
        Invalid
            If the signal has another shape.
        ExplanationError
            If the network has no convolution, or there is no such class.
        """
        actor.reader()
        from diagnostics.explain.gradcam import grad_cam

        windows = _windows(signal)
        said = XAIService.get_model_prediction(model, windows)
        chosen = said["predicted_class"] if target_class is None else target_class
        found = grad_cam(model, windows, chosen, target_layer)
        attribution = found.attribution if np.ndim(signal) == 3 else found.attribution[0]
        return {
            **said,
            "attribution": attribution,
            "target_class": chosen,
            "layer": found.layer,
        }

    @staticmethod
    def list_networks(limit: int = 100) -> list[NetworkChoice]:
        """Experiments with a trained network, newest first."""
        actor.reader()
        trained = paged(
            select(Experiment)
            .where(Experiment.checkpoint_key.is_not(None), Experiment.archived_at.is_(None))
            .order_by(Experiment.id.desc()),
            limit,
        )
        with unit_of_work(writing=False) as session:
            return [
                {
                    "experiment_id": row.id,
                    "name": row.name,
                    "class_names": list(row.class_names),
                }
                for row in session.scalars(trained)
                if is_explainable(row)
            ]

    @staticmethod
    def list_recordings(experiment_id: int) -> list[RecordingChoice]:
        """The recordings of an experiment, those that were held out first.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            sides, targets = experiment.split["sides"], experiment.split["targets"]
            named = select(Recording.id, Recording.name).where(Recording.id.in_(map(int, sides)))
            names = session.execute(named).all()
        found: list[RecordingChoice] = [
            {
                "recording_id": number,
                "name": name,
                "side": sides[str(number)],
                "true_class": targets[str(number)],
            }
            for number, name in names
        ]
        return sorted(found, key=lambda row: (SIDE_ORDER.index(row["side"]), row["name"]))

    @staticmethod
    def request_explanation(
        experiment_id: int, recording_id: int, target_class: str, method: str = "gradcam"
    ) -> int | None:
        """The id of the job that explains; None when the explanation is there already.

        One that runs already is not doubled.

        Raises
        ------
        NotFound
            If experiment or recording do not exist.
        Invalid
            If there is no such class or method, or the classifier is no network.
        """
        actor.user_id()
        source = XAIService.get_source(experiment_id, recording_id)
        _check(experiment_id, target_class, method, source.class_names)
        if ExplanationCache.explanation_exists(experiment_id, recording_id, method, target_class):
            return None
        return JobService.submit_once(
            JobKind.EXPLAIN_RECORDING,
            {
                "experiment_id": experiment_id,
                "recording_id": recording_id,
                "target_class": target_class,
            },
            title=f"{METHODS[method]} of {source.recording.name} for “{target_class}”",
            subject=_subject(experiment_id, recording_id, target_class),
            of_anybody=True,
        )

    @staticmethod
    def find_job(experiment_id: int, recording_id: int, target_class: str) -> JobView | None:
        """The newest job that explains this, if there is one."""
        actor.reader()
        subject = _subject(experiment_id, recording_id, target_class)
        return JobService.find_latest(subject, JobKind.EXPLAIN_RECORDING)

    @staticmethod
    def get_source(experiment_id: int, recording_id: int) -> Source:
        """The files that a worker needs.

        Raises
        ------
        NotFound
            If experiment or recording do not exist, or a file is missing.
        Invalid
            If the experiment is not trained yet, or the recording lacks a channel.
        """
        actor.reader()
        return find_source(experiment_id, recording_id)


def _check(experiment_id: int, target_class: str, method: str, class_names: Sequence[str]) -> None:
    if method not in METHODS:
        raise Invalid(f"Expected one of the methods {', '.join(METHODS)}, got “{method}”.")
    if target_class not in class_names:
        raise Invalid(
            f"Expected one of the classes {', '.join(class_names)}, got “{target_class}”."
        )
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        if experiment is None or not is_explainable(experiment):
            raise Invalid(
                f"{METHODS[method]} needs a network, and this experiment has another classifier. "
                "Choose an experiment with a network."
            )


def _subject(experiment_id: int, recording_id: int, target_class: str) -> str:
    return f"explanation:{experiment_id}:{recording_id}:{target_class}"


def _windows(signal: Any) -> NDArray[np.float32]:
    given = np.asarray(signal.detach().cpu() if hasattr(signal, "detach") else signal)
    if not 1 <= given.ndim <= 3 or given.size == 0:
        raise Invalid(
            "Expected a signal of shape (samples,), (channels, samples) or (windows, channels, "
            f"samples), got {given.shape}."
        )
    return given.astype(np.float32).reshape((1,) * (3 - given.ndim) + given.shape)


def _prediction(probabilities: NDArray[np.float32]) -> ModelPrediction:
    shares = probabilities.astype(np.float64).mean(axis=0)
    winner = int(shares.argmax())
    return {
        "predicted_class": winner,
        "confidence": float(shares[winner]),
        "probabilities": shares.tolist(),
    }
