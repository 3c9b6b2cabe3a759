from __future__ import annotations

from contextlib import suppress

import pytest
from dash import no_update

from callbacks import import_data
from diagnostics.progress import silent
from layouts.import_data import NOT_CHOSEN, SHARED
from models import JobKind, JobStatus
from services import dataset_service
from services.actor import acting_as
from services.dataset_service import MAX_DATASET_LIST_LIMIT, DatasetService
from services.errors import Conflict, Invalid
from services.job_service import JobService
from services.runtime import unit_of_work
from tasks.imports import import_recordings, preview_import
from tests import factories
from tests.unit.tasks.test_imports import uploaded


@pytest.fixture
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(import_data, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def uploads(analyst):
    return [
        {"id": uploaded("ball/good.csv", b"1\n2\n3\n" * 20), "name": "ball/good.csv"},
        {"id": uploaded("bad.mat", b"nonsense"), "name": "bad.mat"},
    ]


def typed(**given):
    return [given.get(name, NOT_CHOSEN if name == "unit" else None) for name in SHARED]


def finish(job_id, result):
    """As if a worker had done the job."""
    from models import Job

    with unit_of_work() as session:
        job = session.get(Job, job_id)
        job.status, job.result = JobStatus.DONE, result


@pytest.fixture
def ready(uploads, sent):
    job_id = import_data.start_preview(uploads, None, NOT_CHOSEN, None)
    assert sent == [(JobKind.PREVIEW_IMPORT, job_id)]
    finish(job_id, preview_import(silent, [one["id"] for one in uploads], "", job_id, {}))
    return job_id


def shown(ready, values, own=None, page=1, only=NOT_CHOSEN, search=""):
    """Summary, table, what the pattern finds, and whether the import cannot begin."""
    return import_data.show_preview(ready, page, only, search, NOT_CHOSEN, own, *values, [], [])[:4]


def begin(ready, target, dataset_id, name, values, entries=(), ids=(), clicks=1, kept=None):
    return import_data.start_import(
        clicks, ready, target, dataset_id, name, False, NOT_CHOSEN, kept, *values,
        list(entries), list(ids),
    )  # fmt: skip


def text_of(component) -> str:
    return str(component)


def test_only_data_sets_that_may_be_changed_are_offered(analyst):
    assert import_data.show_datasets(None, None) == ([], None, "new", no_update)
    mine = DatasetService.create("pumps")
    options, chosen, target, name = import_data.show_datasets(None, mine, "pumps")
    assert (options[0]["value"], chosen, target) == (mine, mine, "existing")
    assert name is no_update


def test_a_name_that_an_import_has_taken_is_not_offered_again(analyst):
    DatasetService.create("pumps")
    assert import_data.show_datasets(7, None, "pumps ")[3] == ""
    assert import_data.show_datasets(7, None, "fans")[3] is no_update


def test_every_data_set_can_be_chosen(analyst):
    for number in range(MAX_DATASET_LIST_LIMIT + 1):
        last = DatasetService.create(f"rig {number:03d}")
    options, chosen, *_ = import_data.show_datasets(None, last)
    assert (len(options), chosen) == (MAX_DATASET_LIST_LIMIT + 1, last)
    assert options[-1]["label"] == "rig 100 (0 recordings)"


def test_no_files_no_preview(analyst, sent):
    assert import_data.start_preview(None, None, NOT_CHOSEN, None) is no_update
    assert import_data.start_preview([], None, NOT_CHOSEN, 7) is None
    assert import_data.follow_preview({}, None, None) == ([], no_update)
    assert import_data.follow_preview({}, None, 7) == ([], None)
    assert import_data.follow_import({}, None, None) == (no_update, no_update)
    _, table, found, disabled = shown(None, typed())
    assert "Nothing to look at yet" in text_of(table)
    assert (found, disabled) == ([], True)


def test_the_preview_is_followed_until_it_is_there(uploads, sent):
    job_id = import_data.start_preview(uploads, None, NOT_CHOSEN, None)
    progress, ready = import_data.follow_preview({}, job_id, None)
    assert "progressbar" in text_of(progress)
    assert ready is no_update
    finish(job_id, {"files": []})
    assert import_data.follow_preview({}, job_id, None) == ([], job_id)
    assert import_data.follow_preview({}, job_id, job_id) == ([], no_update)


def test_the_table_says_what_is_wrong_and_what_is_missing(ready):
    summary, table, _, disabled = shown(ready, typed())
    assert "1 file cannot be read" in text_of(summary)
    assert "1 file needs a value" in text_of(summary)
    assert "must be typed" in text_of(table)
    assert not disabled
    filled = shown(ready, typed(sample_rate_hz=100, unit="g"))
    assert "must be typed" not in text_of(filled[1])
    assert "needs a value" not in text_of(filled[0])


def test_a_pattern_is_tried_while_it_is_typed(ready):
    _, table, found, _ = shown(ready, typed(pattern="{label}/*"))
    assert "Strong('ball')" in text_of(found)
    assert "Div('ball')" in text_of(table)
    wrong = shown(ready, typed(pattern="{label"))[2]
    assert "pattern-problem" in text_of(wrong)


def test_what_must_be_typed_keeps_the_import_back(ready):
    with pytest.raises(Invalid, match=r"ball/good\.csv needs its sampling rate and its unit"):
        begin(ready, "new", None, "x", typed())
    enough = typed(sample_rate_hz=100, unit="g")
    with pytest.raises(Invalid, match="Choose the data set"):
        begin(ready, "existing", None, "", enough)
    idle = begin(ready, "new", None, "", enough, clicks=None)
    assert idle is no_update


def test_an_import_that_cannot_begin_leaves_no_data_set(ready):
    absurd = typed(sample_rate_hz=1e12, unit="g")
    with pytest.raises(Invalid, match="sampling rate"):
        begin(ready, "new", None, "pumps", absurd)
    assert DatasetService.count_datasets() == 0


def test_a_second_click_imports_nothing_twice(ready, told):
    enough = typed(sample_rate_hz=100, unit="g")
    for name in ("pumps", "pumps again"):
        with suppress(Conflict):
            begin(ready, "new", None, name, enough)
    assert JobService.count_jobs(kind="import_recordings") == 1
    assert DatasetService.count_datasets() == 1


def test_imports_and_tells_file_by_file(ready, uploads, sent, told):
    own_ids = [{"type": "own", "file": uploads[0]["id"], "name": "unit"}]
    values = typed(sample_rate_hz=100)
    job_id = begin(ready, "new", None, "pumps", values, ["mm/s"], own_ids)
    assert sent[-1] == (JobKind.IMPORT_RECORDINGS, job_id)
    progress, finished = import_data.follow_import({}, job_id, None)
    assert "progressbar" in text_of(progress)
    assert finished is no_update
    dataset_id = int(JobService.get_job(job_id)["subject"].partition(":")[2])
    ids = [one["id"] for one in uploads]
    own = {uploads[0]["id"]: {"unit": "mm/s"}}
    finish(job_id, import_recordings(silent, ids, dataset_id, "", {"sample_rate_hz": 100}, own))
    result, finished = import_data.follow_import({}, job_id, None)
    assert "1 recording imported. " in text_of(result)
    assert "Not imported" in text_of(result)
    assert "What was refused stays under “Files”" in text_of(result)
    assert finished == job_id
    assert import_data.follow_import({}, job_id, job_id) == (no_update, no_update)
    assert told == ["The import has begun."]


def test_a_failed_import_is_told(ready, analyst, sent, told):
    dataset_id = DatasetService.create("pumps")
    values = typed(sample_rate_hz=100, unit="g")
    job_id = begin(ready, "existing", dataset_id, "", values)
    JobService.cancel(job_id)
    assert "The import failed" in text_of(import_data.follow_import({}, job_id, None)[0])


def test_values_for_single_files_are_kept_over_pages(ready, uploads):
    key = uploads[0]["id"]
    entries = [{"type": "own", "file": key, "name": name} for name in ("unit", "label")]
    arguments = (ready, 1, NOT_CHOSEN, "", NOT_CHOSEN)
    shown = import_data.show_preview(
        *arguments, {"other": {"unit": "V"}}, *typed(), ["g", ""], entries
    )
    assert shown[4] == {"other": {"unit": "V"}, key: {"unit": "g"}}
    elsewhere = import_data.show_preview(*arguments, shown[4], *typed(), [], [])
    assert elsewhere[4] == shown[4]
    cleared = import_data.show_preview(*arguments, shown[4], *typed(), [NOT_CHOSEN], entries[:1])
    assert cleared[4] == {"other": {"unit": "V"}}


def test_filters_leave_pages(ready):
    assert import_data.narrow(None, None, None)[0]
    assert import_data.narrow(ready, NOT_CHOSEN, "")[:3] == (False, 1, 1)
    assert "No file is like that" in text_of(shown(ready, typed(), search="nothing")[1])
    assert "bad.mat" not in text_of(shown(ready, typed(), only="lacking")[1])


def test_a_preview_that_is_remembered_is_not_made_again(ready, uploads, viewer):
    assert import_data.start_preview(uploads, None, NOT_CHOSEN, ready) is no_update
    unknown = {"folder": "", "names": [], "unknown": True}
    assert import_data.start_preview([], unknown, NOT_CHOSEN, ready) is no_update
    fewer = import_data.start_preview(uploads[:1], None, NOT_CHOSEN, ready)
    assert fewer not in (ready, no_update)
    # Another person in the same tab: nothing of it is shown.
    with acting_as(viewer):
        assert "Nothing to look at yet" in text_of(shown(ready, typed())[1])
        assert import_data.narrow(ready, NOT_CHOSEN, "")[0]
    assert import_data.follow_preview({}, 999, None) == ([], no_update)


def test_the_data_set_of_the_address_is_offered_however_old_it_is(analyst, viewer, monkeypatch):
    for module in (import_data, dataset_service):
        monkeypatch.setattr(module, "MOST_OFFERED", 1)
    old, archived = DatasetService.create("old"), DatasetService.create("archived")
    DatasetService.archive_dataset(archived)
    newest = DatasetService.create("newest")
    options, chosen, *_ = import_data.show_datasets(None, old)
    assert [one["value"] for one in options] == [newest, old, "-older"]
    assert (chosen, options[-1]["disabled"]) == (old, True)
    assert import_data.show_datasets(None, archived)[1] is None
    with unit_of_work() as session:
        foreign = factories.dataset(session).id
    assert import_data.show_datasets(None, foreign)[1] is None
