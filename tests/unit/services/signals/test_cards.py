from __future__ import annotations

import pytest

from diagnostics.signals.recording_file import content_hash
from models import Origin
from services.runtime import unit_of_work
from services.signals.plots import PlotKind
from tests import factories
from tests.striking import SIGNAL, plot


@pytest.mark.parametrize("kind", list(PlotKind))
def test_every_plot_has_a_card_with_what_made_it(striking_id, kind):
    view = plot(kind, striking_id, start_s=1.0, stop_s=3.0)
    card = dict(view["card"])
    assert card["Data"] == content_hash(SIGNAL)
    assert card["Sampling rate"] == "10000 Hz"
    assert card["Time"] == "1 to 3 s, 20000 samples"
    assert card["Speed"] == "1500 rpm, recorded (file)"
    assert card["Processing"] == "none"
    assert (view["kind"], view["start_s"], view["stop_s"]) == (kind.value, 1.0, 3.0)
    assert (view["speed_rpm"], view["shaft_hz"]) == (1_500, 25)
    if view["values"].size:
        assert view["values"].shape == (view["y"].size, view["x"].size)
    else:
        assert view["x"].shape == view["y"].shape


def test_a_speed_is_called_after_whom_it_is_from(striking_id):
    typed = dict(plot("density", striking_id, speed=1_480.5)["card"])
    assert typed["Speed"] == "1480.5 rpm, typed"
    card = dict(plot("spectrum", striking_id, speed_source="estimated")["card"])
    assert ("Speed" in card) == ("No estimate" not in card["Notes"])
    assert "Looked for from 1350 to 1650 rpm" in card["Notes"]


def test_what_is_generated_says_so(analyst):
    with unit_of_work() as session:
        made = factories.recording(session, SIGNAL, origin=Origin.GENERATED).id
    assert "generated, not measured" in dict(plot("spectrum", made)["card"])["Notes"]
