import json

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import experiment, experiment_leakage, experiment_members, vote
from diagnostics.progress import silent
from services.actor import acting_as
from services.ensemble_service import EnsembleService
from services.errors import Invalid
from services.experiment_service import ExperimentService
from tasks.ensembles import vote_together
from tests.compared import answered, wide_version

SOFT = ("soft", "equal", [], [])


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def pair(analyst):
    version = wide_version()
    return [answered(version, "Sharp"), answered(version, "Blunt", ["worn 3"])]


def test_the_address_decides_who_votes(pair, viewer):
    options, value, hidden = vote.show_choices({"experiments": [pair[1], 999]})
    assert (value, hidden) == ([pair[1], 999], False)
    assert options[-1]["label"] == "Not found (experiment 999)"
    assert "There is no experiment 999." in text(vote.show_plan(value, *SOFT))
    with acting_as(viewer):
        assert vote.show_choices({"experiments": []})[2]


def test_what_is_tested_is_shown_before(pair):
    drawn, disabled = vote.show_plan(pair, *SOFT)
    assert not disabled
    assert "12 recordings: healthy 6, worn 6" in text(drawn)
    assert "Choose two experiments or more" in text(vote.show_plan(pair[:1], *SOFT))


def test_typed_weights_are_those_of_the_members_in_any_order(pair):
    fields = vote.show_weights(pair, "typed")
    assert "Weight of Blunt" in text(fields)
    # By its surroundings: a label that names the id of a pattern belongs to no field.
    assert all(type(one.children).__name__ == "Label" for one in fields)
    assert vote.show_weights(pair, "equal") == []
    ids = [{"type": "vote-weight", "member": number} for number in reversed(pair)]
    drawn, _ = vote.show_plan(pair, "hard", "typed", [1, 3], ids)
    assert "0.750" in text(drawn)
    assert "Type a weight above 0" in text(vote.show_plan(pair, "hard", "typed", [None, 3], ids))


def test_one_click_makes_it_and_leads_there(pair, monkeypatch):
    said = []
    monkeypatch.setattr(vote, "tell", lambda words, level="success": said.append(words))
    address = vote.submit(1, pair, *SOFT, "Both")
    made = int(address.rsplit("/", 1)[1])
    assert ExperimentService.get_experiment(made)["name"] == "Both"
    assert said == ["“Both” waits for a worker."]
    with pytest.raises(Invalid, match="Give the experiment a name"):
        vote.submit(1, pair, *SOFT, "")


def test_the_page_of_a_vote_shows_its_members(pair):
    made = EnsembleService.create_ensemble("Both", pair)["id"]
    waiting, _ = experiment_members.show({}, made, None)
    assert "–" in text(waiting)
    vote_together(silent, made)
    drawn, now = experiment_members.show({}, made, None)
    for part in ("Sharp", "Blunt", "0.500", "0.92", "the same 12 recordings", "/vote?experiments="):
        assert part in text(drawn)
    unchanged, _ = experiment_members.show({}, made, now)
    assert unchanged is no_update
    head, _, _, settings, *_ = experiment.show_experiment({}, made, None)
    assert "Voting ensemble on" in text(head)
    assert "New from this" not in text(head)
    assert "Tested on" in text(settings)
    assert "As JSON" not in text(settings)
    assert experiment_leakage.show({}, made, None)[4:6] == (True, True)
    used, _ = experiment_members.show({}, pair[0], None)
    assert "Votes in" in text(used)
