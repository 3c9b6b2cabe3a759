"""Optuna and a loop, in a process of its own: see ``benchmarks.campaign_throughput``.

Called with a file that holds a planned training, the address of a storage, the name of a study
and the number of trials that it is to have. Windows are read once and stay in memory.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import optuna
import torch
from optuna.samplers import RandomSampler
from optuna.study import MaxTrialsCallback

from diagnostics.training.fit import fit_classifier
from diagnostics.training.split import Side
from diagnostics.training.windows import reading
from tasks.leakage import window_sets


def main(file: str, storage: str, name: str, trials: str, seed: str) -> None:
    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    plan = pickle.loads(Path(file).read_bytes())
    with reading(plan.paths) as reader:
        sets = window_sets(plan, reader)

        def objective(trial: optuna.Trial) -> float:
            config = replace(
                plan.config,
                learning_rate=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
                weight_decay=trial.suggest_float("weight_decay", 1e-4, 1e-1, log=True),
            )
            with tempfile.TemporaryDirectory() as folder:
                fit = fit_classifier(
                    config,
                    plan.class_names,
                    sets[Side.TRAIN],
                    sets[Side.VALIDATION],
                    checkpoint=Path(folder) / "state.pt",
                )
            return float(fit.best_epoch or 0)

        study = optuna.load_study(
            study_name=name, storage=storage, sampler=RandomSampler(seed=int(seed))
        )
        study.optimize(objective, callbacks=[MaxTrialsCallback(int(trials))])


if __name__ == "__main__":
    main(*sys.argv[1:])
