"""Rows and JSON of a search space say the same, in both directions."""

from __future__ import annotations

import json

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks.campaigns import new_campaign, space_editor
from diagnostics.training.classifiers import CLASSIFIERS
from layouts.campaigns.space_rows import FIELDS, fields_of, listed, space_of, values_of
from services.errors import Invalid
from services.hpo_service import HPOService

ODD = {
    "loss": {"type": "categorical", "choices": ["cross_entropy", "focal"]},
    "focal_gamma": {"type": "float", "low": 0.5, "high": 4.0, "when": {"loss": ["focal"]}},
    "window": {"type": "int", "low": 1024, "high": 4096, "step": 512},
    "patience": {"type": "categorical", "choices": [1, "1", True, None, "a, b", 'say "x"']},
}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def typed(space) -> list[str]:
    """What the controls say, row by row."""
    return [row[name] for row in fields_of(space) for name in FIELDS]


def asked(monkeypatch, triggered, value="x"):
    class Context:
        triggered_id = triggered

    Context.triggered = [{"prop_id": "it.value" if value else "it.n_clicks", "value": value}]
    monkeypatch.setattr(space_editor, "ctx", Context)


@pytest.mark.parametrize("classifier", [card.name for card in CLASSIFIERS])
def test_the_usual_space_of_every_classifier_comes_back(analyst, classifier):
    space = HPOService.get_default_search_space(classifier)
    assert space_of(fields_of(space)) == space


def test_odd_choices_and_conditions_come_back():
    assert space_of(fields_of(ODD)) == ODD
    assert values_of(listed(["16", 16, "a, b", False])) == ["16", 16, "a, b", False]


def test_json_writes_the_rows(analyst, monkeypatch):
    asked(monkeypatch, "new-campaign-space")
    rows, written, told = space_editor.edit(json.dumps(ODD), [], [], None, "cnn1d", None)
    assert (written, told) == (no_update, None)
    assert "Lowest value of focal_gamma" in text(rows)
    assert "loss: focal" in text(rows)
    for wrong in ("{", "[]", '{"window": 3}'):
        rows, _, told = space_editor.edit(wrong, [], [], None, "cnn1d", None)
        assert rows is no_update
        assert "The rows stay as they are" in told


def test_a_row_writes_the_json(analyst, monkeypatch):
    fields = typed(ODD)
    fields[len(FIELDS) + FIELDS.index("high")] = "8"
    asked(monkeypatch, {"type": "new-campaign-space-field", "name": "high", "place": 1})
    rows, written, _ = space_editor.edit("", fields, [], None, "cnn1d", None)
    assert rows is no_update  # the focus stays where it is
    assert json.loads(written)["focal_gamma"]["high"] == 8
    # Another kind has other controls.
    asked(monkeypatch, {"type": "new-campaign-space-field", "name": "kind", "place": 1})
    fields[len(FIELDS) + FIELDS.index("kind")] = "categorical"
    rows, written, _ = space_editor.edit("", fields, [], None, "cnn1d", None)
    assert rows is not no_update
    assert json.loads(written)["focal_gamma"]["choices"] == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("low", "abc", "“low” of “focal_gamma” must be a number, got 'abc'"),
        ("low", "", "must be a number, got None"),
        ("low", "9", "goes from 9 down to 4"),
        ("step", "-1", "must be above 0"),
        ("when", "loss", "“when” of “focal_gamma” must be an object"),
        ("when", "loss: tender", "that it never has: 'tender'"),
    ],
)
def test_mistakes_in_rows_have_a_sentence(analyst, monkeypatch, field, value, sentence):
    space = {name: ODD[name] for name in ("loss", "focal_gamma")}
    fields = typed(space)
    fields[len(FIELDS) + FIELDS.index(field)] = value
    asked(monkeypatch, {"type": "new-campaign-space-field", "name": field, "place": 1})
    _, written, _ = space_editor.edit("", fields, [], None, "cnn1d", None)
    assert sentence in text(new_campaign.check_space(written, "cnn1d", 9, 2048, "{}"))


def test_rows_come_and_go(analyst, monkeypatch):
    fields = typed(ODD)
    asked(monkeypatch, "new-campaign-space-add")
    rows, written, told = space_editor.edit("", fields, [], 1, "cnn1d", "augmentation.noise_low_db")
    assert told is None
    assert list(json.loads(written)) == [*ODD, "augmentation.noise_low_db"]
    assert "augmentation.noise_low_db" in text(rows)
    for name, sentence in ((None, "Choose a setting"), ("loss", "is searched already")):
        assert sentence in space_editor.edit("", fields, [], 2, "cnn1d", name)[2]
    asked(monkeypatch, {"type": "new-campaign-space-remove", "place": 2}, value=1)
    _, written, _ = space_editor.edit("", fields, [1], None, "cnn1d", None)
    assert list(json.loads(written)) == ["loss", "focal_gamma", "patience"]
    # Buttons that are drawn were not pressed by that.
    asked(monkeypatch, {"type": "new-campaign-space-remove", "place": 2}, value=None)
    assert space_editor.edit("", fields, [None], None, "cnn1d", None) == (no_update,) * 3


def test_what_can_be_added_is_what_can_be_searched(analyst):
    assert "parameters.width" in space_editor.offer("cnn1d")
    assert "epochs" not in space_editor.offer("svm")
    for name in space_editor.offer("cnn1d"):
        assert HPOService.suggest_dimension("cnn1d", name)["type"]
    with pytest.raises(Invalid, match="nothing that can be searched for"):
        HPOService.suggest_dimension("svm", "epochs")
