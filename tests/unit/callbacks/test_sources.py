from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from dash import no_update

from callbacks import source as one
from callbacks import sources as page
from layouts.source import FOUND, NONE
from layouts.source import Ids as OneIds
from layouts.sources import Ids, build
from models import Job, JobStatus
from services.actor import acting_as
from services.errors import Invalid
from services.job_service import JobService
from services.runtime import unit_of_work
from services.source_service import SourceService
from services.sources.making import SourceMakingService
from tests import factories
from tests.anomalous import imported, source, table_csv, uploaded
from tests.unit.callbacks.pages import clicked


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts = []
    for module in (page, one):
        monkeypatch.setattr(module, "tell", lambda text, *_: texts.append(text))
    return texts


def test_an_empty_page_says_what_to_do(analyst, viewer):
    assert "Choose a file above" in str(page.show_sources({}, 0, None))
    assert "No source has such a name" in str(page.show_sources({}, 0, "oven"))
    assert page.show_form("") is False
    with acting_as(viewer):
        assert "An analyst can make one" in str(page.show_sources({}, 0, None))
        assert page.show_form("") is True


def test_fields_follow_the_kind(analyst):
    with unit_of_work() as session:
        made = factories.feature_set(session, owner_id=analyst.user_id).id
    assert page.offer("table") == (False, True, True, True, [], None)
    hidden = page.offer("feature_set")
    assert (hidden[:4], hidden[5]) == ((True, False, True, True), made)
    with unit_of_work() as session:
        newer = factories.feature_set(session, owner_id=analyst.user_id).id
    for asked, chosen in ((None, newer), (made, made), (newer, newer), (10**6, newer)):
        assert page.offer("feature_set", asked)[5] == chosen
    assert "value='feature_set'" in str(build(kind="feature_set", object=str(made)))
    assert "value='table'" in str(build(kind="teapot", object="x"))
    *hidden, options, dataset = page.offer("recording")
    assert hidden == [True, False, False, False]
    assert len(options) == 2
    assert page.offer_recordings("recording", dataset)[1] is not None
    assert page.offer_recordings("dataset", dataset) == ([], None)


def test_a_window_fits_into_what_was_chosen(analyst):
    with unit_of_work() as session:
        dataset = factories.dataset(session, owner_id=analyst.user_id).id
        short, long = (
            factories.recording(session, dataset_id=dataset, sample_count=n).id
            for n in (1500, 9000)
        )
        factories.version(session, {long: "normal", short: "normal"}, dataset)
    assert page.offer_window("dataset", dataset, None, 4096) == 1024
    assert page.offer_window("recording", dataset, short, 4096) == 1024
    assert page.offer_window("recording", dataset, long, 4096) is no_update
    assert page.offer_window("dataset", dataset, None, 512) is no_update
    assert page.offer_window("table", None, None, 4096) is no_update


def test_a_source_is_made_of_what_was_chosen(analyst, told):
    with clicked(Ids.make):
        with pytest.raises(Invalid, match="Choose a file"):
            page.make(1, "table", None, None, None, None, "", "", 0)
        upload = {"id": uploaded(table_csv(20)), "name": "pump.csv"}
        changed, address = page.make(1, "table", upload, None, None, 4096, "", "-200, ?", 0)
    (made,) = SourceService.list_sources()
    assert (changed, address) == (1, f"/sources/{made['id']}")
    assert SourceService.get_source(made["id"])["missing_codes"] == ["-200", "?"]


def test_the_page_of_a_source_follows_its_reading(analyst):
    upload = uploaded(table_csv(20))
    source_id = SourceService.create_source("table", {"upload_id": upload})
    _, progress, body, hidden, known = one.show_source({}, 0, source_id, None)
    assert "Read the source" in str(progress) or progress
    assert (body, hidden) == ([], True)
    SourceMakingService.make_version(source_id)
    with unit_of_work() as session:
        session.get_one(Job, JobService.list_jobs()[0]["id"]).status = JobStatus.DONE
    head, progress, body, hidden, known = one.show_source({}, 0, source_id, known)
    assert (progress, hidden) == ([], False)
    assert "Nothing was detected in it yet" in str(body)
    assert "new-detection" in str(head)
    assert one.fill_settings(known, source_id)[3] == FOUND
    assert "There is no such source" in str(one.show_source({}, 0, "nobody", None)[2])


def test_settings_are_saved_and_the_source_deleted(analyst, told):
    source_id = imported(b"t,u\n1,2\n3,4\n")
    with unit_of_work() as session:
        session.get_one(Job, JobService.list_jobs()[0]["id"]).status = JobStatus.DONE
    with clicked(OneIds.save):
        assert one.save(1, "oven", "-200", NONE, source_id, 0) == 1
    found = SourceService.get_source(source_id)
    assert (found["name"], found["missing_codes"], found["status"]) == ("oven", ["-200"], "pending")
    other = source()
    assert "pump.csv" in one.ask_first(other)
    assert one.delete(other) == "/sources"


def test_a_view_of_a_database_is_chosen_and_read_again(server, analyst, tmp_path, told):
    assert page.offer_databases("table") == (True, [], None)
    assert page.offer_databases("database_view") == (False, [], None)
    with closing(sqlite3.connect(tmp_path / "plant.db")) as connection, connection:
        connection.execute("CREATE TABLE reading (at TIMESTAMP, g REAL)")
        connection.execute("INSERT INTO reading VALUES ('2024-01-01', 1.5)")
    server.config["SOURCE_DATABASES"] = {"plant": f"sqlite:///{tmp_path / 'plant.db'}"}
    hidden, options, database = page.offer_databases("database_view")
    assert (hidden, options) == (False, [{"label": "plant", "value": "plant"}])
    (option,), table = page.offer_tables(database)
    assert option == {"label": "reading", "value": '["", "reading"]'}
    columns, order = page.offer_order(table, database)
    assert ([one["value"] for one in columns], order) == (["", "at", "g"], "at")
    assert page.offer("database_view")[:4] == (True, True, True, True)
    given = ("database_view", None, None, None, None, "", "", 0)
    with clicked(Ids.make):
        with pytest.raises(Invalid, match="Choose a database"):
            page.make(1, *given, None, None, None)
        page.make(1, *given, database, table, order)
    (made,) = SourceService.list_sources()
    SourceMakingService.make_version(made["id"])
    assert SourceService.get_source(made["id"])["row_count"] == 1
    with unit_of_work() as session:
        session.get_one(Job, made["job_id"]).status = JobStatus.DONE
    with clicked(OneIds.again):
        assert one.read_again(None, made["id"], 0) is one.no_update
        assert one.read_again(1, made["id"], 0) == 1
    assert told[-1] == "The source is being read again."
