from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.signal import Unit, single_channel
from models import Origin
from services.dataset_service import DatasetService
from services.datasets.preview import MOST_CLASSES
from services.datasets.recording_store import About, store_samples
from services.errors import NotFound


def stored(name, label, spike=0.0, count=20_000):
    samples = np.sin(np.arange(count) / 50 + len(name))
    samples[count // 3] += spike
    signal = single_channel(samples, 1_000.0, Unit.ACCELERATION_G)
    return store_samples(signal, About(name, Origin.IMPORTED, label=label, load="1 hp"))


@pytest.fixture
def dataset_id(analyst):
    made = DatasetService.create("pumps")
    samples = [stored("a" * (n + 1), "ball", spike=20.0) for n in range(4)] + [stored("b", None, 9)]
    DatasetService.add_recordings(made, samples, "import")
    return made


def test_each_class_shows_a_few_of_its_recordings(dataset_id):
    found = DatasetService.get_dataset_preview(dataset_id, 2)
    assert (found["num_signals"], found["more_classes"]) == (5, 0)
    ball, unlabelled = found["classes"]
    assert [one["name"] for one in ball["recordings"]] == ["a", "aaa"]
    assert (ball["count"], unlabelled["label"], len(unlabelled["recordings"])) == (4, None, 1)
    everything = DatasetService.get_dataset_preview(dataset_id, 10)
    assert len(everything["classes"][0]["recordings"]) == 4


def test_a_spike_of_one_sample_is_in_the_picture(dataset_id):
    one = DatasetService.get_dataset_preview(dataset_id, 1)["classes"][0]["recordings"][0]
    assert max(one["maximum"]) > 19
    assert len(one["times_s"]) == len(one["minimum"]) == len(one["maximum"])
    assert (one["unit"], one["duration_s"], one["load"]) == ("g", 20.0, "1 hp")


def test_an_older_version_looks_as_it_was(dataset_id):
    DatasetService.relabel(dataset_id, {1: "inner"}, "")
    assert len(DatasetService.get_dataset_preview(dataset_id)["classes"]) == 3
    assert len(DatasetService.get_dataset_preview(dataset_id, version=1)["classes"]) == 2
    with pytest.raises(NotFound):
        DatasetService.get_dataset_preview(dataset_id, version=9)


def test_nobody_looks_at_a_hundred_classes(analyst):
    made = DatasetService.create("many")
    samples = [
        stored(f"r{n}", f"class {n:02d}", spike=n, count=200) for n in range(MOST_CLASSES + 2)
    ]
    DatasetService.add_recordings(made, samples, "import")
    found = DatasetService.get_dataset_preview(made, 1)
    assert (len(found["classes"]), found["more_classes"]) == (MOST_CLASSES, 2)
