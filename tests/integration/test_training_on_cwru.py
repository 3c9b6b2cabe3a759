"""On real recordings: a split by load measures memory, a split by bearing measures diagnosis."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from diagnostics.training.config import TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.fitted import predict
from diagnostics.training.split import Candidate, Side, split_recordings
from diagnostics.training.windows import windows_of

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("ROTORSCOPE_REAL_DATA", ROOT.parent / "shared" / "data")) / "cwru"
SETTINGS = {"window": 2048, "hop": 2048, "epochs": 8, "patience": 0, "seed": 1}


@pytest.fixture(scope="module")
def recordings():
    if not FOLDER.exists():
        pytest.skip(f"The CWRU recordings are not in {FOLDER}; see ROTORSCOPE_REAL_DATA.")
    with (FOLDER / "cwru_12k_DE_5s.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["fault"] in ("B", "IR", "OR")]
    with np.load(FOLDER / "cwru_12k_DE_5s.npz") as arrays:
        return [(row, arrays[row["record"]]) for row in rows]


def accuracy(recordings, folder, group, test, validation, **changes) -> tuple[float, int]:
    """Share of the test windows that are named rightly, and how many warnings there are."""
    config = TrainingConfig.from_dict(
        {
            **SETTINGS,
            "group_by": group,
            "split": {"by": "groups", "test": test, "validation": validation},
            **changes,
        }
    )
    candidates = [
        Candidate(
            number,
            row["record"],
            row["fault"],
            row[group],
            samples.size,
            float(row["fs"]),
            bearing=f"{row['fault']}{row['size_mil_in']}",
        )
        for number, (row, samples) in enumerate(recordings)
    ]
    split = split_recordings(candidates, config.split, group)
    sets = {
        side: windows_of(
            members,
            split.class_names,
            lambda number, _channel, start, stop: recordings[number][1][start:stop],
            channels=config.channels,
            window=config.window,
            hop=config.hop,
            sample_rate_hz=12_000.0,
        )
        for side, members in split.sides.items()
    }
    trained = fit_classifier(
        config,
        split.class_names,
        sets[Side.TRAIN],
        sets[Side.VALIDATION],
        checkpoint=folder / f"{group}.pt",
    )
    named = predict(trained.fitted, sets[Side.TEST]).argmax(axis=1)
    return float((named == sets[Side.TEST].targets).mean()), len(split.warnings)


@pytest.mark.parametrize(
    "classifier",
    [{"classifier": "cnn1d"}, {"classifier": "random_forest", "normalisation": "training"}],
)
def test_a_new_bearing_is_far_harder_than_a_new_load(recordings, tmp_path, classifier):
    by_load, warned = accuracy(recordings, tmp_path, "load_hp", ["3"], ["2"], **classifier)
    by_bearing, silent = accuracy(
        recordings, tmp_path, "size_mil_in", ["014"], ["007"], **classifier
    )
    assert by_load > 0.75
    assert by_bearing < 0.5
    assert (warned, silent) == (1, 0)
