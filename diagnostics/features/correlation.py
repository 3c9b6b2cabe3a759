"""Which features say the same."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features.table import Values, prepare

ALIKE = 0.95
FEWEST = 3


class CorrelationMethod(enum.StrEnum):
    """Of the numbers, or of their ranks."""

    PEARSON = "pearson"
    SPEARMAN = "spearman"


@dataclass(frozen=True, eq=False)
class Correlation:
    """Coefficients between features, sorted so that those that go together are neighbours.

    ``matrix`` (features, features) from -1 to 1, NaN where fewer than three windows have both
    numbers. ``alike`` lists pairs with a magnitude of 0.95 or more, the highest first.
    """

    method: CorrelationMethod
    names: tuple[str, ...]
    matrix: Values
    alike: tuple[tuple[str, str, float], ...]
    left_out: dict[str, str] = field(default_factory=dict)


def feature_correlation(
    features: NDArray[np.floating],
    names: Sequence[str],
    method: str = CorrelationMethod.PEARSON,
) -> Correlation:
    """Correlation of each pair of features over the windows that have both numbers.

    Two features that go together over all classes may part within one: high coefficients
    often say only that faulty machines are louder. Spearman's coefficient sees any rising
    relation, as between a level and its square, and does not follow single spikes.

    Parameters
    ----------
    features : array of shape (windows, features)
    names : sequence of str
    method : str
        pearson, or spearman: the same of the ranks within each column.

    Returns
    -------
    Correlation

    Raises
    ------
    FeatureError
        If the method does not exist, the names do not fit, or no feature differs.

    Examples
    --------
    >>> level = np.arange(1.0, 9.0)
    >>> table = np.stack([level, np.cos(level), level**2], axis=1)
    >>> found = feature_correlation(table, ["RMS", "Skewness", "Power"], "spearman")
    >>> found.names, found.alike
    (('Skewness', 'Power', 'RMS'), (('Power', 'RMS', 1.0),))
    """
    if method not in set(CorrelationMethod):
        known = ", ".join(CorrelationMethod)
        raise FeatureError(f"There is no correlation “{method}”; choose among {known}.")
    method = CorrelationMethod(method)
    table = prepare(features, names)
    values = _ranks(table.values) if method is CorrelationMethod.SPEARMAN else table.values
    matrix = _pairwise(values)
    order = _order(matrix)
    matrix, sorted_names = matrix[np.ix_(order, order)], tuple(table.names[c] for c in order)
    rows, columns = np.triu_indices(len(order), 1)
    alike = sorted(
        (
            (sorted_names[a], sorted_names[b], float(matrix[a, b]))
            for a, b in zip(rows, columns, strict=True)
            if abs(matrix[a, b]) >= ALIKE
        ),
        key=lambda pair: -abs(pair[2]),
    )
    return Correlation(method, sorted_names, matrix, tuple(alike), table.left_out)


def _ranks(values: Values) -> Values:
    from scipy.stats import rankdata

    ranks: Values = rankdata(values, axis=0, nan_policy="omit")
    return ranks


def _pairwise(values: Values) -> Values:
    """Pearson's coefficient of each pair of columns over the rows that have both."""
    known = np.isfinite(values)
    weights = known.astype(np.float64)
    middle, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    off = np.where(known, (values - middle) / spread, 0.0)
    count = weights.T @ weights
    shared = np.maximum(count, 1.0)
    means, squares = off.T @ weights / shared, off.T**2 @ weights / shared
    variance = np.maximum(squares - means**2, 0.0)
    product = off.T @ off / shared - means * means.T
    scale = np.sqrt(variance * variance.T)
    enough = (count >= FEWEST) & (scale > 1e-12)
    plain = np.full(product.shape, np.nan)
    np.divide(product, scale, out=plain, where=enough)
    found: Values = np.clip(plain, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _order(matrix: Values) -> NDArray[np.intp]:
    """Columns so that those that go together are neighbours."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(matrix) < 3:
        return np.arange(len(matrix))
    apart = 1.0 - np.abs(np.nan_to_num((matrix + matrix.T) / 2))
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    found: NDArray[np.intp] = leaves_list(tree).astype(np.intp)
    return found
