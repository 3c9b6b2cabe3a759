from datetime import timedelta

import numpy as np
import pytest

from models import Experiment, Explanation, Recording
from models.base import now
from services import runtime
from services.actor import COMMAND_LINE, acting_as
from services.errors import Conflict, Forbidden, Invalid
from services.explanation_cache import ExplanationCache
from services.housekeeping_service import HousekeepingService
from tests.trained import planned_experiment

pytestmark = pytest.mark.database

WEIGHTS = "a" * 64
ARRAYS = {"attribution": np.arange(6, dtype=np.float32).reshape(2, 3), "starts_s": np.zeros(2)}
DATA = {"target_class": "worn", "checkpoint_hash": WEIGHTS, "arrays": ARRAYS, "summary": {"n": 2}}


@pytest.fixture
def subject(analyst):
    """Experiment and recording that can be explained."""
    made = planned_experiment()
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, made)
        row.checkpoint_hash = WEIGHTS
        return made, int(next(iter(row.split["sides"])))


def files():
    return {row.artefact_key for row in rows()}


def rows():
    with runtime.unit_of_work(writing=False) as session:
        found = session.query(Explanation).all()
        session.expunge_all()
        return found


def test_an_explanation_comes_back_with_its_arrays(subject, analyst):
    assert not ExplanationCache.explanation_exists(*subject, "gradcam")
    assert ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    found = ExplanationCache.get_explanation(*subject, "gradcam")
    assert np.array_equal(found["arrays"]["attribution"], ARRAYS["attribution"])
    assert found["arrays"]["attribution"].dtype == np.float32
    assert (found["signal_id"], found["target_class"]) == (subject[1], "worn")
    assert (found["summary"], found["owner_id"]) == ({"n": 2}, analyst.user_id)
    assert ExplanationCache.explanation_exists(*subject, "gradcam")
    assert ExplanationCache.explanation_exists(*subject, "gradcam", "worn")
    assert not ExplanationCache.explanation_exists(*subject, "gradcam", "healthy")
    assert ExplanationCache.get_explanation(*subject, "shap") is None


def test_what_the_explaining_service_answers_can_be_kept_as_it_is(subject):
    answer = {
        "predicted_class": 1,
        "confidence": 0.9,
        "probabilities": [0.1, 0.9],
        "method": "lime",
        "target_class": 0,
        **ARRAYS,
        "details": {},
    }
    assert ExplanationCache.cache_explanation(*subject, "lime", answer)
    found = ExplanationCache.get_explanation(*subject, "lime")
    assert found["target_class"] == "healthy"
    assert found["arrays"].keys() == ARRAYS.keys()
    with pytest.raises(Invalid, match="class from 0 to 1, got 2"):
        ExplanationCache.cache_explanation(*subject, "lime", {**answer, "target_class": 2})


def test_classes_stand_beside_each_other_and_the_newest_comes_first(subject):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    ExplanationCache.cache_explanation(*subject, "gradcam", {**DATA, "target_class": "healthy"})
    assert ExplanationCache.get_explanation(*subject, "gradcam")["target_class"] == "healthy"
    kept = ExplanationCache.get_explanation(*subject, "gradcam", "worn")
    assert kept["target_class"] == "worn"
    recent = ExplanationCache.get_recent_explanations(subject[0], 10)
    assert [row["target_class"] for row in recent] == ["healthy", "worn"]
    assert len(ExplanationCache.get_recent_explanations(subject[0], 1)) == 1
    assert "arrays" not in recent[0]


def test_a_newer_explanation_takes_the_place_of_the_older_and_of_its_file(subject):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    (old,) = files()
    newer = {**DATA, "arrays": {"attribution": np.ones((2, 3), dtype=np.float32)}}
    ExplanationCache.cache_explanation(*subject, "gradcam", newer)
    assert len(rows()) == 1
    assert not runtime.artefacts().exists(old)
    # The same content again keeps its file.
    ExplanationCache.cache_explanation(*subject, "gradcam", newer)
    assert ExplanationCache.get_explanation(*subject, "gradcam")["arrays"]["attribution"].sum() == 6


