"""Why a network decides as it does. Torch is imported by what computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from models import Experiment, JobKind
from services import actor
from services.errors import Invalid
from services.evaluation.views import is_explainable
from services.experiments.classifier_sources import Source, find_source
from services.explanation_cache import ExplanationCache
from services.explanations.asking import TITLES, asked, check_experiment, subject
from services.explanations.choices import (
    NetworkChoice,
    RecordingChoice,
    recordings_of,
    trained,
)
from services.explanations.estimates import ExplanationEstimate, estimate
from services.explanations.generating import (
    SHAP_METHODS,
    AttributionView,
    GradCamView,
    ModelPrediction,
    explained,
    prediction,
    windows_of,
)
from services.explanations.predicted import predicted_class
from services.job_service import JobService, JobView
from services.runtime import artefacts, unit_of_work
from services.signal_service import refusals

if TYPE_CHECKING:
    import torch
    from torch import nn


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

        windows = windows_of(signal)
        device = next(model.parameters()).device
        model.eval()
        if not np.isfinite(windows).all():
            raise Invalid("The signal has values that are not finite (NaN or infinite).")
        try:
            with torch.inference_mode():
                scores = model(torch.as_tensor(windows).to(device))
        except RuntimeError as error:
            raise Invalid(
                f"The network does not take windows of {windows.shape[1]} channels and "
                f"{windows.shape[2]} samples. Prepare them as in training."
            ) from error
        return prediction(scores.softmax(dim=1).cpu().numpy())

    @staticmethod
    def generate_shap_explanation(
        model: nn.Module,
        signal: Any,
        background_data: Any,
        method: str = "gradient",
        num_samples: int = 100,
        target_class: int | None = None,
    ) -> AttributionView:
        """SHAP of samples by ``gradient`` or ``deep``, or of 20 stretches by ``kernel``.

        ``background_data`` are windows that stand for “nothing there”; None: zeros.

        Raises
        ------
        Invalid
            If a shape is wrong, there is no such method, the architecture does not allow it, or
            the question makes no sense.
        """
        actor.reader()
        if method not in SHAP_METHODS:
            raise Invalid(f"Expected one of {', '.join(SHAP_METHODS)}, got “{method}”.")
        said = XAIService.get_model_prediction(model, signal)
        return explained(
            *(model, signal, said, SHAP_METHODS[method]),
            target_class=target_class,
            baselines=background_data,
            num_samples=num_samples,
        )

    @staticmethod
    def generate_lime_explanation(
        model: nn.Module,
        signal: Any,
        num_segments: int = 20,
        num_samples: int = 1000,
        target_class: int | None = None,
        domain: str = "time",
    ) -> AttributionView:
        """LIME of stretches of time, or of bands where ``domain`` is ``frequency``.

        Raises
        ------
        Invalid
            If the signal has another shape, or the question makes no sense for the network.
        """
        actor.reader()
        said = XAIService.get_model_prediction(model, signal)
        return explained(
            *(model, signal, said, "lime"),
            target_class=target_class,
            num_segments=num_segments,
            num_samples=num_samples,
            domain=domain,
        )

    @staticmethod
    def generate_integrated_gradients(
        model: nn.Module,
        signal: Any,
        baseline: torch.Tensor | None = None,
        steps: int = 50,
        target_class: int | None = None,
    ) -> AttributionView:
        """Integrated gradients from a baseline, zeros unless given.

        Raises
        ------
        Invalid
            If a shape is wrong, or the question makes no sense for the network.
        """
        actor.reader()
        said = XAIService.get_model_prediction(model, signal)
        return explained(
            *(model, signal, said, "integrated_gradients"),
            target_class=target_class,
            baselines=baseline,
            steps=steps,
        )

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
            If the signal has another shape, the network has no convolution, or there is no such
            layer or class.
        """
        actor.reader()
        from diagnostics.explain.gradcam import grad_cam

        windows = windows_of(signal)
        said = XAIService.get_model_prediction(model, windows)
        chosen = said["predicted_class"] if target_class is None else target_class
        with refusals():
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
        return trained(limit, networks_only=True)

    @staticmethod
    def list_experiments(limit: int = 100, also: int | None = None) -> list[NetworkChoice]:
        """Experiments with any trained classifier, newest first.

        ``also`` names one to be listed however old it is, if it is trained.
        """
        actor.reader()
        return trained(limit, networks_only=False, also=also)

    @staticmethod
    def list_recordings(experiment_id: int, also: int | None = None) -> list[RecordingChoice]:
        """The recordings of an experiment, those that were held out first.

        ``also`` names any other recording, to be listed before them if it exists.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        return recordings_of(experiment_id, also)

    @staticmethod
    def predicted_class(experiment_id: int, recording_id: int) -> str | None:
        """What the classifier names for a recording; None where nobody computed it yet.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        return predicted_class(experiment_id, recording_id)

    @staticmethod
    def estimate_explanation(
        experiment_id: int,
        recording_id: int,
        method: str = "gradcam",
        parameters: Mapping[str, Any] | None = None,
    ) -> ExplanationEstimate:
        """Time and memory that an explanation will take, as far as something was measured.

        Raises
        ------
        NotFound, Invalid
            If experiment or recording do not exist, or a parameter is wrong.
        """
        actor.reader()
        return estimate(experiment_id, recording_id, asked(method, parameters))

    @staticmethod
    def request_explanation(
        experiment_id: int,
        recording_id: int,
        target_class: str | None = None,
        method: str = "gradcam",
        parameters: Mapping[str, Any] | None = None,
    ) -> int | None:
        """The id of the job that explains; None when the explanation is there already.

        One that runs already is not doubled. Without a ``target_class`` the class is explained
        that the classifier names; the worker finds it out where it is not known yet.

        Raises
        ------
        NotFound
            If experiment or recording do not exist.
        Invalid
            If there is no such class or method, or they do not fit the classifier.
        """
        actor.user_id()
        wanted = asked(method, parameters)
        source = XAIService.get_source(experiment_id, recording_id)
        check_experiment(experiment_id, target_class, method)
        if target_class is None:
            target_class = predicted_class(experiment_id, recording_id)
        about = "the class that it names" if target_class is None else f"“{target_class}”"
        key = (experiment_id, recording_id, method, target_class, wanted.question)
        if target_class is not None and ExplanationCache.explanation_exists(*key):
            return None
        return JobService.submit_once(
            JobKind.EXPLAIN_RECORDING,
            {
                "experiment_id": experiment_id,
                "recording_id": recording_id,
                "target_class": target_class,
                "method": method,
                "parameters": wanted.parameters,
            },
            title=f"{TITLES[method]} of {source.recording.name} for {about}",
            subject=subject(experiment_id, recording_id, target_class, method, wanted.question),
            of_anybody=True,
        )

    @staticmethod
    def find_job(
        experiment_id: int,
        recording_id: int,
        target_class: str | None,
        method: str = "gradcam",
        parameters: Mapping[str, Any] | None = None,
    ) -> JobView | None:
        """The newest job that explains this, if there is one; None: the class that it names."""
        actor.reader()
        question = asked(method, parameters).question
        about = subject(experiment_id, recording_id, target_class, method, question)
        return JobService.find_latest(about, JobKind.EXPLAIN_RECORDING)

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
