from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models import AnalysisKind, FeatureSet, JobKind
from models.base import now
from services.errors import Invalid, NotFound
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_set_service import FeatureSetService
from services.features.analyses import analysed, read_table
from services.features.tables import stored_table
from services.files.kept_files import delete_orphans
from services.runtime import artefacts, unit_of_work
from tests import factories


@pytest.fixture
def made(analyst):
    with unit_of_work() as session:
        return factories.feature_set(session, owner_id=analyst.user_id).id


def test_sorting_and_filtering_see_the_whole_table(made):
    every = FeatureSetService.list_rows(made)["rows"]
    levels = [row["values"][0] for row in every]
    found = FeatureSetService.list_rows(made, 3, 2, "RMS@1", descending=True)
    assert found["total"] == 24
    assert [row["values"][0] for row in found["rows"]] == sorted(levels, reverse=True)[2:5]
    outer = FeatureSetService.list_rows(made, sort="group", descending=True, label="outer")
    assert outer["total"] == 12
    assert outer["rows"][0]["group"] == "outer 2"
    assert FeatureSetService.list_rows(made, label="none")["rows"] == []
    assert FeatureSetService.list_rows(made, 5, 100)["rows"] == []
    with pytest.raises(Invalid, match="no column"):
        FeatureSetService.list_rows(made, sort="Skewness@1")


def test_a_distribution_has_a_share_for_each_class(made):
    found = FeatureSetService.get_distribution(made, "RMS@1")
    assert (found["feature"]["title"], found["feature"]["unit"]) == ("RMS", "g")
    assert found["known"] == {"inner": 12, "outer": 12}
    assert sum(found["shares"]["inner"]) == pytest.approx(1)
    assert np.argmax(found["shares"]["inner"]) > np.argmax(found["shares"]["outer"])
    with pytest.raises(Invalid, match="no feature"):
        FeatureSetService.get_distribution(made, "Skewness@1")


@pytest.mark.parametrize("name", ["hdf5", "parquet", "csv"])
def test_a_set_can_be_taken_along(made, name):
    found = FeatureSetService.open_feature_set(made, name)
    assert found["file_name"].startswith("features_")
    if name == "csv":
        assert "".join(found["pieces"]).count("\n") == 25
    else:
        assert found["path"].stat().st_size > 0
    with pytest.raises(Invalid, match="hdf5, parquet, csv"):
        FeatureSetService.open_feature_set(made, "xlsx")


def test_deleting_takes_the_files_and_the_analyses(made):
    FeatureAnalysisService.analyse(made, "projection", "pca")
    key = FeatureSetService.get_feature_set(made)["artefact_key"]
    FeatureSetService.delete_feature_set(made)
    assert not artefacts().exists(key)
    assert artefacts().list_older("features", now() + timedelta(days=1)) == []
    with pytest.raises(NotFound):
        FeatureSetService.get_feature_set(made)


def test_cleaning_leaves_what_a_set_names(made, admin, monkeypatch):
    monkeypatch.setattr("services.files.kept_files.KEEP_FOR", timedelta(days=-1))
    orphan = artefacts().put("features", ".json", b"[]")
    delete_orphans()
    found = FeatureSetService.get_feature_set(made)
    assert not artefacts().exists(orphan)
    assert artefacts().exists(found["artefact_key"])
    assert FeatureSetService.open_feature_set(made, "parquet")["path"].exists()


def test_lists_count_and_narrow(made):
    view = FeatureSetService.get_feature_set(made)
    mine = FeatureSetService.list_feature_sets(dataset_id=view["dataset_id"])
    assert [one["id"] for one in mine] == [made]
    assert FeatureSetService.count_feature_sets(view["dataset_id"]) == 1
    assert FeatureSetService.count_feature_sets(10**6) == 0


@pytest.mark.parametrize(
    ("kind", "method", "given"),
    [
        ("dream", "pca", {}),
        ("projection", "umap", {}),
        ("selection", "mrmr", {"num_features": 0}),
        ("selection", "mrmr", {"threshold": -1}),
        ("selection", "mrmr", {"threshold": "much"}),
    ],
)
def test_what_cannot_be_asked_is_refused(made, kind, method, given):
    with pytest.raises(Invalid):
        FeatureAnalysisService.request_analysis(made, kind, method, given)


def test_a_field_left_empty_is_told_what_it_takes(made):
    with pytest.raises(Invalid, match="how many features to keep, 1 to 1000"):
        FeatureAnalysisService.request_analysis(
            made, "selection", "mrmr", {"num_features": None, "threshold": 0.01}
        )


def test_a_job_is_found_by_what_it_is_about(made, sent):
    job_id = FeatureAnalysisService.request_analysis(made, "projection", "tsne")
    assert FeatureAnalysisService.request_analysis(made, "projection", "tsne") == job_id
    assert FeatureAnalysisService.find_job(made, "projection")["id"] == job_id
    assert FeatureAnalysisService.find_job(made, "correlation") is None
    assert sent == [(JobKind.ANALYSE_FEATURES, job_id)]
    assert FeatureAnalysisService.find_analysis(made, "projection") is None
    with unit_of_work() as session:  # a younger set that got the number of a deleted one
        session.get_one(FeatureSet, made).created_at = now() + timedelta(seconds=1)
    assert FeatureAnalysisService.find_job(made, "projection") is None
    assert FeatureAnalysisService.find_job(10**6, "projection") is None


@pytest.mark.parametrize(("labels", "said"), [({"": 9}, "no window"), ({"x": 9}, "class “x”")])
def test_without_two_classes_nothing_is_rated(made, labels, said):
    with unit_of_work() as session:
        kept = session.get_one(FeatureSet, made)
        kept.summary = {**kept.summary, "labels": labels}
    for kind, method in (("importance", "mutual_info"), ("selection", "mrmr")):
        with pytest.raises(Invalid, match=said):
            FeatureAnalysisService.request_analysis(made, kind, method)


def test_an_analysis_whose_file_is_lost_is_computed_again(made):
    FeatureAnalysisService.analyse(made, "correlation", "spearman")
    for key in artefacts().list_older("features", now() + timedelta(days=1)):
        if key.endswith(".json"):
            artefacts().delete(key)
    assert FeatureAnalysisService.find_analysis(made, "correlation") is None
    FeatureAnalysisService.analyse(made, "correlation", "spearman")
    assert FeatureAnalysisService.find_analysis(made, "correlation")["result"]["names"]


def test_guessing_counts_the_classes_that_are_held_out(made):
    with stored_table(FeatureSetService.get_feature_set(made)["artefact_key"]) as file:
        table = read_table(file)
    alone = replace(table, labels=["other", *table.labels[1:]], groups=["O", *table.groups[1:]])
    found = analysed(alone, AnalysisKind.IMPORTANCE, "random_forest", {}, lambda _: None)
    assert (found["classes"], len(found["notes"])) == (2, 1)
