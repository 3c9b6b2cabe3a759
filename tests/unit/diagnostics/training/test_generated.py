"""Every classifier once through the real training, on recordings of generated bearings."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.recordings import generate, plan
from diagnostics.training.classifiers import CLASSIFIERS
from diagnostics.training.config import GroupFractions, Normalisation, TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.fitted import SUFFIXES, load_classifier, predict
from diagnostics.training.history import EpochRecord
from diagnostics.training.split import Candidate, Side, split_recordings
from diagnostics.training.windows import windows_of
from tests.unit.diagnostics.training.test_classifiers import SMALL

SPLIT = GroupFractions(test=0.34, validation=0.33, seed=1)


@cache
def sides():
    """Two classes, three bearings each, one of them on every side of the split."""
    config = usual_config(
        Kind.ROLLING, classes={"healthy": 1, "outer race": 1}, bearings=3, duration_s=0.7, seed=1
    )
    made = [generate(config, planned) for planned in plan(config)]
    candidates = [
        Candidate(
            number,
            one.planned.name,
            one.planned.fault.value,
            one.planned.bearing_name,
            one.signal.sample_count,
            one.signal.sample_rate_hz,
            bearing=one.planned.bearing_name,
        )
        for number, one in enumerate(made)
    ]
    split = split_recordings(candidates, SPLIT, "bearing")
    sets = {
        side: windows_of(
            members,
            split.class_names,
            lambda number, channel, start, stop: made[number].signal.samples[channel, start:stop],
            channels=(0,),
            window=1024,
            hop=1024,
            sample_rate_hz=made[0].signal.sample_rate_hz,
        )
        for side, members in split.sides.items()
    }
    return split.class_names, sets


@pytest.mark.parametrize("card", CLASSIFIERS, ids=lambda card: card.name)
def test_one_epoch_from_windows_to_predictions(card, tmp_path):
    class_names, sets = sides()
    config = TrainingConfig(
        SPLIT,
        classifier=card.name,
        parameters=SMALL.get(card.name, {}),
        window=1024,
        hop=1024,
        normalisation=Normalisation.TRAINING,
        epochs=1,
        batch_size=8,
    )
    records: list[EpochRecord] = []
    fitted = fit_classifier(
        config,
        class_names,
        sets[Side.TRAIN],
        sets[Side.VALIDATION],
        checkpoint=tmp_path / "training.pt",
        on_epoch=records.append,
    ).fitted
    assert [record.epoch for record in records] == [1]
    assert np.isfinite([records[0].train_loss, records[0].validation_loss]).all()
    path = tmp_path / f"kept{SUFFIXES[card.family]}"
    fitted.save(path)
    probabilities = predict(load_classifier(path), sets[Side.TEST])
    assert probabilities.shape == (len(sets[Side.TEST]), 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-9)
