"""What the module of an algorithm offers: ``fit`` and ``load``, and the model they give.

A model works on numbers that :mod:`diagnostics.detectors.preprocess` made: no cell is missing,
every column is centred and scaled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import DetectionError
from diagnostics.progress import Report

Values = NDArray[np.float64]
Scores = NDArray[np.float64]
Config = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class State:
    """All that a fitted model knows: numbers and words, and arrays of numbers."""

    settings: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


class Model(Protocol):
    """A fitted algorithm."""

    def scores(self, values: Values) -> Scores:
        """Shape (rows,), higher is worse; a row's score does not depend on the other rows."""

    def contributions(self, values: Values) -> Values:
        """Shape (rows, columns): what each column does to the score of each row.

        In a unit of the algorithm's own; more is more unusual, below 0 speaks for ordinary.
        """

    def state(self) -> State: ...


class Algorithm(Protocol):
    """The module of an algorithm."""

    def fit(self, values: Values, config: Config, report: Report) -> tuple[Model, Scores]:
        """A fitted model, and its scores of the rows it was fitted on."""

    def load(self, state: State) -> Model:
        """The model with this state.

        Raises
        ------
        DetectionError
            If the arrays do not fit together.
        """


def load_algorithm(name: str) -> Algorithm:
    """The module of an algorithm, and with it scikit-learn or torch."""
    return cast("Algorithm", import_module(f"diagnostics.detectors.algorithms.{name}"))


def need(condition: bool) -> None:
    """Refuse a stored state unless the condition holds.

    Raises
    ------
    DetectionError
        If it does not.
    """
    if not condition:
        raise DetectionError("The stored detector is damaged.")


def at_middle(values: Values, column: int) -> Values:
    """The rows with one column at its median, which scaling put at 0."""
    found = values.copy()
    found[:, column] = 0.0
    return found


def occlusion(model: Model, values: Values) -> Values:
    """How much of the score goes away when a column is put at its median: (rows, columns)."""
    whole = model.scores(values)
    columns = range(values.shape[1])
    return np.column_stack([whole - model.scores(at_middle(values, c)) for c in columns])
