from __future__ import annotations

import pytest
from dash import no_update

from callbacks import experiment_tags
from layouts.experiment_tags import Ids
from services.actor import acting_as
from services.errors import Conflict, Invalid
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked


@pytest.fixture(autouse=True)
def told(monkeypatch) -> list[str]:
    """What the page says in toasts; there is no page here to put them into."""
    texts: list[str] = []
    monkeypatch.setattr(experiment_tags, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def made(analyst) -> int:
    with unit_of_work() as session:
        return factories.experiment(session, owner_id=analyst.user_id).id


def test_shown_once_and_again_when_something_changed(made, viewer):
    hidden, tags, notes, no_form, typed, archive, restore, drawn = experiment_tags.show(
        {}, made, None
    )
    assert (hidden, no_form, archive, restore) == (False, False, False, True)
    assert "No tags yet" in str(tags)
    assert (notes, typed) == ("", "")
    assert experiment_tags.show({}, made, drawn) == experiment_tags.UNCHANGED
    with acting_as(viewer):
        assert experiment_tags.show({}, made, None)[3] is True
    assert experiment_tags.show({}, 999, None)[0] is True
    assert experiment_tags.show({}, None, None)[0] is True


def test_added_and_taken_off(made):
    *shown, name = experiment_tags.add(1, None, "Größe 1", made, None)
    assert ("Größe 1" in str(shown[1]), name) == (True, "")
    assert "tag%3Agr" in str(shown[1])
    number = shown[-1][0][0]["id"]
    assert [option.value for option in experiment_tags.offer_tags(made)] == ["Größe 1"]
    with clicked({"type": Ids.take, "number": number}):
        shown = experiment_tags.take([1], made, shown[-1])
    assert "No tags yet" in str(shown[1])
    with clicked({"type": Ids.take, "number": number}):
        assert experiment_tags.take([None], made, None) == experiment_tags.UNCHANGED
    assert experiment_tags.add(None, None, "x", made, None)[-1] is no_update
    with pytest.raises(Invalid, match="letters or digits"):
        experiment_tags.add(1, None, None, made, None)


def test_notes_are_written_and_read_by_others(made, viewer, told):
    shown = experiment_tags.write(1, " seen <b>again</b> ", made, None)
    assert shown[4] == "seen <b>again</b>"
    assert told == ["The notes are saved."]
    assert ExperimentService.get_experiment(made)["notes"] == "seen <b>again</b>"
    with acting_as(viewer):
        assert experiment_tags.show({}, made, None)[2] == "seen <b>again</b>"
    assert experiment_tags.write(None, "x", made, None) == experiment_tags.UNCHANGED


def test_what_is_typed_stays_when_others_save(made, told):
    drawn = experiment_tags.show({}, made, None)[-1]
    ExperimentService.write_notes(made, "theirs")
    with pytest.raises(Conflict, match="saved elsewhere meanwhile"):
        experiment_tags.write(1, "mine", made, drawn, "mine")
    assert ExperimentService.get_experiment(made)["notes"] == "theirs"
    _, _, beside, _, box, *_, drawn = experiment_tags.show({}, made, drawn, "mine")
    assert (beside, box) == ("Saved elsewhere meanwhile: theirs", no_update)
    ExperimentService.write_notes(made, "theirs again")
    assert experiment_tags.show({}, made, drawn, "theirs")[4] == "theirs again"
    drawn = experiment_tags.show({}, made, drawn, "mine")[-1]
    saved = experiment_tags.write(1, "theirs again, mine", made, drawn, "theirs again, mine")
    assert saved[2] == ""
    assert ExperimentService.get_experiment(made)["notes"] == "theirs again, mine"


def test_out_of_sight_and_back(made):
    with clicked(Ids.archive):
        shown = experiment_tags.move(1, None, made, None)
    assert (shown[5], shown[6]) == (True, False)
    assert ExperimentService.count_experiments() == 0
    with clicked(Ids.restore):
        shown = experiment_tags.move(1, 1, made, shown[-1])
    assert (shown[5], shown[6]) == (False, True)
    assert ExperimentService.count_experiments() == 1
