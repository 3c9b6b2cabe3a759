"""Where databases like to differ: letters, order, numbers, JSON, rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from models import Dataset, Event, Experiment, Job, JobStatus, Recording, Upload
from models.base import now
from services.dataset_service import DatasetService
from services.job_service import JobService
from services.machine_service import MachineService
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.text_search import contains, starts
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def names(session):
    for name in ("Größe 1", "GRÖSSE ÄÖÜ", "größe_2", "100 % rpm", "plain", "Plain", "ΣΑΣ"):
        factories.dataset(session, name=name)

    def found(condition) -> set[str]:
        return set(session.scalars(select(Dataset.name).where(condition)))

    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GRÖ", {"Größe 1", "GRÖSSE ÄÖÜ", "größe_2"}),
        ("äöü", {"GRÖSSE ÄÖÜ"}),
        ("größe_", {"größe_2"}),
        ("100 %", {"100 % rpm"}),
        ("%", {"100 % rpm"}),
        ("_", {"größe_2"}),
        ("/", set()),
        ("PLAIN", {"plain", "Plain"}),
        ("σα", {"ΣΑΣ"}),
        ("x" * 60_000, set()),
        ("%" * 6_000, set()),
        ("plain\0", set()),
        ("\ud83e", set()),
    ],
)
def test_text_is_found_in_any_case_and_nothing_in_it_is_a_pattern(names, text, expected):
    assert names(contains(Dataset.name, text)) == expected


def test_text_is_found_from_its_beginning(names):
    assert names(starts(Dataset.name, "grö")) == {"Größe 1", "GRÖSSE ÄÖÜ", "größe_2"}
    assert names(starts(Dataset.name, "öss")) == set()
    assert names(starts(Dataset.name, "1_0")) == set()


def test_names_are_told_apart_by_case_where_they_are_stored(names):
    assert names(Dataset.name == "plain") == {"plain"}


def test_json_comes_back_as_it_was_put_in(session):
    payload = {"list": [1, 2.5, None, True], "größe": "½ “x”", "large": 2**60, "b": 1, "a": {}}
    session.add(Event(type="a", actor="b", object="c", payload=payload))
    session.commit()
    kept = session.scalar(select(Event.payload))
    assert kept == payload
    assert list(kept) == list(payload)


def test_numbers_that_json_has_no_word_for_are_kept_as_unknown(session):
    odd = [float("nan"), float("inf"), {"deep": -float("inf")}, 1.5]
    session.add(Event(type="a", actor="b", object="c", payload={"odd": odd}))
    session.commit()
    assert session.scalar(select(Event.payload)) == {"odd": [None, None, {"deep": None}, 1.5]}


def test_parts_of_json_can_be_asked_for(session):
    made = factories.recording(session, attributes={"load_hp": 3, "clock": "06:00", "none": None})
    for name, value in (("load_hp", "3"), ("clock", "06:00")):
        text = Recording.attributes[name].as_string()
        assert session.scalar(select(Recording.id).where(text == value)) == made.id
    unknown = select(Recording.id).where(Recording.attributes["other"].as_string().is_(None))
    assert session.scalars(unknown).all() == [made.id]
    assert session.scalar(select(Recording.attributes["load_hp"].as_float())) == 3.0
    assert session.scalar(select(func.json_array_length(Recording.warnings))) == 0


def test_large_and_small_numbers_keep_every_bit(session):
    for value in (1 / 3, 5e-324, 1.7976931348623157e308, 0.1 + 0.2):
        made = factories.recording(session, sample_rate_hz=value, sample_count=2**40 + 1)
        session.refresh(made)
        assert (made.sample_rate_hz, made.sample_count) == (value, 2**40 + 1)
    upload = Upload(id="a", owner_id=made.owner_id, file_name="a", size=2**50, received=2**49)
    session.add(upload)
    session.flush()
    assert session.scalar(select(func.sum(Upload.size - Upload.received))) == 2**49


def test_times_keep_their_microseconds_and_are_compared_across_zones(session):
    moment = datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)
    made = factories.job(session, finished_at=moment)
    session.refresh(made)
    assert made.finished_at == moment
    for hours, expected in ((0, [made.id]), (-1, [])):
        later = (moment + timedelta(hours=hours, microseconds=1)).astimezone()
        found = select(Job.id).where(Job.finished_at < later)
        assert session.scalars(found).all() == expected


def test_yes_and_no_are_conditions(session):
    asked = factories.job(session, cancel_requested=True).id
    factories.job(session)
    assert session.scalars(select(Job.id).where(Job.cancel_requested)).all() == [asked]
    assert len(session.scalars(select(Job.id).where(~Job.cancel_requested)).all()) == 1


@pytest.mark.parametrize(
    "change",
    [{"sample_rate_hz": 0.0}, {"sample_count": 0}, {"dataset_id": 999_999}, {"name": "taken"}],
)
def test_rules_of_tables_hold(session, change):
    dataset_id = factories.dataset(session).id
    factories.recording(session, name="taken", dataset_id=dataset_id)
    given = {"name": "free", "dataset_id": dataset_id, **change}
    with pytest.raises(IntegrityError), session.begin_nested():
        factories.recording(session, **given)
    # The rest of the unit goes on.
    assert session.scalar(select(func.count()).select_from(Recording)) == 1


def test_what_others_need_is_not_deleted(session):
    made = factories.experiment(session)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(delete(Job).where(Job.id == made.job_id))
    assert session.scalar(select(func.count()).select_from(Experiment)) == 1


def test_lists_end_at_their_limit(analyst):
    with unit_of_work() as session:
        dataset_id = factories.dataset(session, owner_id=analyst.user_id).id
        for number in range(7):
            factories.job(session, owner_id=analyst.user_id, status=JobStatus.DONE)
            factories.machine(session, name=f"Pump {number}", owner_id=analyst.user_id)
        ids = [factories.recording(session, dataset_id=dataset_id).id for _ in range(5)]
        factories.version(session, dict.fromkeys(ids, None), dataset_id)
    assert len(JobService.list_jobs(limit=3)) == 3
    assert [job["id"] for job in JobService.list_jobs(limit=3, offset=6)] == [1]
    assert JobService.list_jobs(limit=3, offset=99) == []
    assert JobService.count_jobs() == 7
    assert len(RecordingService.list_recordings(dataset_id, limit=2, offset=4)) == 1
    assert len(DatasetService.list_datasets(limit=1, offset=0)) == 1
    assert len(MachineService.list_machines()) == 7


def test_the_first_among_equals_is_always_the_same(analyst):
    """Without a second column to sort by, PostgreSQL moves rows that were changed."""
    with unit_of_work() as session:
        dataset_id = factories.dataset(session, owner_id=analyst.user_id).id
        made = [factories.recording(session, dataset_id=dataset_id, load="1") for _ in range(6)]
        ids = [recording.id for recording in made]
        factories.version(session, dict.fromkeys(ids, "inner"), dataset_id)
    with unit_of_work() as session:
        session.get_one(Recording, ids[0]).load = "1"
        session.get_one(Recording, ids[0]).updated_at = now()
    pages = [
        RecordingService.list_recordings(dataset_id, sort="label", limit=2, offset=offset)
        for offset in (0, 2, 4)
    ]
    assert [row["id"] for page in pages for row in page] == ids