def test_other_weights_or_other_samples_make_it_invisible(subject):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    with runtime.unit_of_work() as session:
        session.get_one(Recording, subject[1]).content_hash = "other"
    assert ExplanationCache.get_explanation(*subject, "gradcam") is None
    assert ExplanationCache.get_recent_explanations(subject[0], 10) == []
    with runtime.unit_of_work() as session:
        session.get_one(Experiment, subject[0]).checkpoint_hash = "b" * 64
    with pytest.raises(Conflict, match="trained again"):
        ExplanationCache.cache_explanation(*subject, "gradcam", DATA)


def test_what_cannot_be_kept_is_refused(subject):
    with pytest.raises(Invalid, match="target class"):
        ExplanationCache.cache_explanation(*subject, "gradcam", {"arrays": ARRAYS})
    objects = {**DATA, "arrays": {"attribution": np.array([{}], dtype=object)}}
    with pytest.raises(Invalid, match="arrays of numbers"):
        ExplanationCache.cache_explanation(*subject, "gradcam", objects)
    assert not ExplanationCache.cache_explanation(subject[0], 999, "gradcam", DATA)
    assert not ExplanationCache.cache_explanation(999, subject[1], "gradcam", DATA)


def test_a_damaged_file_is_told_as_such(subject, settings):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    (key,) = files()
    runtime.artefacts().local_path(key).write_bytes(b"PK broken")
    with pytest.raises(Invalid, match="cannot be read"):
        ExplanationCache.get_explanation(*subject, "gradcam")


def test_the_owner_deletes_and_others_do_not(subject, viewer):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    (row,) = rows()
    with acting_as(viewer), pytest.raises(Forbidden):
        ExplanationCache.delete_explanation(row.id)
    assert ExplanationCache.delete_explanation(row.id)
    assert not runtime.artefacts().exists(row.artefact_key)
    assert not ExplanationCache.delete_explanation(row.id)


def test_old_explanations_are_cleared_by_an_admin(subject):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    ExplanationCache.cache_explanation(*subject, "gradcam", {**DATA, "target_class": "healthy"})
    with runtime.unit_of_work() as session:
        session.query(Explanation).filter_by(target_class="worn").one().created_at = (
            now() - timedelta(days=31)
        )
    with pytest.raises(Forbidden):
        ExplanationCache.clear_old_explanations()
    with acting_as(COMMAND_LINE):
        # Housekeeping asks for it every day.
        assert HousekeepingService.clean_up()["explanations"] == 1
        assert ExplanationCache.clear_old_explanations() == 0
        with pytest.raises(Invalid):
            ExplanationCache.clear_old_explanations(-1)
    (left,) = rows()
    assert left.target_class == "healthy"
    # Both had the same arrays, hence one file, which is still used.
    assert runtime.artefacts().exists(left.artefact_key)


def test_statistics_count_explanations_and_bytes(subject):
    empty = ExplanationCache.get_cache_statistics()
    assert empty == {"total": 0, "by_method": {}, "bytes": 0, "oldest": None, "newest": None}
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    full = ExplanationCache.get_cache_statistics()
    (key,) = files()
    assert (full["total"], full["by_method"]) == (1, {"gradcam": 1})
    assert full["bytes"] == len(runtime.artefacts().read(key))
    assert full["oldest"] == full["newest"]


def test_an_explanation_whose_file_was_lost_can_be_made_again(subject):
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    (key,) = files()
    runtime.artefacts().delete(key)
    assert not ExplanationCache.explanation_exists(*subject, "gradcam")
    assert ExplanationCache.get_explanation(*subject, "gradcam") is None
    ExplanationCache.cache_explanation(*subject, "gradcam", DATA)
    assert ExplanationCache.explanation_exists(*subject, "gradcam")
