import numpy as np
import pytest

from diagnostics.progress import silent
from models import JobStatus
from services.errors import Invalid
from services.explanation_cache import ExplanationCache
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tasks.predictions import predict_recording
from tasks.runner import run_job
from tests.trained import FOREST, trained_experiment


def chosen(experiment_id, name="worn 2"):
    rows = XAIService.list_recordings(experiment_id)
    return next(row["recording_id"] for row in rows if row["name"] == name)


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
