import numpy as np
import pytest

from diagnostics.progress import silent
from models import JobStatus
from services.errors import Invalid
from services.explanation_cache import ExplanationCache
from services.explanation_view_service import ExplanationViewService
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tasks.predictions import predict_recording
from tasks.runner import run_job
from tests.trained import FOREST, trained_experiment


def chosen(experiment_id, name="worn 2"):
    rows = XAIService.list_recordings(experiment_id)
    return next(row["recording_id"] for row in rows if row["name"] == name)


@pytest.fixture
def once(analyst):
    """An experiment, and its held-out worn recording."""
    made = trained_experiment(epochs=1)
    return made, chosen(made)


def test_an_explained_recording_is_kept_with_all_its_windows(analyst):
    made = trained_experiment()
    recording = chosen(made)
    said = []
    explain_recording(said.append, made, recording, "worn")
    found = ExplanationCache.get_explanation(made, recording, "gradcam", "worn")
    arrays, summary = found["arrays"], found["summary"]
    assert arrays["attribution"].shape == (6, 1024)
    assert arrays["attribution"].min() >= 0
    assert arrays["starts_s"] == pytest.approx(np.arange(6) * 1024 / 12_000)
    assert (summary["windows"], summary["explained"]) == (6, 6)
    assert summary["top"] == pytest.approx(arrays["attribution"].max())
    assert summary["probabilities"] == pytest.approx(arrays["probabilities"].mean(axis=0))
    assert found["parameters"]["layer"].startswith("blocks")
    assert said[-1].fraction == 1
    vote = [row["probability"] for row in predict_recording(silent, made, recording)["classes"]]
    assert summary["probabilities"] == pytest.approx(vote, abs=1e-5)


def test_the_job_is_done_and_a_forest_is_refused(analyst):
    made = trained_experiment()
    job_id = XAIService.request_explanation(made, chosen(made), "healthy")
    run_job(job_id, explain_recording)
    assert XAIService.find_job(made, chosen(made), "healthy")["status"] is JobStatus.DONE
    forest = trained_experiment(name="Forest", **FOREST)
    with pytest.raises(Invalid, match="needs a network"):
        explain_recording(silent, forest, chosen(forest), "worn")


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("integrated_gradients", {"baseline": "healthy", "steps": 8}),
        ("gradient_shap", {"num_samples": 16}),
        ("deep_shap", {"baseline": "mean"}),
        ("kernel_shap", {"num_segments": 6, "num_samples": 40}),
        ("lime", {"domain": "frequency", "num_segments": 6, "num_samples": 60}),
        ("occlusion", {"num_segments": 8}),
    ],
)
def test_other_methods_are_kept_with_their_parameters_and_their_card(once, method, parameters):
    made, recording = once
    assert XAIService.request_explanation(made, recording, "worn", method, parameters) is not None
    explain_recording(silent, made, recording, "worn", method, parameters)
    assert XAIService.request_explanation(made, recording, "worn", method, parameters) is None
    found = ExplanationCache.get_explanation(made, recording, method)
    arrays, summary = found["arrays"], found["summary"]
    count = summary["explained"]
    assert arrays["attribution"].shape == (count, 1, 1024)
    assert arrays["spectrum"].shape == (1, 513)
    total = arrays["attribution"][arrays["examined"]].sum()
    assert arrays["spectrum"].sum() == pytest.approx(total, rel=1e-2, abs=1e-3)
    assert found["parameters"].items() >= parameters.items()
    assert set(summary["card"]) > {"completeness", "random_weights", "stability", "deletion"}
    assert summary["seconds"] > 0
    shown = ExplanationViewService.compare(made, recording, "worn", [(method, parameters)], 0.0)
    (one,) = shown["methods"]
    assert one["domain"]["answer"] == "unknown"
    assert "No fault frequency is known." in one["domain"]["sentence"]
    assert shown["agreement"] == [[pytest.approx(1.0)]]
    assert sum(abs(row["share"]) for row in one["segments"]) <= 1 + 1e-9


@pytest.mark.parametrize("method", ["tree_shap", "permutation"])
def test_a_forest_is_explained_by_its_features(analyst, method):
    made = trained_experiment(name="Forest", **FOREST)
    recording = chosen(made)
    explain_recording(silent, made, recording, "worn", method)
    view = ExplanationViewService.show_features(made, recording, "worn", method)
    assert view["explained"] == 6
    total = view["expected"] + sum(row["mean"] for row in view["rows"])
    assert total == pytest.approx(view["probability"], abs=1e-6)
    assert view["rows"][0]["size"] >= view["rows"][-1]["size"]
    with pytest.raises(Invalid, match="needs a network"):
        XAIService.request_explanation(made, recording, "worn", "lime")
