from __future__ import annotations

import pytest
from dash import no_update

from callbacks import experiments, experiments_saved, experiments_selection
from layouts.components.grids import NO_ROWS
from layouts.experiments import Ids, build
from layouts.experiments_saved import Ids as Saved
from layouts.experiments_selection import Ids as Selection
from models import Experiment, Job, JobStatus
from services.actor import acting_as
from services.errors import Conflict, Invalid
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from services.search_service import SearchService
from tests import factories
from tests.unit.callbacks.pages import clicked

FIRST = {"startRow": 0, "endRow": 100}


@pytest.fixture(autouse=True)
def told(monkeypatch) -> list[str]:
    """What the page says in toasts; there is no page here to put them into."""
    texts: list[str] = []
    for page in (experiments_saved, experiments_selection):
        monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def made(analyst) -> dict[str, int]:
    with unit_of_work() as session:
        version = factories.trainable_version(session, analyst.user_id)
        given = {"owner_id": analyst.user_id, "version_id": version.id}
        names = ("pump one", "fan two", "pump three")
        return {name: factories.experiment(session, name=name, **given).id for name in names}


def rows_of(query: str, **request) -> list[str]:
    answer = experiments.give_rows({**FIRST, **request}, query, [])[0]
    return [row["name"] for row in answer["rowData"]]


def test_state_and_score_of_a_row(made):
    score = {"value": 0.75, "low": 0.5, "high": 0.9}
    summary = {"recordings": {"balanced_accuracy": score}, "n": {"recordings": 12}}
    with unit_of_work() as session:
        one = session.get_one(Experiment, made["fan two"])
        one.summary = summary
        job = session.get_one(Job, one.job_id)
        job.status, job.fraction = JobStatus.RUNNING, 0.4
    row, *_ = experiments.give_rows(FIRST, "fan", [])[0]["rowData"]
    assert (row["state"], row["classifier"]) == ("training, 40 %", "1-D CNN")
    assert (row["score"], row["interval"], row["recordings"]) == (0.75, "0.50 to 0.90", 12)
    assert row["href"].endswith(f"/experiments/{made['fan two']}")
    other = experiments.give_rows(FIRST, "pump", [])[0]["rowData"][0]
    assert (other["state"], other["score"]) == ("waiting for a worker", None)


def test_given_block_by_block_in_the_order_of_the_head(made):
    answer, told, error, meant, csv, shown = experiments.give_rows(
        {**FIRST, "sortModel": [{"colId": "value.epochs", "sort": "desc"}]},
        "pump",
        ["state", "value.epochs"],
    )
    assert (answer["rowCount"], told) == (2, "2 experiments")
    assert answer["rowData"][0]["value.epochs"] == "2"
    assert (error, meant) == ([], [])
    assert csv == "/api/v1/experiments.csv?query=pump&sort=-epochs&values=epochs"
    assert shown == {
        "query": "pump",
        "sort": "-value.epochs",
        "columns": ["state", "value.epochs"],
        "total": 2,
    }
    later = experiments.give_rows({**FIRST, "startRow": 100}, "pump", [])
    assert later[1:] == (no_update,) * 5
    assert experiments.give_rows(None, "pump", []) == (no_update,) * 6
    by_name = {"sortModel": [{"colId": "name", "sort": "asc"}]}
    assert rows_of("", **by_name) == ["fan two", "pump one", "pump three"]
    assert rows_of("fan", sortModel=[{"colId": "tags", "sort": "asc"}]) == ["fan two"]


def test_an_error_points_at_its_place(made):
    answer, told, error, *_ = experiments.give_rows(FIRST, "pump (fan", [])
    assert (answer, told) == (NO_ROWS, "")
    assert "Character 6: This bracket is not closed." in str(error[0])
    assert [str(part) for part in error[1].children][::2] == ["pump ", "fan"]
    assert error[1].children[1].children == "("
    end = experiments.give_rows(FIRST, "pump OR", [])[2][1].children
    assert (end[0], end[1].children) == ("pump OR", "␣")


def test_what_was_meant_is_a_link(made):
    meant = experiments.give_rows(FIRST, "epoch:>20", [])[3]
    assert "query=epochs%3A%3E20" in str(meant)


def test_an_empty_site_says_how_to_begin(analyst, viewer):
    told, hidden, no_changes = experiments.show_empty(0)
    assert "New experiment" in str(told)
    assert (hidden, no_changes) == (True, True)
    with acting_as(viewer):
        assert "New experiment" not in str(experiments.show_empty(0)[0])


def test_one_that_is_archived_is_not_nothing(made, viewer):
    ExperimentCollectionService.archive_experiments(list(made.values()))
    assert experiments.show_empty(0) == (None, False, False)
    with acting_as(viewer):
        assert experiments.show_empty(0) == (None, False, True)
    assert experiments.give_rows(FIRST, "archived:yes", [])[0]["rowData"][0]["archived"]


