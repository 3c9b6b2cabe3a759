import pytest

from models import JobKind, JobStatus, Recording
from services.actor import acting_as
from services.errors import Forbidden, Invalid
from services.prediction_service import PredictionService
from services.runtime import unit_of_work
from services.xai_service import XAIService
from tests import factories
from tests.trained import FOREST, planned_experiment, trained_experiment


def test_a_prediction_is_asked_for_and_found_again(analyst, sent):
    made = trained_experiment(**FOREST)
    recording = XAIService.list_recordings(made)[0]["recording_id"]
    assert PredictionService.find_prediction(made, recording) is None
    job_id = PredictionService.request_prediction(made, recording)
    assert PredictionService.request_prediction(made, recording) == job_id
    assert (JobKind.PREDICT_RECORDING, job_id) in sent
    waiting = PredictionService.find_prediction(made, recording)
    assert (waiting["status"], waiting["classes"]) == (JobStatus.WAITING, [])
    assert [row["experiment_id"] for row in PredictionService.list_classifiers()] == [made]


def test_only_what_is_trained_predicts_and_viewers_do_not_ask(analyst, viewer):
    waits = planned_experiment()
    recording = XAIService.list_recordings(waits)[0]["recording_id"]
    with pytest.raises(Invalid, match="not trained yet"):
        PredictionService.request_prediction(waits, recording)
    with acting_as(viewer), pytest.raises(Forbidden):
        PredictionService.request_prediction(waits, recording)
    assert PredictionService.list_classifiers() == []


def test_a_copy_in_another_data_set_is_known_from_the_training(analyst):
    made = trained_experiment(**FOREST)
    rows = {row["side"]: row["recording_id"] for row in XAIService.list_recordings(made)}
    with unit_of_work() as session:
        learned = session.get_one(Recording, rows["train"])
        copy = factories.recording(session, content_hash=learned.content_hash).id
        other = factories.recording(session).id
    assert PredictionService.get_source(made, copy).side == "train"
    assert PredictionService.get_source(made, rows["test"]).side == "test"
    assert PredictionService.get_source(made, other).side is None
