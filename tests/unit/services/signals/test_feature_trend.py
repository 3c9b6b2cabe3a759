from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.signal import Channel, Signal, Unit
from services.errors import Invalid
from services.feature_service import FeatureService
from services.runtime import unit_of_work
from services.signal_overview_service import SignalOverviewService
from tests import factories

RATE_HZ = 1_000.0
CHANNELS = (Channel("radial", Unit.ACCELERATION_G), Channel("axial", Unit.ACCELERATION_G))


@pytest.fixture
def rig(analyst):
    """Five recordings of 1 s and two channels that get louder, and a data set beside them."""
    noise = np.random.default_rng(1).normal(size=(5, 2, 1_000)).astype(np.float32)
    with unit_of_work() as session:
        dataset, other = factories.dataset(session, name="rig"), factories.dataset(session)
        made = [
            factories.recording(
                session,
                Signal((number + 1) * samples, RATE_HZ, CHANNELS),
                name=f"day {number}",
                dataset_id=dataset.id,
            ).id
            for number, samples in enumerate(noise)
        ]
        factories.version(session, dict.fromkeys(made), dataset.id)
        elsewhere = factories.recording(
            session, Signal(noise[0], RATE_HZ, CHANNELS), name="elsewhere", dataset_id=other.id
        ).id
        factories.version(session, {elsewhere: None}, other.id)
        return {
            "dataset": dataset.id,
            "recordings": made,
            "elsewhere": elsewhere,
            "noise": noise * np.arange(1, 6)[:, None, None],
        }


def extracted(rig, **config):
    config = {"window": 256, "overlap": 0.0, **config}
    return FeatureService.make_feature_set(rig["dataset"], "levels", ["time"], config)[
        "feature_set_id"
    ]


def asked(feature_set=None, feature="RMS@1"):
    return {"quantity": "feature", "features": feature_set, "feature": feature}


def test_median_lowest_and_highest_window_of_each_recording(rig):
    made = extracted(rig)
    view = SignalOverviewService.trend(rig["recordings"][2], 0, asked(made))
    assert view["names"] == [f"day {number}" for number in range(5)]
    windows = rig["noise"][:, 0, :768].reshape(5, 3, 256)
    expected = windows.std(axis=2)  # RMS without the mean
    median, lowest, highest = (curve["values"] for curve in view["curves"])
    np.testing.assert_allclose(median, np.median(expected, axis=1), rtol=1e-5)
    np.testing.assert_allclose(lowest, expected.min(axis=1), rtol=1e-5)
    np.testing.assert_allclose(highest, expected.max(axis=1), rtol=1e-5)
    assert {curve["unit"] for curve in view["curves"]} == {"g"}
    assert view["curves"][0]["title"] == "RMS, median window"
    assert "from the feature set “levels”, version 1" in view["notes"][-1]


def test_one_window_each_is_one_curve(rig):
    view = SignalOverviewService.trend(rig["recordings"][0], 0, asked(extracted(rig, window=1_000)))
    assert [curve["title"] for curve in view["curves"]] == ["RMS"]


def test_the_newest_set_and_its_first_feature_are_taken_where_none_is_named(rig):
    extracted(rig)
    newest = extracted(rig, window=512)
    view = SignalOverviewService.trend(rig["recordings"][0], 0, {"quantity": "feature"})
    assert "version 2" in view["notes"][-1]
    named = SignalOverviewService.trend(rig["recordings"][0], 0, asked(newest, ""))
    np.testing.assert_array_equal(named["curves"][0]["values"], view["curves"][0]["values"])


def test_recordings_that_the_set_has_not_are_counted(rig):
    made = extracted(rig)
    with unit_of_work() as session:
        late = factories.recording(
            session,
            Signal(rig["noise"][0].astype(np.float32), RATE_HZ, CHANNELS),
            name="late",
            dataset_id=rig["dataset"],
        ).id
        members = dict.fromkeys([*rig["recordings"], late])
        factories.version(session, members, rig["dataset"], number=2)
    view = SignalOverviewService.trend(late, 0, asked(made))
    assert view["curves"][0]["at"].tolist() == [0, 1, 2, 3, 4]
    assert view["notes"][-1] == "1 of 6 recordings do not have it"


@pytest.mark.parametrize(
    ("channel", "feature", "told"),
    [
        (1, "RMS@1", "These features are of channel 0, counted from 0, and not of “axial”."),
        (0, "RMS@99", "The table has no feature “RMS@99”."),
    ],
)
def test_what_the_set_has_not_is_refused(rig, channel, feature, told):
    made = extracted(rig)
    with pytest.raises(Invalid, match=told):
        SignalOverviewService.trend(rig["recordings"][0], channel, asked(made, feature))


def test_a_set_of_another_data_set_is_refused(rig):
    made = extracted(rig)
    with pytest.raises(Invalid, match=f"no feature set {made}"):
        SignalOverviewService.trend(rig["elsewhere"], 0, asked(made))
    with pytest.raises(Invalid, match="no features have been extracted yet"):
        SignalOverviewService.trend(rig["elsewhere"], 0, asked())


def test_the_trend_of_a_feature_is_saved(rig):
    settings = {"over": "trend", **asked(extracted(rig))}
    file = SignalOverviewService.export_overview(rig["recordings"][0], 0, settings)
    head = next(line for line in file["content"].splitlines() if not line.startswith("#"))
    assert head.endswith('"RMS, median window [g]",lowest window [g],highest window [g]')
