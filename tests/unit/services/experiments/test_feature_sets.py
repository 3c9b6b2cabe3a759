"""Naming a feature set in a config, and what follows from it."""

from __future__ import annotations

import pytest

from models import FeatureSet
from services.errors import Invalid, NotFound
from services.experiment_service import ExperimentService
from services.feature_set_service import FeatureSetService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from services.search_service import SearchService
from tests import factories
from tests.on_features import SPLIT, config, tiny_set
from tests.trained import tiny_version


@pytest.fixture
def made(analyst):
    return tiny_set()


@pytest.mark.parametrize("named", ["number", "text", "name", "version", "content"])
def test_a_set_can_be_named_in_several_ways(made, named):
    content = FeatureSetService.get_feature_set(made.id)["content_hash"]
    names = {
        "number": made.id,
        "text": str(made.id),
        "name": "tiny",
        "version": "tiny@1",
        "content": content,
    }
    found = ExperimentService.complete_config({"feature_set": names[named], "split": SPLIT})
    assert found["feature_set"] == content
    assert (found["window"], found["hop"], found["channels"]) == (512, 256, [0])
    assert (found["classifier"], found["group_by"]) == ("random_forest", "load_hp")
    assert found["normalisation"] == "training"
    # And once more as it stands: what the wizard, a copy or the command line gives back.
    assert ExperimentService.complete_config(found) == found


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"window": 1024}, "leave it out, or write 512"),
        ({"classifier": "cnn1d", "parameters": {}}, "looks at waveforms"),
        ({"normalisation": "window"}, "follows from the feature set"),
        ({"feature_set": [1]}, "number or name"),
        ({"feature_set": True}, "number or name"),
    ],
)
def test_what_contradicts_the_set_is_refused(made, changes, told):
    with pytest.raises(Invalid, match=told):
        ExperimentService.preview_split(made.version_id, config(made, **changes))


@pytest.mark.parametrize("named", [999, "other", "tiny@9", "0" * 64])
def test_a_set_that_is_not_there_is_told(made, named):
    with pytest.raises(NotFound, match="feature set"):
        ExperimentService.complete_config(config(made, feature_set=named))


def test_a_set_of_other_data_is_refused(made):
    with pytest.raises(Invalid, match="another data set or version"):
        ExperimentService.preview_split(tiny_version(), config(made))


def test_columns_that_cannot_be_computed_again_are_refused(made):
    with unit_of_work() as session:
        row = session.get_one(FeatureSet, made.id)
        row.features = ["RMS@9", *row.features[1:]]
    with pytest.raises(Invalid, match="RMS@9"):
        ExperimentService.complete_config(config(made))


def test_a_table_without_recordings_is_refused(analyst):
    with unit_of_work() as session:
        version = factories.trainable_version(session, analyst.user_id)
        own = factories.feature_set(
            session, owner_id=analyst.user_id, dataset_version_id=version.id
        )
        asked = {"feature_set": own.id, "split": {"by": "fractions"}}
        version_id = version.id
    with pytest.raises(Invalid, match="which recording"):
        ExperimentService.preview_split(version_id, asked)


def test_it_is_found_by_the_name_of_the_set(made):
    planned = ExperimentService.create_experiment("on it", made.version_id, config(made))
    ExperimentService.create_experiment(
        "not on it", made.version_id, config(made, feature_set="", group_by="load_hp")
    )
    found = SearchService.find_experiments("features:tin")
    assert [one["id"] for one in found["results"]] == [planned["id"]]
    offers = SearchService.complete("features:t", 10)
    assert [one["label"] for one in offers] == ["tiny"]
    assert SearchService.find_experiments("-features:tiny")["total_count"] == 1


def test_folds_and_seeds_are_of_the_same_set(made):
    folds = {"by": "folds", "folds": 3, "validation": 0.0}
    asked = config(made, split=folds)
    plan = RepeatedExperimentService.plan_runs(made.version_id, asked, [0, 1])
    assert (plan["runs"], plan["folds"][0]["windows"]["test"]) == (6, 46)
    repeated = RepeatedExperimentService.create_repeated("folds", made.version_id, asked, [0])
    used = [ExperimentService.get_experiment(r["experiment_id"]) for r in repeated["members"]]
    assert {one["feature_set"]["feature_set_id"] for one in used} == {made.id}
