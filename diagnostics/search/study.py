"""The memory of a search in Optuna's storage: ask for a point, report on it, tell what came.

Nothing random is kept in a process: what chooses the point of trial n is seeded by the seed of
the search and n, so a search goes on as it would have after any restart.

Sources: J. Bergstra et al., Algorithms for Hyper-Parameter Optimization, NeurIPS 2011 (TPE);
S. Falkner et al., BOHB, ICML 2018 (TPE of several dimensions together); L. Li et al.,
Hyperband, JMLR 18, 2018; D. Golovin et al., Google Vizier, KDD 2017 (median rule).
"""

from __future__ import annotations

import enum
import itertools
import math
import warnings
import zlib
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from diagnostics.search.distributions import distribution
from diagnostics.search.space import Space, Value

# Points that are drawn at random before the model of the bayesian method has a say.
STARTUP_TRIALS = 10
# Trials that the median rule wants to have seen, and the first epoch that it looks at.
MEDIAN_TRIALS, MEDIAN_EPOCH = 5, 2
REDUCTION = 3

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Method(enum.StrEnum):
    """What chooses the points."""

    BAYESIAN = "bayesian"
    RANDOM = "random"
    GRID = "grid"
    # Points at random, many of which are given few epochs and the best of them all.
    HYPERBAND = "hyperband"


class Pruner(enum.StrEnum):
    """What ends a trial before its last epoch."""

    NONE = "none"
    MEDIAN = "median"
    HYPERBAND = "hyperband"


@dataclass(frozen=True)
class Rules:
    """How a search is done. ``most_epochs`` is what a trial gets that nobody ends early."""

    space: Space
    method: Method
    pruner: Pruner
    maximise: tuple[bool, ...]
    seed: int
    most_epochs: int


@dataclass(frozen=True)
class Point:
    """What was chosen. ``study_number`` names it to the study."""

    study_number: int
    params: dict[str, Value]


@dataclass(frozen=True)
class PastPoint:
    """A trial that came to its end elsewhere."""

    params: Mapping[str, Value]
    values: tuple[float, ...]


class SearchStudy:
    """One search in a storage that other processes use too."""

    def __init__(self, storage: BaseStorage, name: str, rules: Rules) -> None:
        self._rules = rules
        self._storage = storage
        directions = [
            StudyDirection.MAXIMIZE if up else StudyDirection.MINIMIZE for up in rules.maximise
        ]
        try:  # the first trial makes the study; all others find it, which is much quicker
            self._study_id = storage.get_study_id_from_name(name)
        except KeyError:
            optuna.create_study(
                storage=storage, study_name=name, directions=directions, load_if_exists=True
            )
            self._study_id = storage.get_study_id_from_name(name)
        self._name = name

    def ask(self, number: int) -> Point:
        """Choose the point of trial ``number``, counted from 1.

        It is chosen as a whole before the study has a trial of it, and written at once: a trial
        that asks for one setting after the other costs the database several times as much.
        """
        sampler = self._sampler(number)
        study = self._open(sampler, cast("BaseStorage", _AtOneMoment(self._storage)))
        blank = create_trial(state=TrialState.RUNNING)
        space = sampler.infer_relative_search_space(study, blank)
        together = sampler.sample_relative(study, blank, space)
        params: dict[str, Value] = {}
        for dimension in self._rules.space.dimensions:
            name = dimension.name
            if not dimension.exists(params):
                continue
            if name in together:
                params[name] = together[name]
            else:
                with warnings.catch_warnings():
                    # Whether a step divides the bounds is nothing to be told at each trial.
                    warnings.simplefilter("ignore", UserWarning)
                    asked = distribution(dimension)
                params[name] = sampler.sample_independent(study, blank, name, asked)
        return Point(self.take(params), params)

    def take(self, params: Mapping[str, Value]) -> int:
        """Have a trial whose point was chosen elsewhere; its number in the study."""
        running = self._given(TrialState.RUNNING, params)
        trial_id = self._storage.create_new_trial(self._study_id, template_trial=running)
        return self._storage.get_trial_number_from_id(trial_id)

    def learn(self, past: Sequence[PastPoint]) -> None:
        """Take over trials that another memory had, where this one has none."""
        study = self._open(RandomSampler(seed=0))
        for one in past:
            study.add_trial(self._given(TrialState.COMPLETE, one.params, one.values))

    def is_new(self) -> bool:
        """Whether no trial was ever asked for."""
        return self._storage.get_n_trials(self._study_id) == 0

    def report(self, study_number: int, epoch: int, value: float) -> bool:
        """Note the score after an epoch; whether the trial is to end now."""
        if self._rules.pruner is Pruner.NONE:
            return False
        trial_id = self._trial_id(study_number)
        self._storage.set_trial_intermediate_value(trial_id, epoch, value)
        if epoch >= self._rules.most_epochs:  # nothing is saved any more
            return False
        study = self._open(RandomSampler(seed=0))
        return bool(study.pruner.prune(study, self._storage.get_trial(trial_id)))

    def tell(self, study_number: int, values: Sequence[float]) -> None:
        """Note the score of a trial that came to its end."""
        self._tell(study_number, TrialState.COMPLETE, values)

    def tell_pruned(self, study_number: int) -> None:
        """Note that a trial was ended early; its last report stands for it."""
        trial = self._storage.get_trial(self._trial_id(study_number))
        last = trial.intermediate_values.get(trial.last_step)  # type: ignore[arg-type]
        values = None if last is None or not math.isfinite(last) else [last]
        self._tell(study_number, TrialState.PRUNED, values)

    def tell_failed(self, study_number: int) -> None:
        """Note that there is no score, which is not a bad one: the method leaves it out."""
        self._tell(study_number, TrialState.FAIL, None)

    def running(self) -> list[int]:
        """Numbers of the trials that the study waits for."""
        if not self._storage.get_n_trials(self._study_id, TrialState.RUNNING):
            return []  # counted first, which is much quicker than to read them
        running = self._storage.get_all_trials(
            self._study_id, deepcopy=False, states=(TrialState.RUNNING,)
        )
        return [trial.number for trial in running]

    def trials(self) -> list[FrozenTrial]:
        """What the study knows of its trials, for tests and measurements of importance."""
        return self._open(RandomSampler(seed=0)).get_trials(deepcopy=False)

    def _given(
        self, state: TrialState, params: Mapping[str, Value], values: Sequence[float] | None = None
    ) -> FrozenTrial:
        """A trial that was chosen elsewhere; what is no dimension here is left out."""
        named = {d.name: distribution(d) for d in self._rules.space.dimensions if d.name in params}
        return create_trial(
            state=state,
            values=None if values is None else list(values),
            params={name: params[name] for name in named},
            distributions=named,
        )

    def _tell(self, study_number: int, state: TrialState, values: Sequence[float] | None) -> None:
        # A worker that was lost after this, and before the row knew, tells it once more.
        with suppress(UpdateFinishedTrialError):
            self._storage.set_trial_state_values(self._trial_id(study_number), state, values)

    def _open(self, sampler: BaseSampler, storage: BaseStorage | None = None) -> Study:
        return optuna.load_study(
            study_name=self._name,
            storage=storage or self._storage,
            sampler=sampler,
            pruner=pruner(self._rules),
        )

    def _trial_id(self, study_number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, study_number)

    def _sampler(self, number: int) -> BaseSampler:
        if self._rules.method is Method.GRID:
            return _Given(next(itertools.islice(self._rules.space.grid(), number - 1, None)))
        seed = int(np.random.SeedSequence([self._rules.seed, number]).generate_state(1)[0])
        if self._rules.method is Method.BAYESIAN:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                return TPESampler(
                    seed=seed,
                    multivariate=True,
                    group=True,
                    # What others try at this moment counts as poor: no two try the same.
                    constant_liar=True,
                    n_startup_trials=STARTUP_TRIALS,
                )
        return RandomSampler(seed=seed)


