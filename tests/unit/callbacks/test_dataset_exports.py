from __future__ import annotations

from contextlib import contextmanager

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict

from callbacks import dataset_exports as page
from models import Job, JobStatus
from services.actor import acting_as
from services.errors import Conflict
from services.export_service import ExportService
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def view(analyst):
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        data = factories.dataset(session, name="<b>pumps</b>", **owner)
        one = factories.recording(session, dataset_id=data.id, **owner)
        factories.version(session, {one.id: None}, data.id, created_by=analyst.user_id)
        return {"dataset": data.id, "version": None}


@contextmanager
def triggered_by(component_id):
    prop = f"{component_id}.n_clicks"
    token = context_value.set(AttributeDict(triggered_inputs=[{"prop_id": prop, "value": 1}]))
    yield
    context_value.reset(token)


def test_versions_and_formats_are_offered_to_who_may_export(view, viewer):
    versions, newest, formats, chosen, hidden, disabled = page.offer(view, 0, None)
    assert (versions, newest) == ([{"label": "Version 1", "value": 1}], 1)
    assert [one["value"] for one in formats] == ["hdf5", "mat", "csv", "parquet"]
    assert (chosen, hidden, disabled) == ("hdf5", False, False)
    assert page.offer(view, 0, "csv")[3] == "csv"
    with acting_as(viewer):
        assert page.offer(view, 0, None)[4:] == (True, True)
    assert page.offer({"dataset": None}, 0, None)[0] == []


def test_the_size_is_told_before(view):
    assert page.show_size("1", "hdf5", view).startswith("About ")
    assert page.show_size(None, "hdf5", view) == ""
    assert page.show_size("1", "hdf5", {"dataset": None}) == ""


def test_an_export_is_started_once(view, told):
    assert page.start(None, "1", "csv", view, 0) is no_update
    assert page.start(1, "1", "csv", view, 4) == 5
    assert told == ["The export has begun. The file appears here when it is done."]
    with pytest.raises(Conflict):
        page.start(2, "1", "csv", view, 5)


def test_shows_progress_then_the_file(view, viewer):
    job_id = ExportService.submit_export(view["dataset"])
    progress, files, shown = page.show_exports({}, 0, view, None)
    assert "progressbar" in str(progress)
    assert "exported yet" in str(files)
    assert page.show_exports({}, 0, view, shown)[1:] == (no_update, no_update)
    made = ExportService.make_export(view["dataset"])
    with unit_of_work() as session:
        session.get_one(Job, job_id).status = JobStatus.DONE
    progress, files, shown = page.show_exports({}, 0, view, shown)
    assert progress.children == []
    assert f"/api/v1/exports/{made['id']}/download" in str(files)
    assert shown == [[made["id"]], [made["id"]]]
    with acting_as(viewer):
        _, files, _ = page.show_exports({}, 0, view, None)
    assert page.Ids.delete not in str(files)


def test_a_failure_stays_until_the_next_export(view):
    job_id = ExportService.submit_export(view["dataset"])
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.status, job.error = JobStatus.FAILED, "The disk is full."
    assert "The disk is full." in str(page.show_exports({}, 0, view, None)[0])


def test_nothing_is_shown_of_a_data_set_that_is_not_there(analyst):
    assert page.show_exports({}, 0, {"dataset": 77}, None) == ([], [], None)


def test_asks_before_it_deletes(view, told):
    made = ExportService.make_export(view["dataset"])
    with triggered_by(f'{{"export":{made["id"]},"type":"{page.Ids.delete}"}}'):
        assert page.ask_first([None]) == (no_update, no_update, no_update)
        question, shown, asked = page.ask_first([1])
    assert (shown, asked) == (True, made["id"])
    assert "b_pumps_b_v1_hdf5.h5" in question
    assert page.delete(None, asked, 0) is no_update
    assert page.delete(1, asked, 0) == 1
    assert told == ["The export is deleted."]
    assert ExportService.list_exports(view["dataset"]) == []
