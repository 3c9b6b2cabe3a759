from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import update

from diagnostics.progress import silent
from diagnostics.signals.signal import Channel, Signal, Unit
from models import Origin, RecordingChannel
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import NotFound
from services.runtime import unit_of_work
from services.waveform_service import WaveformService
from tasks.datasets import measure_recordings

pytestmark = pytest.mark.database
CHANNELS = (Channel("x", Unit.ACCELERATION_G), Channel("y", Unit.VELOCITY))


@pytest.fixture
def samples():
    return np.random.default_rng(4).normal(size=(3, 2, 5_000)).astype(np.float32)


@pytest.fixture
def dataset_id(analyst, samples):
    """Two balls and one inner race, each with two channels."""
    made = DatasetService.create("pumps")
    stored = [
        store_samples(Signal(one, 1_000.0, CHANNELS), About(f"r{n}", Origin.IMPORTED, label=label))
        for n, (one, label) in enumerate(zip(samples, ("ball", "ball", "inner"), strict=True))
    ]
    DatasetService.add_recordings(made, stored, "import")
    return made


def forget():
    with unit_of_work() as session:
        session.execute(update(RecordingChannel).values(rms=None, kurtosis=None))


def test_statistics_are_those_of_the_samples(dataset_id, samples):
    found = WaveformService.get_statistics(dataset_id)
    assert found["unmeasured"] == 0
    keys = [(row["channel"], row["label"], row["unit"], row["recordings"]) for row in found["rows"]]
    assert keys == [
        ("x", "ball", "g", 2),
        ("x", "inner", "g", 1),
        ("y", "ball", "mm/s", 2),
        ("y", "inner", "mm/s", 1),
    ]
    balls = samples[:2, 0].astype(float)
    rms = np.sqrt((balls**2).mean(axis=1))
    row = found["rows"][0]
    assert row["spreads"]["rms"] == pytest.approx(
        dict(zip(("low", "median", "high"), np.percentile(rms, (5, 50, 95)), strict=True))
    )
    assert row["spreads"]["peak"]["median"] == pytest.approx(np.median(abs(balls).max(axis=1)))
    assert (row["minimum"], row["maximum"]) == (balls.min(), balls.max())
    assert row["duration_s"] == 10.0


def test_what_is_missing_is_measured_by_a_job(dataset_id):
    before = WaveformService.get_statistics(dataset_id)
    forget()
    WaveformService.forget_statistics(dataset_id)
    assert WaveformService.get_statistics(dataset_id) == {"rows": [], "unmeasured": 6}
    assert measure_recordings(silent, dataset_id)["recordings"] == 3
    after = WaveformService.get_statistics(dataset_id)
    assert after["unmeasured"] == 0
    for one, other in zip(before["rows"], after["rows"], strict=True):
        assert one["spreads"]["kurtosis"] == pytest.approx(other["spreads"]["kurtosis"])
    assert measure_recordings(silent, dataset_id)["recordings"] == 0


def test_a_recording_that_was_deleted_meanwhile_is_passed_over(dataset_id):
    WaveformService.measure(999)
    with pytest.raises(NotFound):
        WaveformService.list_unmeasured(999)


def test_a_data_set_without_recordings(analyst):
    empty = DatasetService.create("empty")
    assert WaveformService.get_statistics(empty) == {"rows": [], "unmeasured": 0}
    preview = DatasetService.get_dataset_preview(empty)
    assert (preview["classes"], preview["num_signals"], preview["version"]) == ([], 0, None)
