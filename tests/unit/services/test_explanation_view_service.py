import numpy as np
import pytest

from diagnostics.progress import silent
from services.explanation_view_service import ExplanationViewService
from services.xai_service import XAIService
from tasks.explanations import explain_recording
from tests.trained import SAMPLES, trained_experiment


@pytest.fixture
def explained(analyst):
    made = trained_experiment(epochs=1)
    rows = XAIService.list_recordings(made)
    recording = next(row["recording_id"] for row in rows if row["name"] == "worn 2")
    explain_recording(silent, made, recording, "worn")
    return made, recording


def test_what_is_not_explained_is_not_shown(explained):
    assert ExplanationViewService.show(*explained, "healthy") is None
    assert ExplanationViewService.show(999, explained[1], "worn") is None


def test_the_recording_and_its_strongest_window_are_shown(explained):
    view = ExplanationViewService.show(*explained, "worn")
    assert (view["recording"], view["true_class"], view["side"]) == ("worn 2", "worn", "test")
    assert view["generated"] is False
    assert (view["channel"], view["unit"]) == ("signal", "g")
    assert sum(view["probabilities"]) == pytest.approx(1)
    assert len(view["of_target"]) == len(view["starts_s"]) == view["available"] == 6
    whole, close = view["whole"], view["close"]
    assert whole["times_s"][-1] == pytest.approx(SAMPLES / 12_000, rel=0.01)
    assert np.nanmax(whole["attribution"]) == pytest.approx(view["top"], rel=1e-3)
    assert close["times_s"].size == 1024
    assert close["times_s"][0] == pytest.approx(view["starts_s"][view["chosen"]])
    assert close["attribution"].max() == pytest.approx(view["top"], rel=1e-3)


def test_a_window_can_be_chosen_and_one_that_is_not_there_is_not(explained):
    assert ExplanationViewService.show(*explained, "worn", 4)["chosen"] == 4
    strongest = ExplanationViewService.show(*explained, "worn")["chosen"]
    assert ExplanationViewService.show(*explained, "worn", 99)["chosen"] == strongest
