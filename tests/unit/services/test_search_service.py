from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import func, select, text, update

from models import (
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentEntry,
    ExperimentValue,
    Job,
    JobStatus,
    SavedSearch,
)
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.errors import Invalid, NotFound
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from services.search.parsing import QueryError
from services.search_service import SearchService
from services.tag_service import TagService
from tests import factories

pytestmark = pytest.mark.database


def summary(accuracy: float) -> dict:
    score = {"value": accuracy, "low": None, "high": None}
    return {
        "recordings": {"accuracy": score, "balanced_accuracy": score},
        "windows": {"accuracy": {"value": accuracy / 2, "low": None, "high": None}},
        "n": {"recordings": 4, "windows": 80},
    }


@pytest.fixture
def made(analyst) -> dict[str, int]:
    """Four experiments of one version: by name, with their ids."""
    given = {
        "pump one": summary(0.9),
        "fan two": summary(0.7),
        "pump and fan": summary(0.8),
        "=cmd": None,
    }
    with unit_of_work() as session:
        version = factories.trainable_version(session, analyst.user_id)
        return {
            name: factories.experiment(
                session, name=name, owner_id=analyst.user_id, version_id=version.id, summary=kept
            ).id
            for name, kept in given.items()
        }


def names(query: str, **given) -> list[str]:
    return [row["name"] for row in SearchService.find_experiments(query, **given)["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["=cmd", "pump and fan", "fan two", "pump one"]),
        ("pump sort:created", ["pump one", "pump and fan"]),
        ("accuracy:>0.75 sort:-accuracy", ["pump one", "pump and fan"]),
        ("sort:accuracy", ["fan two", "pump and fan", "pump one", "=cmd"]),
        ("sort:-accuracy", ["pump one", "pump and fan", "fan two", "=cmd"]),
        ("sort:name", ["=cmd", "fan two", "pump and fan", "pump one"]),
        ("window_accuracy:0.4..0.45 test_windows:80 sort:name", ["pump and fan", "pump one"]),
        ("epochs:2 optimiser:AdamW -pump sort:name", ["=cmd", "fan two"]),
        ('"pump and"', ["pump and fan"]),
        ('"pump fan"', []),
        ("nothing:>1", []),
        ("tag:nothing", []),
        ("sort:nothing tag:nothing", []),
    ],
)
def test_found_and_in_order(made, query, expected):
    found = SearchService.find_experiments(query)
    assert [row["name"] for row in found["results"]] == expected
    assert found["total_count"] == len(expected)


def test_the_best_come_before_the_limit(made, analyst):
    """Newer ones fit worse: in the notes only, and once."""
    with unit_of_work() as session:
        for number in range(5):
            factories.experiment(
                session,
                name=f"later {number}",
                notes="a pump, once",
                owner_id=analyst.user_id,
                version_id=session.get_one(Experiment, made["pump one"]).version_id,
            )
        found = SearchService.search(session, "pump", limit=2)
    assert {row["name"] for row in found["results"]} == {"pump one", "pump and fan"}
    assert found["total_count"] == 7


def test_a_part_of_many(made):
    assert names("sort:name", limit=2, offset=1) == ["fan two", "pump and fan"]
    assert names("", sort="name", limit=1) == ["=cmd"]
    assert names("", limit=-1) == []
    assert SearchService.find_experiments("", limit=1)["total_count"] == 4
    assert SearchService.find_ids("pump sort:created", 1) == [made["pump one"]]


def test_chosen_values_come_along(made):
    row = SearchService.find_experiments("fan -pump", values=["accuracy", "optimiser", "no"])
    assert row["results"][0]["values"] == {"accuracy": 0.7, "optimiser": "adamw"}
    assert {"accuracy", "epochs", "split.by", "width", "window_accuracy"} <= {
        *SearchService.list_values()
    }


def test_current_after_every_change(made, analyst):
    number = made["fan two"]
    ExperimentService.rename_experiment(number, "Lüfter")
    ExperimentService.write_notes(number, "mounted anew")
    with unit_of_work() as session:
        version = session.get_one(DatasetVersion, session.get_one(Experiment, number).version_id)
        dataset_id = version.dataset_id
        job_id = session.get_one(Experiment, number).job_id
        session.execute(update(Job).where(Job.id == job_id).values(status=JobStatus.DONE))
    DatasetService.edit_dataset(dataset_id, name="Drive end rig")
    assert names("lufter") == ["Lüfter"]
    assert names('"mounted anew"') == ["Lüfter"]
    assert names("two") == []
    assert len(names('"end rig"')) == 4
    assert len(names("dataset:END")) == 4
    assert names("status:finished") == ["Lüfter"]
    ExperimentCollectionService.archive_experiments([number])
    assert names("lufter") == []
    assert names("lufter archived:yes") == names("lufter archived:any") == ["Lüfter"]
    ExperimentCollectionService.delete_experiments([number])
    assert names("lufter archived:any") == []
    with unit_of_work(writing=False) as session:
        gone = select(func.count()).where(ExperimentValue.experiment_id == number)
        assert session.scalar(gone) == 0
        assert session.get(ExperimentEntry, number) is None
        if session.get_bind().dialect.name == "sqlite":
            check = "INSERT INTO experiment_words (experiment_words) VALUES ('integrity-check')"
            session.execute(text(check))


