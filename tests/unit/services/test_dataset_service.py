from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event, select

from models import Bearing, Event, Experiment, Machine, Origin, Recording
from services import dataset_service
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.experiment_service import ExperimentService
from services.experiments import data
from services.explanation_cache import ExplanationCache
from services.runtime import artefacts, engine, unit_of_work
from services.version_service import VersionService
from tests import factories
from tests.trained import planned_experiment

pytestmark = pytest.mark.database


def stored(name="a", frequency_hz=50.0, **about):
    known = {"label": "ball", "machine": "rig", "bearing": "drive end", "load": "1 hp"}
    return store_samples(
        factories.sine(frequency_hz), About(name, Origin.IMPORTED, **{**known, **about})
    )


@pytest.fixture
def dataset_id(analyst):
    return DatasetService.create("pumps")


@pytest.fixture
def filled(dataset_id):
    samples = [stored("a"), stored("b", 60.0, label="inner", attributes={"load_hp": 1.0})]
    added = DatasetService.add_recordings(dataset_id, samples, "import of 2 files")
    return dataset_id, [recording.recording_id for recording in added["recordings"]]


def members(dataset_id):
    return DatasetService.get_dataset_statistics(dataset_id)["classes"]


def test_a_new_data_set_is_empty(dataset_id, analyst):
    details = DatasetService.get_dataset_details(dataset_id)
    assert (details["name"], details["version"], details["versions"]) == ("pumps", None, [])
    assert DatasetService.get_dataset_statistics(dataset_id)["num_signals"] == 0
    assert DatasetService.get_dataset_details(999) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\0b", "a\ud800", "a\u202eb"])
def test_names_are_checked(analyst, name):
    with pytest.raises(Invalid, match="1 to 120"):
        DatasetService.create(name)


def test_names_are_unique(dataset_id):
    with pytest.raises(Conflict, match="pumps"):
        DatasetService.create("  pumps ")


def test_adding_makes_a_version_and_what_it_needs(filled):
    _, ids = filled
    (view,) = DatasetService.list_datasets()
    assert (view["version"], view["recording_count"], view["class_count"]) == (1, 2, 2)
    assert view["duration_s"] == pytest.approx(2.0)
    with unit_of_work(writing=False) as session:
        recording = session.get(Recording, ids[0])
        assert session.get(Machine, recording.machine_id).name == "rig"
        assert session.get(Bearing, recording.bearing_id).name == "drive end"
        assert artefacts().exists(recording.artefact_key)
        assert session.scalars(select(Machine.id)).all() == [recording.machine_id]
        assert "dataset.version_made" in session.scalars(select(Event.type)).all()


def test_statistics_count_classes_and_groups(filled):
    found = DatasetService.get_dataset_statistics(filled[0])
    assert found["classes"] == {"ball": 1, "inner": 1}
    assert found["groups"] == {
        "machine": {"rig": 2},
        "bearing": {"drive end": 2},
        "load": {"1 hp": 2},
        "load_hp": {"1": 1},
    }
    assert (found["sample_rates_hz"], found["units"]) == ([2000.0], ["m/s²"])
    assert found["channel_counts"] == {"drive end": 2}


def test_the_same_samples_are_not_stored_twice(filled):
    dataset_id, ids = filled
    again = DatasetService.add_recordings(dataset_id, [stored("c")], "again")
    assert again["version"] is None
    (added,) = again["recordings"]
    assert (added.recording_id, added.name, added.is_new) == (ids[0], "a", False)


def test_equal_names_are_numbered(dataset_id):
    samples = [stored("a"), stored("a", 60.0), stored("a", 70.0)]
    added = DatasetService.add_recordings(dataset_id, samples, "x")["recordings"]
    assert [recording.name for recording in added] == ["a", "a (2)", "a (3)"]
    more = [stored("a (2)", 80.0), stored("a", 90.0), stored("b", 95.0), stored("a", 97.0)]
    added = DatasetService.add_recordings(dataset_id, more, "x")["recordings"]
    assert [one.name for one in added] == ["a (2) (2)", "a (4)", "b", "a (5)"]