class _AtOneMoment:
    """A storage as it is when a point is chosen: its trials are read once, and none is changed.

    Samplers read them again for each setting, and tell others of a half that they have chosen;
    here a trial is made once its point is whole, and then everybody sees all of it.
    """

    def __init__(self, storage: BaseStorage) -> None:
        self._storage = storage
        self._trials: list[FrozenTrial] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """The trials of the study, which nobody may change."""
        if self._trials is None:
            self._trials = self._storage.get_all_trials(study_id, deepcopy=False)
        return [one for one in self._trials if states is None or one.state in states]

    def set_trial_system_attr(self, trial_id: int, key: str, value: object) -> None:
        """Nothing is told."""


class _Given(BaseSampler):
    """Choose what was chosen already."""

    def __init__(self, params: Mapping[str, Value]) -> None:
        self._params = params

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._params[param_name]


class _SeededHyperband(HyperbandPruner):
    """Deals brackets by the seed of the search; Optuna's own does it by the name of the study.

    Two searches that are asked for the same thing then do the same.
    """

    def __init__(self, seed: int, most_epochs: int) -> None:
        super().__init__(min_resource=1, max_resource=most_epochs, reduction_factor=REDUCTION)
        self._seed = seed

    def _get_bracket_id(self, study: Study, trial: FrozenTrial) -> int:
        if not self._pruners:
            return 0
        dealt = zlib.crc32(f"{self._seed}_{trial.number}".encode())
        place = dealt % self._total_trial_allocation_budget
        for bracket, share in enumerate(self._trial_allocation_budgets):
            if place < share:
                return bracket
            place -= share
        raise AssertionError("The shares of the brackets add up to their sum.")


def pruner(rules: Rules) -> BasePruner:
    """What Optuna asks whether a trial is to end."""
    if rules.pruner is Pruner.HYPERBAND:
        return _SeededHyperband(rules.seed, rules.most_epochs)
    if rules.pruner is Pruner.MEDIAN:
        return MedianPruner(n_startup_trials=MEDIAN_TRIALS, n_warmup_steps=MEDIAN_EPOCH)
    return NopPruner()
