"""What heads beside the class estimated, against what is known of the recordings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import CONFIDENCE, MIN_GROUPS, expanded_tails
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.training.head_scale import HeadScale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of windows, and the truth where it is known.

    Parameters
    ----------
    heads : tuple of HeadScale
        Those that are off, too.
    values : array of shape (windows, heads)
        In the units of the quantities; NaN for a head that is off.
    truths : array of shape (windows, heads)
        NaN where the recording does not say it.
    """

    heads: tuple[HeadScale, ...]
    values: Floats
    truths: Floats

    def check(self, windows: int) -> None:
        """Refuse arrays of another shape.

        Raises
        ------
        EvaluationError
            If there is not one number for each window and head.
        """
        shape = (windows, len(self.heads))
        if self.values.shape != shape or self.truths.shape != shape:
            raise EvaluationError(f"Expected estimates of shape {shape}, got {self.values.shape}.")

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """For an NPZ file without pickled objects."""
        heads = json.dumps([scale.to_dict() for scale in self.heads])
        return {
            "heads": np.array(heads, dtype=np.str_),
            "estimates": self.values,
            "estimate_truths": self.truths,
        }

    @staticmethod
    def from_arrays(file: Mapping[str, NDArray[Any]]) -> Estimates | None:
        """None where the file has none."""
        if "heads" not in file:
            return None
        heads = tuple(HeadScale(**given) for given in json.loads(str(file["heads"])))
        return Estimates(heads, file["estimates"], file["estimate_truths"])


@dataclass(frozen=True, eq=False)
class Estimated:
    """One quantity, by window or by recording: only those for which it is known."""

    values: Floats
    truths: Floats
    recording_ids: Ints
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class EstimateScore:
    """How far the estimates of one side were off, in the unit of the quantity.

    ``bias`` is the mean of estimate minus truth: above 0 where too much is estimated.
    ``mean_error`` is the mean absolute error of always saying the mean of the training part.
    ``items`` of ``recordings`` and ``groups`` know the quantity, ``unknown`` recordings do not.
    """

    items: int
    recordings: int
    groups: int
    unknown: int
    mae: float
    mae_low: float | None
    mae_high: float | None
    bias: float
    bias_low: float | None
    bias_high: float | None
    mean_error: float
    no_interval: str | None


@dataclass(frozen=True)
class HeadReport:
    """What one head came to. ``off`` says why it was not trained, or is empty.

    ``trained_on`` training recordings say the quantity, which has the mean ``mean`` there. A side
    is None where none of its recordings say it.
    """

    name: str
    off: str
    trained_on: int
    mean: float
    sides: Mapping[str, EstimateScore | None]

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> HeadReport:
        sides = {
            side: None if score is None else EstimateScore(**score)
            for side, score in stored["sides"].items()
        }
        return HeadReport(**{**stored, "sides": sides})

    def headline(self) -> dict[str, Any]:
        """For lists: the error on the test side."""
        score = self.sides.get("test")
        return {"mae": None} if score is None else {**asdict(score), "off": self.off}


def estimated(
    given: Estimates, place: int, recording_ids: Ints, *, by_recording: bool
) -> Estimated:
    """The estimates of one head where the truth is known.

    Parameters
    ----------
    given : Estimates
    place : int
        Of the head.
    recording_ids : array of shape (windows,)
    by_recording : bool
        The mean over the windows of each recording, with the lowest and the highest of them.

    Returns
    -------
    Estimated

    Examples
    --------
    >>> scale = HeadScale("severity", 0.5, 0.2, 12)
    >>> given = Estimates((scale,), np.array([[0.2], [0.4], [0.9]]), np.array([[0.5]] * 3))
    >>> found = estimated(given, 0, np.array([7, 7, 8]), by_recording=True)
    >>> found.values.round(2).tolist(), found.low.tolist(), found.recording_ids.tolist()
    ([0.3, 0.9], [0.2, 0.9], [7, 8])
    """
    there = np.isfinite(given.truths[:, place]) & np.isfinite(given.values[:, place])
    values, truths = given.values[there, place], given.truths[there, place]
    ids = recording_ids[there]
    if not by_recording:
        return Estimated(values, truths, ids, values, values)
    own, first, member = np.unique(ids, return_index=True, return_inverse=True)
    counts = np.bincount(member, minlength=own.size)
    means = np.bincount(member, weights=values, minlength=own.size) / np.maximum(counts, 1)
    low, high = np.full(own.size, np.inf), np.full(own.size, -np.inf)
    np.minimum.at(low, member, values)
    np.maximum.at(high, member, values)
    return Estimated(means, truths[first], own, low, high)


def score_estimates(
    found: Estimated,
    scale: HeadScale,
    groups: Mapping[int, str],
    seed: int,
    *,
    unknown: int = 0,
    refusal: str | None = None,
    resamples: int = 2000,
) -> EstimateScore | None:
    """Mean absolute error and bias with intervals over groups; None where nothing is known.

    Parameters
    ----------
    found : Estimated
    scale : HeadScale
        Of the quantity, for what always saying the training mean would come to.
    groups : mapping of recording id to group
        What the split kept on one side.
    seed : int
        Of the draws of groups.
    unknown : int
        Recordings that do not say the quantity.
    refusal : str, optional
        Why no interval may be given at all.
    resamples : int

    Returns
    -------
    EstimateScore or None
        Intervals are expanded percentile intervals of whole groups drawn with replacement; there
        are none with fewer than five groups.
    """
    if not len(found):
        return None
    errors = found.values - found.truths
    names = np.array([groups[int(number)] for number in found.recording_ids])
    own, member = np.unique(names, return_inverse=True)
    reason = refusal
    if reason is None and own.size < MIN_GROUPS:
        unit = "group" if own.size == 1 else "groups"
        reason = f"{own.size} {unit}; an interval needs {MIN_GROUPS}."
    ends = [(None, None), (None, None)]
    if reason is None:
        ends = _intervals([np.abs(errors), errors], member, seed, resamples)
    (mae_low, mae_high), (bias_low, bias_high) = ends
    return EstimateScore(
        items=len(found),
        recordings=int(np.unique(found.recording_ids).size),
        groups=int(own.size),
        unknown=unknown,
        mae=float(np.abs(errors).mean()),
        mae_low=mae_low,
        mae_high=mae_high,
        bias=float(errors.mean()),
        bias_low=bias_low,
        bias_high=bias_high,
        mean_error=float(np.abs(scale.mean - found.truths).mean()),
        no_interval=reason,
    )


def _intervals(
    values: Sequence[Floats], member: NDArray[np.intp], seed: int, resamples: int
) -> list[Any]:
    """Ends for the mean of each of the values, from the same draws of groups."""
    groups = int(member.max()) + 1
    counts = np.bincount(member, minlength=groups).astype(np.float64)
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    tail = expanded_tails([np.arange(groups)], CONFIDENCE)
    found = []
    for one in values:
        sums = np.bincount(member, weights=one, minlength=groups)
        low, high = np.quantile((weights @ sums) / (weights @ counts), [tail, 1 - tail])
        found.append((float(low), float(high)))
    return found
