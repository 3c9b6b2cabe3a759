from __future__ import annotations

import numpy as np
import pytest

from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from tests import factories
from tests.factories import SMALL_TRAINING


@pytest.fixture
def version_id(analyst):
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


def view(version_id, seed=0, **augmentation):
    config = {**SMALL_TRAINING, "augmentation": augmentation}
    return ExperimentService.preview_augmentation(version_id, config, seed)


def test_a_window_of_the_training_part_is_shown_as_it_is_and_changed(version_id):
    found = view(version_id, polarity=1.0)
    window = ExperimentService.complete_config(SMALL_TRAINING)["window"]
    assert found["original"].shape == found["times_s"].shape == (window,)
    assert found["unit"] == "g"
    assert found["told"] == ["", "", ""]
    for changed in found["changed"]:
        np.testing.assert_array_equal(changed, -found["original"])


def test_another_seed_shows_another_window_and_the_same_the_same(version_id):
    first, same = view(version_id, 1, shift=0.2), view(version_id, 1, shift=0.2)
    np.testing.assert_array_equal(first["changed"][0], same["changed"][0])
    others = [view(version_id, seed, shift=0.2)["original"].tobytes() for seed in range(2, 8)]
    assert len({first["original"].tobytes(), *others}) > 2


def test_a_mixture_says_what_it_is_mixed_of(version_id):
    found = view(version_id, mixup=0.4)
    assert all("% of it, the rest of" in told for told in found["told"])


def test_nothing_to_change_is_said(version_id):
    with pytest.raises(Invalid, match="Nothing is changed yet"):
        view(version_id)
