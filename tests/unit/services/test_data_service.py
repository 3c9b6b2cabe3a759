from __future__ import annotations

import numpy as np
import pytest

from services.data_service import DataService
from services.errors import Forbidden, Invalid, NotFound
from services.runtime import unit_of_work
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def filled(analyst):
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        dataset = factories.dataset(session, **owner)
        signals = [factories.sine(frequency) for frequency in (10.0, 20.0)]
        ids = [
            factories.recording(session, signal, dataset_id=dataset.id, **owner).id
            for signal in signals
        ]
        factories.version(session, dict(zip(ids, ("ball", "inner"), strict=True)), dataset.id)
        return dataset.id, ids, signals


def test_loads_samples(filled):
    dataset_id, ids, signals = filled
    samples = DataService.load_signal_data(dataset_id, ids[1])
    np.testing.assert_array_equal(samples, signals[1].samples)
    with pytest.raises(NotFound):
        DataService.load_signal_data(dataset_id + 1, ids[1])


def test_loads_signals_of_a_fault(filled):
    dataset_id, ids, _ = filled
    assert [s["id"] for s in DataService.load_signals(dataset_id)] == ids
    assert [s["id"] for s in DataService.load_signals(dataset_id, "inner")] == ids[1:]
    (one,) = DataService.load_signals(dataset_id, limit=1)
    assert (one["fs"], one["signal"].shape) == (2000.0, (1, 2000))


def test_statistics(filled):
    assert DataService.get_dataset_stats(filled[0])["classes"] == {"ball": 1, "inner": 1}
    with pytest.raises(NotFound):
        DataService.get_dataset_stats(999)


def test_made_found_and_deleted(analyst):
    made = DataService.create_dataset("pumps", None, created_by=analyst.user_id)
    assert DataService.get_dataset(made["id"])["name"] == "pumps"
    assert [d["id"] for d in DataService.list_datasets()] == [made["id"]]
    assert DataService.delete_dataset(made["id"])
    assert DataService.get_dataset(made["id"]) is None
    assert not DataService.delete_dataset(made["id"])


def test_what_follows_from_recordings_is_not_taken(analyst):
    with pytest.raises(Invalid, match="follow from the recordings"):
        DataService.create_dataset("pumps", fault_types=["ball"])
    with pytest.raises(Forbidden):
        DataService.create_dataset("pumps", created_by=analyst.user_id + 1)
