"""How much each setting decides, by the trials of a search."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.importance import FanovaImportanceEvaluator
from optuna.trial import TrialState, create_trial

from diagnostics.errors import TrainingError
from diagnostics.search.distributions import distribution
from diagnostics.search.space import FEWEST_TRIALS, Space, Value

FORESTS = 5


@dataclass(frozen=True)
class Importance:
    """A share of the variance of what the forests forecast, 0 to 1, as mean over forests.

    The shares of all settings add up to 1 or less: the rest is what settings do together only.

    ``low`` and ``high`` are the lowest and highest of the forests: how much of the figure is
    chance of the method, beside that of the trials.
    """

    name: str
    share: float
    low: float
    high: float


def importances(
    space: Space, points: Sequence[Mapping[str, Value]], values: Sequence[float], seed: int
) -> list[Importance]:
    """What each setting alone explains of how the scores differ, most first.

    fANOVA: a random forest learns the score from the settings; the variance of its forecast is
    taken apart into what each setting explains when the others are averaged over [1]_. It says
    what mattered *within the bounds of this search*, and nothing about a wider space. Settings
    that exist under a condition only are left out: few trials have them. Scores of chance have
    a variance too, which the forest takes apart all the same: see how well it forecasts.

    Parameters
    ----------
    space : Space
    points, values : sequences of the same length
        Of trials that came to their end; at least :data:`FEWEST_TRIALS`.
    seed : int

    Raises
    ------
    TrainingError
        If there are too few trials, or all of them have the same score.

    References
    ----------
    .. [1] F. Hutter, H. Hoos and K. Leyton-Brown, An Efficient Approach for Assessing
       Hyperparameter Importance, ICML 2014.
    """
    if len(values) < FEWEST_TRIALS:
        raise TrainingError(
            f"Importance takes {FEWEST_TRIALS} finished trials or more; there are {len(values)}."
        )
    if np.ptp(np.asarray(values)) == 0:
        raise TrainingError("All trials have the same score, so nothing decides it.")
    always = [one for one in space.dimensions if all(one.name in point for point in points)]
    if len(always) < 2:
        raise TrainingError("There is only one setting that all trials have: it decides alone.")
    distributions = {one.name: distribution(one) for one in always}
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [
            create_trial(
                state=TrialState.COMPLETE,
                value=float(value),
                params={name: point[name] for name in distributions},
                distributions=distributions,
            )
            for point, value in zip(points, values, strict=True)
        ]
    )
    found = [_by_forest(study, seed + forest) for forest in range(FORESTS)]
    shares = {name: np.array([one[name] for one in found]) for name in found[0]}
    measured = [
        Importance(name, float(share.mean()), float(share.min()), float(share.max()))
        for name, share in shares.items()
    ]
    return sorted(measured, key=lambda one: -one.share)


def _by_forest(study: optuna.Study, seed: int) -> dict[str, float]:
    evaluator = FanovaImportanceEvaluator(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        # As they are: made to add up to 1, they would hold what settings do together only, too.
        return evaluator.evaluate(study)