def test_an_undone_change_leaves_nothing(made):
    def renamed_and_undone() -> None:
        with unit_of_work():
            ExperimentService.rename_experiment(made["fan two"], "undone")
            raise Invalid("undone")

    with pytest.raises(Invalid):
        renamed_and_undone()
    assert names("undone") == []
    assert names("two") == ["fan two"]


def test_what_was_probably_meant(made):
    with unit_of_work() as session:
        TagService.add_tag_to_experiment(session, made["fan two"], "Bearing wear")

    def suggestions(query: str) -> list[str]:
        return SearchService.find_experiments(query)["suggestions"]

    assert suggestions("acuracy:>0.5 fan") == ["accuracy:>0.5 fan"]
    assert suggestions("tag:bearing-waer") == ['tag:"Bearing wear"']
    assert suggestions("accuracy:>0.5") == []
    assert suggestions("accuracy:>2") == []
    assert suggestions("zzzzzz") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ta", [("tag:", 0, 2), ("target:", 0, 2)]),
        ("pump -ta", [("tag:", 6, 8), ("target:", 6, 8)]),
        ("tag:", [('"Bearing wear"', 4, 4)]),
        ("tag:a,bea", [('"Bearing wear"', 6, 9)]),
        ("status:fin", [("finished", 7, 10)]),
        ("model:resnet1", [("resnet18", 6, 13)]),
        ("optimiser:a", [("adamw", 10, 11)]),
        ("sort:-accu", [("-accuracy", 5, 10)]),
        ('"ta', []),
        ("zz", []),
    ],
)
def test_completion(made, query, expected):
    with unit_of_work() as session:
        TagService.add_tag_to_experiment(session, made["fan two"], "Bearing wear")
    offers = SearchService.complete(query, len(query))
    assert [(one["text"], one["start"], one["end"]) for one in offers] == expected


def test_completion_in_the_middle_and_beyond(made):
    assert SearchService.complete("sta pump", 3)[0]["text"] == "status:"
    assert SearchService.complete("sta", 10**9)[0]["text"] == "status:"
    assert len(SearchService.complete("", 0)) == 12


def test_a_table_of_all(made):
    lines = "".join(SearchService.export_experiments("sort:name", ["accuracy"]))
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert [row["name"] for row in rows] == ["'=cmd", "fan two", "pump and fan", "pump one"]
    assert [row["accuracy"] for row in rows] == ["", "0.7", "0.8", "0.9"]
    assert {row["state"] for row in rows} == {"waiting"}
    with pytest.raises(QueryError):
        SearchService.export_experiments("(")


def test_saved_searches_are_ones_own(analyst, admin, viewer):
    with acting_as(analyst), unit_of_work() as session:
        first = SearchService.save_search(session, analyst.user_id, " best  ones", "accuracy:>0.9")
        pinned = SearchService.save_search(session, analyst.user_id, "zz", "pump", True)
        again = SearchService.save_search(session, analyst.user_id, "best ones", "fan")
        assert (first.id, again.query, again.name) == (again.id, "fan", "best ones")
        own = SearchService.get_saved_searches(session, analyst.user_id)
        assert [one.name for one in own] == ["zz", "best ones"]
        used = SearchService.use_saved_search(session, pinned.id, analyst.user_id)
        assert (used["query"], used["total_count"]) == ("pump", 0)
        kept = session.get_one(SavedSearch, pinned.id)
        assert (kept.usage_count, kept.last_used_at is not None) == (1, True)
    for other in (admin, viewer):
        with acting_as(other), unit_of_work() as session:
            assert SearchService.get_saved_searches(session, other.user_id) == []
            assert not SearchService.delete_saved_search(session, pinned.id, other.user_id)
            with pytest.raises(NotFound):
                SearchService.use_saved_search(session, pinned.id, other.user_id)
            with pytest.raises(NotFound):
                SearchService.get_saved_searches(session, analyst.user_id)
            mine = SearchService.save_search(session, other.user_id, "zz", "tag:a")
            assert SearchService.delete_saved_search(session, mine.id, other.user_id)
    with acting_as(analyst), unit_of_work() as session:
        assert SearchService.delete_saved_search(session, pinned.id, analyst.user_id)
        with pytest.raises(QueryError):
            SearchService.save_search(session, analyst.user_id, "broken", "(")
        with pytest.raises(Invalid, match="needs a name"):
            SearchService.save_search(session, analyst.user_id, " ", "pump")


def test_me_may_be_named(made, analyst, viewer):
    with unit_of_work() as session:
        assert SearchService.search(session, "owner:me")["total_count"] == 4
        assert session.scalar(select(Dataset.id)) is not None
    with acting_as(viewer), unit_of_work() as session:
        assert SearchService.search(session, "owner:me")["total_count"] == 0
        assert SearchService.search(session, f"owner:{analyst.name}")["total_count"] == 4
        with pytest.raises(NotFound):
            SearchService.search(session, "owner:me", analyst.user_id)