def test_columns_can_be_every_metric_and_setting(made):
    values = {option["value"] for option in experiments.list_columns("")}
    assert {"state", "tags", "value.epochs", "value.split.by"} <= values
    shown = [column["colId"] for column in experiments.show_columns(["value.epochs", "state"])]
    assert shown == ["name", "state", "value.epochs"]


def test_the_address_says_what_is_shown():
    page = build(query="pump", sort="-value.epochs", columns="value.epochs,bad,tags")
    found = {c.id: c for c in page._traverse() if isinstance(getattr(c, "id", None), str)}
    assert found[Ids.query].value == "pump"
    assert found[Ids.columns].value == ["value.epochs", "tags"]
    columns = {column["colId"]: column for column in found[Ids.grid].columnDefs}
    assert list(columns) == ["name", "tags", "value.epochs"]
    assert columns["value.epochs"]["initialSort"] == "desc"


SHOWN = {"query": "pump", "total": 2}


def change(button: str, selected, tag: str = "", every: bool = False):
    with clicked(button):
        rows = [{"id": str(number)} for number in selected]
        return experiments_selection.change(1, 1, 1, 1, rows, every, SHOWN, tag, 4)


def test_many_are_tagged_and_untagged(made, told):
    assert change(Selection.add, list(made.values())[:2], "Seen again") == (5, False)
    assert rows_of("tag:seen-again sort:name") == ["fan two", "pump one"]
    assert change(Selection.take, [made["fan two"]], "SEEN again") == (5, False)
    assert rows_of("tag:seen-again") == ["pump one"]
    assert change(Selection.add, [], "all", every=True) == (5, False)
    assert rows_of("tag:all sort:name") == ["pump one", "pump three"]
    assert [option.value for option in experiments_selection.offer_tags(0)] == ["all", "Seen again"]
    assert told == [
        "“Seen again” added to 2 experiments.",
        "“SEEN again” taken off 1 experiment.",
        "“all” added to 2 experiments.",
    ]
    with pytest.raises(Invalid, match="There is no tag “no”"):
        change(Selection.take, [made["fan two"]], "no")


def test_many_are_archived_and_restored(made):
    change(Selection.archive, [made["fan two"]])
    assert rows_of("fan") == []
    change(Selection.restore, [made["fan two"]])
    assert rows_of("fan") == ["fan two"]


def test_deleting_asks_first(made, analyst):
    rows = [{"id": str(made["fan two"])}]
    with pytest.raises(Conflict, match="Cancel it first"):
        experiments_selection.plan(1, rows, False, SHOWN)
    ExperimentService.cancel_experiment(made["fan two"])
    is_open, text, planned = experiments_selection.plan(1, rows, False, SHOWN)
    assert (is_open, planned) == (True, [made["fan two"]])
    assert "fan two" in str(text)
    assert experiments_selection.put_off(1) is False
    assert rows_of("fan") == ["fan two"]
    assert experiments_selection.delete(1, planned, 4) == (5, False, False)
    assert rows_of("fan") == []
    assert experiments_selection.delete(None, planned, 4) == (no_update,) * 3


@pytest.mark.parametrize(
    ("selected", "every", "total", "told", "idle"),
    [
        (0, False, 9, "Select experiments", True),
        (2, False, 9, "2 selected", False),
        (0, True, 9, "All 9 that are found", False),
        (0, True, 1001, "Narrow the search down", True),
        (0, True, 0, "All 0", True),
    ],
)
def test_what_is_selected_is_counted(selected, every, total, told, idle):
    text, *disabled = experiments_selection.count_selected(
        [{"id": "1"}] * selected, every, {"total": total}
    )
    assert told in text
    assert disabled == [idle] * 5


def test_searches_are_saved_used_pinned_and_deleted(made, analyst):
    saved, pinned, name = experiments_saved.save(1, "pumps", "pump")
    assert ("pumps" in str(saved), pinned, name) == (True, [], "")
    with unit_of_work(writing=False) as session:
        number = SearchService.get_saved_searches(session, analyst.user_id)[0].id

    def act(verb: str):
        asked = {"type": Saved.act, "verb": verb, "place": "list", "number": number}
        with clicked(asked):
            return experiments_saved.act([1])

    assert act("pin")[1][0].children == "pumps"
    assert experiments_saved.save(1, "pumps", "pump sort:name")[1][0].children == "pumps"
    saved, _, query = act("use")
    assert query == "pump sort:name"
    assert "used 1 ×" in str(saved)
    assert act("pin")[1] == []
    assert "None yet" in str(act("delete")[0])
    assert experiments_saved.save(None, "x", "y") == (no_update,) * 3


def test_chosen_rows_with_a_result_are_compared():
    rows = [{"id": "3", "score": 0.9}, {"id": "5", "score": None}, {"id": "8", "score": 0.8}]
    named = "?experiments=3%2C8"
    assert experiments.choose(rows) == (f"/compare{named}", f"/vote{named}", False)
    assert experiments.choose(rows[:2]) == ("/compare?experiments=3", "/vote?experiments=3", True)
    assert experiments.choose(None) == ("/compare", "/vote", True)