def test_many_recordings_enter_with_few_statements_in_their_order(dataset_id):
    one = stored("same")
    samples = [
        replace(one, content_hash=f"{n:064x}", about=replace(one.about, name=f"r{n % 1_000}"))
        for n in (*range(1_200), 7)
    ]
    sent = []
    event.listen(engine(), "before_cursor_execute", lambda *sending: sent.append(sending[2]))
    added = DatasetService.add_recordings(dataset_id, samples, "x")["recordings"]
    assert 0 < len(sent) < 80
    ids = [recording.recording_id for recording in added]
    assert ids[:-1] == sorted(set(ids))
    assert (ids[-1], added[-1].is_new) == (ids[7], False)
    assert [added[n].name for n in (999, 1_000, 1_199)] == ["r999", "r0 (2)", "r199 (2)"]


def test_versions_never_change(filled):
    dataset_id, ids = filled
    assert DatasetService.relabel(dataset_id, {ids[0]: "outer"}, "seen in the workshop") == 2
    assert DatasetService.remove_recordings(dataset_id, [ids[1]], "broken sensor") == 3
    assert members(dataset_id) == {"outer": 1}
    first = DatasetService.get_dataset_statistics(dataset_id, version=1)
    assert first["classes"] == {"ball": 1, "inner": 1}
    versions = DatasetService.get_dataset_details(dataset_id)["versions"]
    assert [v["reason"] for v in versions] == [
        "broken sensor",
        "seen in the workshop",
        "import of 2 files",
    ]
    assert len({v["content_hash"] for v in versions}) == 3


def test_equal_versions_have_equal_hashes(filled):
    dataset_id, ids = filled
    DatasetService.relabel(dataset_id, {ids[0]: None}, "")
    DatasetService.relabel(dataset_id, {ids[0]: "ball"}, "")
    hashes = [v["content_hash"] for v in DatasetService.get_dataset_details(dataset_id)["versions"]]
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_removed_recording_comes_back_as_itself(filled):
    dataset_id, ids = filled
    DatasetService.remove_recordings(dataset_id, ids[:1], "")
    back = DatasetService.add_recordings(dataset_id, [stored("z")], "again")
    assert back["version"] == 3
    assert back["recordings"][0].recording_id == ids[0]


def test_changes_that_change_nothing_are_refused(filled):
    dataset_id, ids = filled
    with pytest.raises(Invalid, match="already"):
        DatasetService.relabel(dataset_id, {ids[0]: " ball "}, "")
    with pytest.raises(NotFound):
        DatasetService.relabel(dataset_id, {999: "x"}, "")
    for unfit in ("x" * 121, "a\ud800"):
        with pytest.raises(Invalid, match="can be shown"):
            DatasetService.relabel(dataset_id, {ids[0]: unfit}, "")
    for absent in ([], [999]):
        with pytest.raises(NotFound):
            DatasetService.remove_recordings(dataset_id, absent, "")
    with pytest.raises(NotFound, match="version 9"):
        DatasetService.get_dataset_statistics(dataset_id, version=9)


def test_archived_data_sets_are_out_of_sight_and_closed(filled):
    dataset_id, ids = filled
    assert DatasetService.archive_dataset(dataset_id)
    assert DatasetService.count_datasets() == 0
    assert DatasetService.count_datasets(archived=True) == 1
    with pytest.raises(Conflict, match="archived"):
        DatasetService.relabel(dataset_id, {ids[0]: "x"}, "")
    assert DatasetService.restore_dataset(dataset_id)
    assert DatasetService.list_datasets(search_query="UMP")[0]["id"] == dataset_id
    assert DatasetService.list_datasets(search_query="%") == []
    # SQLite takes a negative limit for none, and PostgreSQL refuses it.
    assert DatasetService.list_datasets(limit=-1) == []
    assert len(DatasetService.list_datasets(offset=-1)) == DatasetService.count_datasets()
    assert DatasetService.list_experiments(dataset_id, limit=-1, offset=-1) == []
    assert not DatasetService.archive_dataset(999)


def test_deleting_takes_rows_and_files_that_nobody_needs(filled, session):
    dataset_id, ids = filled
    other = DatasetService.create("others")
    DatasetService.add_recordings(other, [stored("same")], "x")
    keys = [session.get(Recording, recording_id).artefact_key for recording_id in ids]
    session.expire_all()
    assert DatasetService.delete_dataset(dataset_id, delete_file=True)
    assert [artefacts().exists(key) for key in keys] == [True, False]
    assert DatasetService.get_dataset_details(dataset_id) is None
    assert not DatasetService.delete_dataset(dataset_id)


