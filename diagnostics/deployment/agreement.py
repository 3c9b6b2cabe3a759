"""Whether an exported model says what the network says: seen by running both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.session import DeployedModel, in_units, softmax
from diagnostics.errors import DeploymentError
from diagnostics.training.fitted import FittedClassifier

SHORTEST = 1024
# Of probabilities. The largest difference that was seen for any network of the registry in full
# precision is below 1e-5.
TOLERANCE = 1e-4
# Of estimates beside the class, in deviations of the quantity over the training part.
ESTIMATE_TOLERANCE = 1e-3
BATCHES = (1, 3, 8)


@dataclass(frozen=True)
class Trial:
    """One length and batch size. ``problem`` is a sentence when the model could not be run.

    ``estimate_difference`` is of what is estimated beside the class, over all heads, each in
    deviations of its quantity over the training part; 0 without heads.
    """

    samples: int
    batch: int
    windows: int
    max_difference: float
    agreement: float
    problem: str = ""
    estimate_difference: float = 0.0


@dataclass(frozen=True)
class Agreement:
    """``max_difference`` is of probabilities, over all windows and classes; ``agreement`` is the
    share of windows with the same class.
    """

    trials: tuple[Trial, ...]
    frozen: tuple[str, ...]
    tolerance: float | None

    @property
    def max_difference(self) -> float:
        return max(trial.max_difference for trial in self.trials)

    @property
    def estimate_difference(self) -> float:
        return max(trial.estimate_difference for trial in self.trials)

    @property
    def agreement(self) -> float:
        """Over all windows of all trials that could be run."""
        run = [trial for trial in self.trials if not trial.problem]
        windows = sum(trial.windows for trial in run)
        return sum(trial.agreement * trial.windows for trial in run) / windows if windows else 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "trials": [asdict(trial) for trial in self.trials],
            "frozen": list(self.frozen),
            "tolerance": self.tolerance,
            "max_difference": self.max_difference,
            "estimate_difference": self.estimate_difference,
            "agreement": self.agreement,
        }


def compare(
    fitted: FittedClassifier,
    model: DeployedModel,
    windows: NDArray[np.float32],
    frozen: Sequence[str] = (),
    tolerance: float | None = TOLERANCE,
    *,
    batches: Sequence[int] = BATCHES,
    lengths: bool = True,
) -> Agreement:
    """Run both on the same real windows, at several lengths and batch sizes.

    Parameters
    ----------
    fitted : FittedClassifier
        What was exported.
    model : DeployedModel
    windows : array of shape (windows, channels, samples)
        Real ones, of the test part. Shorter ones are cut from them; longer ones are pairs of
        them behind each other.
    frozen : sequence of str
        Axes that are known to be fixed: other lengths are not tried where time is.
    tolerance : float or None
        Of probabilities. None for variants that are meant to differ: they are judged by what
        they get right, not by this.
    batches : sequence of int
    lengths : bool
        Whether other lengths than that of the windows are tried.

    Returns
    -------
    Agreement

    Raises
    ------
    DeploymentError
        If there are no windows, the model cannot be run at the length it was made for, or
        differs by more than the tolerance.
    """
    if len(windows) == 0:
        raise DeploymentError("There are no test windows to compare the export with.")
    trials = [
        _try(fitted, model, cut, batch)
        for cut in _lengths(windows, fixed="time" in frozen or not lengths)
        for batch in ((len(windows),) if "batch" in frozen else batches)
    ]
    found = Agreement(tuple(trials), tuple(frozen), tolerance)
    failed = next((one for one in trials if one.problem), None)
    if failed is not None:
        raise DeploymentError(
            f"The exported model does not run on {failed.batch} windows of {failed.samples}"
            f" samples: {failed.problem}"
        )
    if tolerance is not None and not found.max_difference <= tolerance:
        raise DeploymentError(
            f"The export is refused: its probabilities differ from those of the original by up to"
            f" {found.max_difference:.2g}, and {tolerance:g} is allowed."
        )
    if tolerance is not None and not found.estimate_difference <= ESTIMATE_TOLERANCE:
        raise DeploymentError(
            "The export is refused: what it estimates beside the class differs by up to"
            f" {found.estimate_difference:.2g} of the spread of the training part, and"
            f" {ESTIMATE_TOLERANCE:g} is allowed."
        )
    return found


def _lengths(windows: NDArray[np.float32], *, fixed: bool) -> list[NDArray[np.float32]]:
    samples = windows.shape[-1]
    found = [windows]
    if fixed:
        return found
    # Odd, so that nothing that only holds for powers of two passes.
    shorter = max(SHORTEST, samples // 2 + 1)
    if shorter < samples:
        found.append(windows[..., :shorter])
    found.append(np.concatenate([windows, np.roll(windows, 1, axis=0)], axis=-1))
    return found


def _try(
    fitted: FittedClassifier, model: DeployedModel, windows: NDArray[np.float32], batch: int
) -> Trial:
    given = np.ascontiguousarray(windows[:batch])
    answer = fitted.answer(given)
    expected = answer.probabilities
    try:
        scores, raw = model.run(given)
    except DeploymentError as error:
        return Trial(given.shape[-1], len(given), len(given), float("nan"), 0.0, str(error))
    found = softmax(scores)
    if found.shape != expected.shape:
        problem = f"it gives the shape {found.shape} in place of {expected.shape}."
        return Trial(given.shape[-1], len(given), len(given), float("nan"), 0.0, problem)
    return Trial(
        samples=given.shape[-1],
        batch=len(given),
        windows=len(given),
        max_difference=float(np.abs(found - expected).max()),
        agreement=float((found.argmax(axis=1) == expected.argmax(axis=1)).mean()),
        estimate_difference=_apart(fitted, model, raw, answer.estimates),
    )


def _apart(
    fitted: FittedClassifier,
    model: DeployedModel,
    raw: NDArray[Any],
    expected: NDArray[np.float64],
) -> float:
    """The largest difference of estimates, each in deviations of its quantity."""
    heads = model.manifest.heads
    if not heads:
        return 0.0
    names = [scale.name for scale in fitted.about.heads]
    own = expected[:, [names.index(head.name) for head in heads]]
    scale = np.array([head.deviation for head in heads])
    return float((np.abs(in_units(heads, raw) - own) / scale).max())
