import numpy as np
import pytest

from diagnostics.progress import silent
from models import JobKind, JobStatus
from services.evaluation_service import EvaluationService
from services.prediction_service import PredictionService
from services.xai_service import XAIService
from tasks.predictions import predict_recording
from tasks.runner import run_job
from tests.trained import FOREST, trained_experiment


@pytest.mark.parametrize("classifier", [{}, FOREST], ids=["network", "forest"])
def test_the_vote_is_that_of_the_test(analyst, classifier):
    made = trained_experiment(**classifier)
    stored = EvaluationService.load_experiment_predictions(made)
    recording = int(stored["recording_ids"][0])
    own = stored["probabilities"][stored["recording_ids"] == recording]
    said = predict_recording(silent, made, recording)
    shares = [row["probability"] for row in said["classes"]]
    assert shares == pytest.approx(own.mean(axis=0), abs=1e-5)
    assert said["windows"] == len(own)
    assert said["predicted"] == stored["class_names"][int(np.argmax(shares))]
    assert 0 <= said["agreement"] <= 1
    assert said["side"] == "test"


def test_the_job_keeps_the_answer(analyst):
    made = trained_experiment(**FOREST)
    recording = XAIService.list_recordings(made)[0]["recording_id"]
    run_job(PredictionService.request_prediction(made, recording), predict_recording)
    found = PredictionService.find_prediction(made, recording)
    assert (found["status"], found["side"]) == (JobStatus.DONE, "test")
    assert sum(row["probability"] for row in found["classes"]) == pytest.approx(1)
    # Asked again, it is a new job.
    assert PredictionService.request_prediction(made, recording) != found["job_id"]


def test_it_goes_to_the_queue_of_those_who_wait():
    from tasks.celery_app import QUEUE_OF

    for kind in (JobKind.PREDICT_RECORDING, JobKind.EXPLAIN_RECORDING):
        assert QUEUE_OF[kind.value] == "interactive"
