"""The text of a script that trains the best trial of a campaign again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_SCRIPT = '''"""Train trial {number} of the campaign {name} again, and compare the scores.

Run it where the program is installed, with the folder that holds the recordings:

    python best_trial.py DATA_FOLDER/artefacts

It reads training and validation recordings only. The test part is not among them.
"""

import json
import sys
import tempfile
from pathlib import Path
from statistics import fmean

from diagnostics.training.config import TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.split import Candidate, Side
from diagnostics.training.windows import reading, windows_of

METRIC = {metric}
STORED = {stored}
TRAININGS = json.loads({trainings})


def candidates(training, side):
    return [
        Candidate(
            one["id"],
            one["name"],
            one["target"],
            one["group"],
            one["samples"],
            one["rate_hz"],
            content_hash=one["content_hash"],
        )
        for one in training["recordings"]
        if one["side"] == side.value
    ]


def train(training, folder):
    """The score of the epoch whose weights would be kept."""
    config = TrainingConfig.from_dict(training["config"])
    classes, records = tuple(training["class_names"]), []
    paths = {{one["id"]: folder / one["file"] for one in training["recordings"]}}
    with reading(paths) as reader, tempfile.TemporaryDirectory() as kept:
        sets = {{
            side: windows_of(
                candidates(training, side),
                classes,
                reader,
                channels=config.channels,
                window=config.window,
                hop=config.hop,
                sample_rate_hz=training["sample_rate_hz"],
            )
            for side in (Side.TRAIN, Side.VALIDATION)
        }}
        fit_classifier(
            config,
            classes,
            sets[Side.TRAIN],
            sets[Side.VALIDATION],
            checkpoint=Path(kept) / "state.pt",
            on_epoch=records.append,
        )
    best = min(records, key=lambda one: one.validation_loss)
    return {{"val_accuracy": best.validation_accuracy, "val_loss": best.validation_loss}}[METRIC]


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/artefacts")
    value = fmean(train(training, folder) for training in TRAININGS)
    print(f"{{METRIC}}: {{value!r}}; the campaign kept {{STORED!r}}")


if __name__ == "__main__":
    main()
'''


def script_of(
    name: str, number: int, trainings: Sequence[dict[str, Any]], metric: str, stored: float | None
) -> str:
    """A Python program. Names of people and recordings stand in it as data, never as code."""
    # A name may hold quotes or backslashes, and shall not end the docstring.
    shown = "".join(c for c in name if c.isalnum() or c in " -_.,()") or "without a name"
    return _SCRIPT.format(
        name=f"“{shown}”",
        number=number,
        metric=repr(metric),
        stored=repr(stored),
        trainings=repr(json.dumps(list(trainings))),
    )
