"""Tables with anomalies that were put there, so that it is known which rows are unusual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
FACTORS = 3
KINDS = ("one column 6 σ", "three columns 4 σ", "broken correlation", "far cluster")


@dataclass(frozen=True, eq=False)
class Planted:
    """``kind`` is −1 for an ordinary row, else a place in ``KINDS``."""

    values: Values
    kind: NDArray[np.intp]

    @property
    def is_anomaly(self) -> NDArray[np.bool_]:
        return self.kind >= 0


def ordinary(rng: np.random.Generator, rows: int, columns: int) -> tuple[Values, Values, Values]:
    """Rows of columns that follow three hidden causes, each column with deviation 1.

    Returns
    -------
    values : array of shape (rows, columns)
    causes : array of shape (rows, causes)
    loads : array of shape (causes, columns)
        Each column follows one cause, mostly, and shares 90 % of its variance with it.
    """
    loads = rng.normal(scale=0.15, size=(FACTORS, columns))
    loads[np.arange(columns) % FACTORS, np.arange(columns)] += rng.choice([-1.0, 1.0], columns)
    loads *= np.sqrt(0.9) / np.sqrt((loads**2).sum(axis=0))
    causes = rng.normal(size=(rows, FACTORS))
    return causes @ loads + rng.normal(scale=np.sqrt(0.1), size=(rows, columns)), causes, loads


def planted(seed: int, rows: int = 10_000, columns: int = 10, share: float = 0.01) -> Planted:
    """Ordinary rows among which a share is unusual, the four kinds equally often.

    Parameters
    ----------
    seed : int
    rows, columns : int
    share : float
        Of anomalies.
    """
    rng = np.random.default_rng(seed)
    values, _, loads = ordinary(rng, rows, columns)
    kind = np.full(rows, -1, dtype=np.intp)
    chosen = rng.choice(rows, round(rows * share), replace=False)
    kind[chosen] = np.arange(len(chosen)) % len(KINDS)
    for row in np.flatnonzero(kind == 0):
        values[row, rng.integers(columns)] = rng.choice([-6.0, 6.0])
    for row in np.flatnonzero(kind == 1):
        values[row, rng.choice(columns, 3, replace=False)] = 4.0 * rng.choice([-1.0, 1.0], 3)
    broken = np.flatnonzero(kind == 2)
    values[broken] = _against_its_cause(rng, loads, len(broken))
    far = np.flatnonzero(kind == 3)
    direction = rng.normal(size=columns)
    centre = 8.0 * direction / np.linalg.norm(direction)
    values[far] = centre + rng.normal(scale=0.3, size=(len(far), columns))
    units = rng.uniform(0.1, 100.0, columns)
    return Planted(values * units + rng.uniform(-1000, 1000, columns), kind)


def _against_its_cause(rng: np.random.Generator, loads: Values, rows: int) -> Values:
    """Every column within two deviations, but half of those of one strong cause turned round."""
    causes = rng.normal(size=(rows, FACTORS))
    strong = rng.integers(FACTORS, size=rows)
    causes[np.arange(rows), strong] = rng.choice([-1.0, 1.0], rows) * rng.uniform(1.5, 2.0, rows)
    values = causes @ loads + rng.normal(scale=np.sqrt(0.1), size=(rows, loads.shape[1]))
    for row, cause in enumerate(strong):
        followers = np.flatnonzero(np.arange(loads.shape[1]) % FACTORS == cause)
        values[row, followers[: max(1, len(followers) // 2)]] *= -1.0
    return values


def clean(shape: str, seed: int, rows: int = 10_000, columns: int = 10) -> Values:
    """Rows without a planted anomaly, by the shape of their columns.

    Parameters
    ----------
    shape : str
        ``gaussian``, ``heavy`` (Student’s t with 4 degrees of freedom), ``skewed`` (log-normal),
        ``regimes`` (two operating states of different spread).
    """
    rng = np.random.default_rng(seed)
    values, _, _ = ordinary(rng, rows, columns)
    if shape == "heavy":
        return values / np.sqrt(rng.chisquare(4, size=(rows, 1)) / 4.0)
    if shape == "skewed":
        return np.exp(0.7 * values)
    if shape == "regimes":
        second = rng.random(rows) < 0.3
        values[second] = 0.5 * values[second] + 5.0
    return values


SHAPES = ("gaussian", "heavy", "skewed", "regimes")
