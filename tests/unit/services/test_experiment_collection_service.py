from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Evaluation, Experiment, Explanation, Job, JobStatus
from services.actor import acting_as
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.evaluation_service import EvaluationService
from services.experiment_collection_service import ExperimentCollectionService as Collection
from services.experiment_service import ExperimentService
from services.runtime import artefacts, unit_of_work
from services.tag_service import TagService
from tests import factories


@pytest.fixture
def two(analyst) -> list[int]:
    with unit_of_work() as session:
        first = factories.experiment(session, owner_id=analyst.user_id, name="first")
        second = factories.experiment(
            session, owner_id=analyst.user_id, name="second", version_id=first.version_id
        )
        first.checkpoint_key = artefacts().put("models", ".pt", b"weights")
        session.get_one(Job, first.job_id).status = JobStatus.DONE
        recording = factories.recording(session)
        explained = Explanation(
            experiment_id=first.id,
            recording_id=recording.id,
            method="gradcam",
            target_class="inner",
            checkpoint_hash="",
            data_hash="",
            artefact_key=artefacts().put("explanations", ".npz", b"arrays"),
            owner_id=analyst.user_id,
        )
        session.add(explained)
        TagService.bulk_add_tags(session, [first.id], ["best"])
        return [first.id, second.id]


def test_out_of_sight_and_back(two):
    assert Collection.archive_experiments(two) == 2
    assert Collection.archive_experiments(two[:1]) == 0
    assert ExperimentService.count_experiments() == 0
    assert ExperimentService.list_experiments() == []
    assert ExperimentService.get_experiment(two[0])["archived"]
    assert Collection.restore_experiments(two[:1]) == 1
    assert [row["id"] for row in ExperimentService.list_experiments()] == two[:1]


def test_deleting_names_what_goes_and_takes_the_files(two):
    with unit_of_work(writing=False) as session:
        key = session.get_one(Experiment, two[0]).checkpoint_key
    EvaluationService.cache_evaluation_results(two[0], "mine", {"answer": 42})
    with unit_of_work(writing=False) as session:
        evaluated = session.scalars(select(Evaluation.artefact_key)).one()
    plan = Collection.preview_deletion(two[:1])
    assert plan == {"names": ["first"], "experiments": 1, "explanations": 1}
    assert Collection.delete_experiments(two[:1]) == 1
    with pytest.raises(NotFound):
        ExperimentService.get_experiment(two[0])
    assert not artefacts().exists(key)
    assert not artefacts().exists(evaluated)
    with unit_of_work(writing=False) as session:
        assert TagService.get_tag_statistics(session)["total_assignments"] == 0


def test_what_still_waits_is_not_deleted(two):
    with pytest.raises(Conflict, match="“second” waits"):
        Collection.delete_experiments(two)
    with pytest.raises(Conflict, match="Cancel it first"):
        Collection.preview_deletion(two)
    assert ExperimentService.count_experiments() == 2


def test_all_or_none(two, admin):
    with pytest.raises(NotFound, match="no experiment 999"):
        Collection.archive_experiments([*two, 999])
    with pytest.raises(NotFound):
        Collection.archive_experiments([])
    with pytest.raises(Invalid, match="At most 1000"):
        Collection.archive_experiments(range(1, 1002))
    with unit_of_work() as session:
        other = factories.actor_of(factories.user(session))
    with acting_as(other), pytest.raises(Forbidden):
        Collection.archive_experiments(two)
    assert ExperimentService.count_experiments() == 2
