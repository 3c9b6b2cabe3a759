from __future__ import annotations

import pytest

from models import JobKind, JobStatus
from services.actor import acting_as
from services.classifier_cost_service import ClassifierCostService
from services.errors import Forbidden, Invalid
from tasks.costs import measure_classifier
from tasks.runner import run_job

QUESTION = {
    "classifier": "cnn1d",
    "parameters": {"width": 4},
    "window": 1024,
    "channels": 1,
    "classes": 3,
}


def test_from_the_question_to_the_answer_which_is_found_again(analyst, viewer, sent):
    assert ClassifierCostService.find_cost(QUESTION) is None
    job_id = ClassifierCostService.request_cost(QUESTION)
    assert ClassifierCostService.request_cost(QUESTION) == job_id
    assert sent == [(JobKind.MEASURE_CLASSIFIER, job_id)]
    waiting = ClassifierCostService.find_cost(QUESTION)
    assert (waiting["status"], waiting["cost"]) == (JobStatus.WAITING, None)
    run_job(job_id, measure_classifier)
    with acting_as(viewer):
        found = ClassifierCostService.find_cost(QUESTION)
    assert found["status"] == JobStatus.DONE
    assert found["cost"]["numbers"] > 0
    assert found["cost"]["latency"]["median_ms"] > 0
    # The defaults may be said or not; whatever else differs is another question.
    same = {**QUESTION, "parameters": {"width": 4, "blocks": 4}}
    assert ClassifierCostService.find_cost(same) == found
    for name, value in (("window", 2048), ("channels", 2), ("classes", 4), ("parameters", {})):
        assert ClassifierCostService.find_cost({**QUESTION, name: value}) is None


def test_a_viewer_does_not_ask(viewer):
    with acting_as(viewer), pytest.raises(Forbidden):
        ClassifierCostService.request_cost(QUESTION)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({**QUESTION, "classifier": "none"}, "There is no classifier"),
        ({**QUESTION, "window": 10}, "The window must be"),
        ({"classifier": "cnn1d"}, "lacks “parameters”"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(analyst, question, told):
    for method in (ClassifierCostService.find_cost, ClassifierCostService.request_cost):
        with pytest.raises(Invalid, match=told):
            method(question)
