from __future__ import annotations

import pytest

from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signals import parts
from services.signals.plots import PlotKind
from tests import factories
from tests.striking import COUNT, SIGNAL, plot


@pytest.mark.parametrize("kind", list(PlotKind))
def test_every_plot_is_made_of_the_processed_samples(striking_id, kind):
    settings = {"unit": "mm/s", "high_pass": 20, "rate": 8_000, "detrend": "mean"}
    view = plot(kind, striking_id, **settings)
    assert (view["unit"], view["sample_rate_hz"]) == ("mm/s", 8_000)
    assert dict(view["card"])["Processing"] == (
        "mean taken off; integrated from m/s² to mm/s with a high-pass at 20 Hz; "
        "resampled from 10000 to 8000 Hz"
    )
    assert "The processing disturbs the first and the last" in " ".join(view["notes"])
    assert view["x"].max() <= (4_000 if view["kind"] != "cepstrum" else 5)


@pytest.mark.parametrize("kind", list(PlotKind))
def test_too_few_samples_and_foreign_units_are_refused_by_every_plot(striking_id, kind):
    with pytest.raises(Invalid):
        plot(kind, striking_id, start_s=1.0, stop_s=1.0003)
    with pytest.raises(Invalid, match="A low-pass filter needs an upper edge"):
        plot(kind, striking_id, filter="low")
    with pytest.raises(NotFound, match="no recording 999"):
        plot(kind, 999)


def test_a_long_time_is_cut_to_its_middle_and_the_card_says_so(striking_id, monkeypatch):
    monkeypatch.setattr(parts, "MOST_SAMPLES", 10_000)
    view = plot("spectrum", striking_id)
    assert (view["sample_count"], view["chosen_count"]) == (10_000, COUNT)
    assert "middle 10,000 of 100,000 chosen samples" in dict(view["card"])["Notes"]
    assert plot("density", striking_id, overlap=0.9)["sample_count"] == 4_000
    averaged = plot("spectrum", striking_id, overlap=0.9, averaging="linear")
    assert averaged["sample_count"] == 4_000
    assert plot("spectrum", striking_id, overlap=0.9)["sample_count"] == 10_000


@pytest.mark.parametrize(
    ("chosen", "factor", "title"),
    [
        ({}, 1.0, "Frequency [Hz]"),
        ({"x": "cpm"}, 60.0, "Frequency [CPM]"),
        ({"x": "orders"}, 1 / 25, "Order [× shaft speed]"),
        ({"x": "orders", "speed": 3_000}, 1 / 50, "Order [× shaft speed]"),
    ],
)
def test_the_axis_counts_what_was_chosen(striking_id, chosen, factor, title):
    view = plot("spectrum", striking_id, **chosen)
    assert (view["x_factor"], view["x_title"]) == (pytest.approx(factor), title)
    assert view["axis"] == chosen.get("x", "hz")
    assert view["x_span"] == (0, 5_000)  # in Hz all the same


def test_without_a_speed_there_are_no_orders_and_it_is_said(analyst):
    with unit_of_work() as session:
        unknown = factories.recording(session, SIGNAL).id
    view = plot("spectrum", unknown, x="orders")
    assert (view["axis"], view["x_factor"], view["speed_rpm"]) == ("hz", 1, None)
    assert (
        "Shown in Hz, since orders need a speed. The recording has no speed." in view["notes"][-1]
    )
    assert "Speed" not in dict(view["card"])
