"""Whether an exported model says what the network says: seen by running both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.deployment.session import DeployedModel, softmax
from diagnostics.errors import DeploymentError
from diagnostics.networks.fitted import FittedNetwork

SHORTEST = 1024
# Of probabilities. The largest difference that was seen for any network of the registry in full
# precision is below 1e-5.
TOLERANCE = 1e-4
BATCHES = (1, 3, 8)


@dataclass(frozen=True)
class Trial:
    """One length and batch size. ``problem`` is a sentence when the model could not be run."""

    samples: int
    batch: int
    windows: int
    max_difference: float
    agreement: float
    problem: str = ""


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
            "agreement": self.agreement,
        }


def compare(
    fitted: FittedNetwork,
    model: DeployedModel,
    windows: NDArray[np.float32],
    frozen: Sequence[str] = (),
    tolerance: float | None = TOLERANCE,
) -> Agreement:
    """Run both on the same real windows, at several lengths and batch sizes.

    Parameters
    ----------
    fitted : FittedNetwork
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
        for cut in _lengths(windows, fixed="time" in frozen)
        for batch in ((len(windows),) if "batch" in frozen else BATCHES)
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
            f"The export is refused: its probabilities differ from those of the network by up to"
            f" {found.max_difference:.2g}, and {tolerance:g} is allowed."
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
    fitted: FittedNetwork, model: DeployedModel, windows: NDArray[np.float32], batch: int
) -> Trial:
    given = np.ascontiguousarray(windows[:batch])
    expected = fitted.probabilities(given)
    try:
        found = softmax(model.scores(given))
    except DeploymentError as error:
        return Trial(given.shape[-1], len(given), len(given), float("nan"), 0.0, str(error))
    if found.shape != expected.shape:
        problem = f"it gives the shape {found.shape} in place of {expected.shape}."
        return Trial(given.shape[-1], len(given), len(given), float("nan"), 0.0, problem)
    return Trial(
        samples=given.shape[-1],
        batch=len(given),
        windows=len(given),
        max_difference=float(np.abs(found - expected).max()),
        agreement=float((found.argmax(axis=1) == expected.argmax(axis=1)).mean()),
    )