def test_deleting_takes_the_exports_along(filled):
    key = DatasetService.export_dataset(filled[0])
    assert artefacts().exists(key)
    assert DatasetService.delete_dataset(filled[0])
    assert not artefacts().exists(key)


def test_only_owner_and_admin_change(filled, viewer):
    dataset_id, ids = filled
    with unit_of_work() as session:
        other = factories.user(session)
        stranger = type(viewer)(other.id, other.role, frozenset(), "page")
    for who in (viewer, stranger):
        with acting_as(who):
            assert DatasetService.count_datasets() == 1
            for change in (
                lambda: DatasetService.relabel(dataset_id, {ids[0]: "x"}, ""),
                lambda: DatasetService.remove_recordings(dataset_id, ids, ""),
                lambda: DatasetService.add_recordings(dataset_id, [], ""),
                lambda: DatasetService.archive_dataset(dataset_id),
                lambda: DatasetService.delete_dataset(dataset_id),
            ):
                with pytest.raises(Forbidden):
                    change()


def test_deleting_takes_along_what_experiments_elsewhere_said(filled):
    dataset_id, (recording_id, _) = filled
    elsewhere = planned_experiment()
    with unit_of_work() as session:
        session.get_one(Experiment, elsewhere).checkpoint_hash = "a" * 64
    said = {"target_class": "worn", "checkpoint_hash": "a" * 64, "arrays": {"starts_s": [0.0]}}
    assert ExplanationCache.cache_explanation(elsewhere, recording_id, "gradcam", said)
    assert DatasetService.delete_dataset(dataset_id, delete_file=True)
    assert ExplanationCache.get_cache_statistics()["total"] == 0


def test_a_file_that_another_import_takes_up_meanwhile_stays(filled, monkeypatch):
    dataset_id, _ = filled
    other = DatasetService.create("other pumps")
    delete_unnamed = dataset_service.delete_unnamed

    def slowly(keys):
        DatasetService.add_recordings(other, [stored("a")], "at the same time")
        return delete_unnamed(keys)

    monkeypatch.setattr(dataset_service, "delete_unnamed", slowly)
    DatasetService.delete_dataset(dataset_id, delete_file=True)
    with unit_of_work(writing=False) as session:
        (key,) = session.scalars(select(Recording.artefact_key))
    assert artefacts().exists(key)


def test_the_newest_are_offered_by_name_where_there_are_many(analyst, viewer, monkeypatch):
    monkeypatch.setattr(dataset_service, "MOST_OFFERED", 3)
    for name in ("d", "a", "c", "b"):
        DatasetService.create(name)
    archived = DatasetService.create("old")
    DatasetService.archive_dataset(archived)
    assert [one["name"] for one in DatasetService.list_names()] == ["a", "b", "c"]
    named = DatasetService.list_names(archived, owner_id=viewer.user_id)
    assert [one["name"] for one in named] == ["old"]
    mine = DatasetService.list_names(owner_id=analyst.user_id)
    assert [one["name"] for one in mine] == ["a", "b", "c"]
    assert DatasetService.list_names(owner_id=viewer.user_id) == []


def test_details_have_the_newest_versions_and_nothing_else_is_cut(dataset_id, monkeypatch):
    monkeypatch.setattr(dataset_service, "MOST_OFFERED", 2)
    for hertz in (40.0, 50.0, 60.0):
        DatasetService.add_recordings(dataset_id, [stored(f"{hertz}", hertz)], "one more")
    numbers = [v["number"] for v in DatasetService.get_dataset_details(dataset_id)["versions"]]
    assert numbers == [3, 2]
    assert len(VersionService.list_versions(dataset_id)) == 3
    steps = VersionService.diff_versions(dataset_id, 1, 3)["steps"]
    assert [one["number"] for one in steps] == [3, 2]


def test_versions_to_train_on_are_the_newest_and_the_one_that_is_asked_for(analyst, monkeypatch):
    monkeypatch.setattr(data, "MOST_OFFERED", 1)
    for name in ("first", "second"):
        DatasetService.add_recordings(DatasetService.create(name), [stored(name)], "import")
    (newest,) = ExperimentService.list_versions()
    assert newest["dataset_name"] == "second"
    older = ExperimentService.find_version("first")
    both = ExperimentService.list_versions(older)
    assert [one["dataset_name"] for one in both] == ["first", "second"]
    assert ExperimentService.list_versions(newest["version_id"]) == [newest]
    assert ExperimentService.list_versions(999) == [newest]
