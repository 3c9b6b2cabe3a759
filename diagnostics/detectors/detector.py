"""A fitted detector: preprocessing, model and threshold in one, and the file it is kept in.

Rows are read in blocks, so a table may be larger than the memory. What an algorithm cannot fit
on whole is fitted on rows drawn at random (``most_fitted_rows`` of its description, seed 42);
every row is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.algorithm import Model, Scores, Values, load_algorithm
from diagnostics.detectors.description import Description, Value
from diagnostics.detectors.preprocess import Preprocessing, fit_preprocessing
from diagnostics.detectors.registry import check_config, description
from diagnostics.detectors.series import SeriesModel
from diagnostics.detectors.state import pack, unpack
from diagnostics.detectors.table import Block, Rows, Table, joined
from diagnostics.detectors.tail import LEAST_ROWS, Tail, fit_tail, of_digits
from diagnostics.detectors.threshold import AUTO, Policy, own_policy, threshold_of
from diagnostics.errors import DetectionError
from diagnostics.progress import Progress, Report, silent

CELLS_AT_ONCE = 4_000_000
"""Of a block in memory: 32 MB as numbers."""
_SEED = 42


@dataclass(frozen=True, eq=False)
class FittedDetector:
    """An algorithm fitted on some rows, ready to judge others.

    Attributes
    ----------
    algorithm : str
    config : dict
        Complete, with the defaults.
    preprocessing : Preprocessing
        ``names`` are the columns that are used, ``left_out`` says why one is not, ``notes`` are
        sentences for people.
    tail : Tail
        The distribution of scores of ordinary rows.
    policy : Policy
        Where the threshold comes from.
    threshold : float
        A row with a higher raw score is flagged.
    fitted_rows : int
    """

    algorithm: str
    config: dict[str, Value]
    preprocessing: Preprocessing
    model: Model
    tail: Tail
    policy: Policy
    threshold: float
    fitted_rows: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are used, in the order of contributions."""
        return self.preprocessing.names

    def score(self, table: Table, report: Report = silent) -> Scores:
        """Raw scores of all rows, higher is worse.

        Parameters
        ----------
        table : Table
            With the same columns as the fitted one.
        report : callable
            Called after each block; what it raises ends the work.

        Returns
        -------
        array of shape (rows,)

        Raises
        ------
        DetectionError
            If the columns are others.
        """
        self.preprocessing.check(table.columns)
        before = rows_before(self.model)
        parts, earlier = [np.empty(0)], np.empty((0, len(self.columns)))
        for values in self._values(table, report):
            whole = np.concatenate([earlier, values])
            parts.append(self.model.scores(whole)[len(earlier) :])
            earlier = whole[max(0, len(whole) - before) :]
        return np.concatenate(parts)

    def score_values(self, values: Values) -> Scores:
        """Raw scores of numbers that :meth:`numbers` made."""
        return self.model.scores(values)

    def numbers(self, table: Table, rows: Rows) -> Values:
        """Some rows as the model takes them: shape (rows, used columns).

        Raises
        ------
        DetectionError
            If the columns are others, or a row lies outside the table.
        """
        self.preprocessing.check(table.columns)
        rows = np.asarray(rows, dtype=np.intp)
        if rows.size and (rows.min() < 0 or rows.max() >= table.rows):
            raise DetectionError(f"Rows go from 0 to {table.rows - 1}.")
        ascending, places = np.unique(rows, return_inverse=True)
        if not rows.size:
            return np.empty((0, len(self.columns)))
        found: Values = self.preprocessing.apply(table.take(ascending))[places]
        return found

    def calibrated(self, raw: Scores) -> Scores:
        """0–1, comparable between algorithms; see :mod:`diagnostics.detectors.tail`."""
        return self.tail.calibrated(raw)

    def flags(self, raw: Scores) -> NDArray[np.bool_]:
        """Which rows are anomalies."""
        return np.asarray(raw) > self.threshold

    def contributions(self, table: Table, rows: Rows) -> Values:
        """What each used column does to the scores of some rows: shape (rows, used columns).

        In a unit of the algorithm's own; :func:`contributing` says which columns matter.
        """
        return self.of_rows(self.model.contributions, table, rows)

    def of_rows(self, what: Callable[[Values], Values], table: Table, rows: Rows) -> Values:
        """A function of the model for some rows, with the rows before them that it looks at.

        Parameters
        ----------
        what : callable
            From (rows, columns) to an array with as many rows.

        Raises
        ------
        DetectionError
            If the columns are others, or a row lies outside the table.
        """
        before = rows_before(self.model)
        values = self.numbers(table, rows)
        if not before or not len(values):
            return what(values) if len(values) else values
        spans = [np.arange(max(0, int(row) - before), int(row) + 1) for row in rows]
        return np.stack([what(self.numbers(table, span))[-1] for span in spans])

    def with_policy(self, policy: Policy) -> FittedDetector:
        """The same detector with another threshold; nothing is fitted anew."""
        chosen = own_policy(self.algorithm, self.config) if policy.value is None else policy
        return replace(self, policy=policy, threshold=threshold_of(chosen, self.tail))

    def to_bytes(self) -> bytes:
        """All of it in a format of our own: JSON and arrays of numbers, no code."""
        about = {
            "algorithm": self.algorithm,
            "config": self.config,
            "preprocessing": self.preprocessing.to_dict(),
            "policy": self.policy.to_dict(),
            "threshold": self.threshold,
            "fitted_rows": self.fitted_rows,
        }
        return pack(about, self.tail, self.model.state())

    @classmethod
    def from_bytes(cls, content: bytes) -> FittedDetector:
        """The detector that :meth:`to_bytes` wrote.

        Raises
        ------
        DetectionError
            If the content is damaged or something else.
        """
        about, tail, state = unpack(content)
        try:
            config = check_config(about["algorithm"], about["config"])
            preprocessing = Preprocessing.from_dict(about["preprocessing"])
            model = load_algorithm(about["algorithm"]).load(state)
            return cls(
                about["algorithm"],
                config,
                preprocessing,
                model,
                tail,
                Policy(**about["policy"]),
                float(about["threshold"]),
                int(about["fitted_rows"]),
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise DetectionError("The stored detector is damaged.") from error

    def _values(self, table: Table, report: Report) -> Iterator[Values]:
        done = 0
        for block in table.blocks(rows_at_once(len(table.columns))):
            values = self.preprocessing.apply(block)
            yield values
            done += len(values)
            report(Progress("score", done, table.rows, f"{done} rows"))


@dataclass(frozen=True, eq=False)
class Detected:
    """A fitted detector and the raw scores of all rows of a table."""

    detector: FittedDetector
    raw: Scores

    @property
    def calibrated(self) -> Scores:
        return self.detector.calibrated(self.raw)

    @property
    def flags(self) -> NDArray[np.bool_]:
        return self.detector.flags(self.raw)


def fit_detector(
    algorithm: str,
    config: Mapping[str, Any],
    table: Table,
    report: Report = silent,
    policy: Policy = AUTO,
) -> FittedDetector:
    """Fit an algorithm on a table.

    Parameters
    ----------
    algorithm : str
    config : mapping
        Parameters; what is missing stands at its default.
    table : Table
        Rows to learn from; some anomalies among them do no harm.
    report : callable
        Called between steps; what it raises ends the work.
    policy : Policy
        Where the threshold comes from, unless the config says it.

    Raises
    ------
    ConfigError
        If a parameter does not exist or is out of range.
    DetectionError
        If the table has too few rows, or no column that differs.

    Examples
    --------
    >>> from diagnostics.detectors.table import ArrayTable
    >>> values = np.random.default_rng(0).normal(size=(500, 2))
    >>> table = ArrayTable.of_values(values)
    >>> detector = fit_detector("statistical", {"threshold": 4}, table)
    >>> odd = ArrayTable.of_values(np.array([[0.0, 0.0], [0.0, 9.0]]))
    >>> detector.flags(detector.score(odd)).tolist()
    [False, True]
    """
    return _fit(algorithm, config, table, report, policy)[0]


def detect(
    algorithm: str,
    config: Mapping[str, Any],
    table: Table,
    *,
    fit_on: Table | None = None,
    report: Report = silent,
    policy: Policy = AUTO,
) -> Detected:
    """Fit on ``fit_on`` (the table itself unless given), and score all rows of the table.

    Raises
    ------
    ConfigError, DetectionError
        See :func:`fit_detector`.
    """
    detector, fitted = _fit(algorithm, config, fit_on or table, report, policy)
    # Scores of the fitted rows are known already when they are all rows.
    known = fit_on is None and len(fitted) == table.rows
    return Detected(detector, fitted if known else detector.score(table, report))


def rows_before(model: Model) -> int:
    """How many earlier rows a score looks at; 0 where rows have no order."""
    return model.before if isinstance(model, SeriesModel) else 0


def rows_at_once(columns: int) -> int:
    """Rows of a block that fits in memory."""
    return max(1, CELLS_AT_ONCE // max(1, columns))


def contributing(contributions: Values, share: float = 0.8) -> NDArray[np.bool_]:
    """Which columns make a row unusual: the fewest that hold most of what speaks for it.

    Parameters
    ----------
    contributions : array of shape (rows, columns)
    share : float
        Of the positive contributions.

    Examples
    --------
    >>> contributing(np.array([[5.0, 0.2, -1.0], [1.0, 1.0, 1.0]])).tolist()
    [[True, False, False], [True, True, True]]
    """
    positive = np.maximum(contributions, 0.0)
    order = np.argsort(-positive, axis=1, kind="stable")
    ranked = np.take_along_axis(positive, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    needed = (before < share * ranked.sum(axis=1, keepdims=True)) & (ranked > 0)
    found = np.zeros(positive.shape, dtype=np.bool_)
    np.put_along_axis(found, order, needed, axis=1)
    return found


def _fit(
    algorithm: str, config: Mapping[str, Any], table: Table, report: Report, policy: Policy
) -> tuple[FittedDetector, Scores]:
    checked = check_config(algorithm, config)
    if table.rows < LEAST_ROWS:
        raise DetectionError(f"A detector needs {LEAST_ROWS} rows to learn from, got {table.rows}.")
    if not table.columns:
        raise DetectionError("There is no column to look at.")
    block = _drawn(table, description(algorithm))
    report(Progress("fit", 0, 1, f"fitting on {len(block[0])} rows"))
    preprocessing = fit_preprocessing(table.columns, block)
    values = preprocessing.apply(block)
    model, scores = load_algorithm(algorithm).fit(values, checked, report)
    tail = fit_tail(scores)
    if getattr(model, "scores_are_digits", False):
        tail = of_digits(tail)
    detector = FittedDetector(
        algorithm, checked, preprocessing, model, tail, AUTO, 0.0, len(values)
    )
    return detector.with_policy(policy), scores


def _drawn(table: Table, about: Description) -> Block:
    """All rows, or so many of them in their order: of a series the first."""
    most = about.most_fitted_rows
    if table.rows <= most:
        return joined(list(table.blocks(rows_at_once(len(table.columns)))))
    if about.needs_order:
        return table.take(np.arange(most))
    chosen = np.random.default_rng(_SEED).choice(table.rows, most, replace=False)
    return table.take(np.sort(chosen))
