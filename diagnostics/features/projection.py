"""Windows as points in a plane: those with like features lie near each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features.table import Prepared, Rows, Values, prepare, standardised

MOST_POINTS = 5_000
FEWEST_POINTS = 5
_PERPLEXITY = 30.0


@dataclass(frozen=True, eq=False)
class Projection:
    """``coordinates`` (points, dimensions); ``rows`` are the windows in the table that was given.

    Of principal components also the part of the variance that each explains, and
    ``loadings`` (dimensions, features) by ``names``.
    """

    coordinates: Values
    rows: Rows
    names: tuple[str, ...]
    explained: Values | None = None
    loadings: Values | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def principal_components(
    features: NDArray[np.floating], names: Sequence[str], dimensions: int = 2
) -> Projection:
    """Directions in which the standardised features vary most.

    Distances in the plane are true to the part of the variance that is explained; with less
    than half of it, points that lie near each other may be far apart. The loudest difference
    comes first, and that may be the load, the speed or the sensor instead of the fault.

    Parameters
    ----------
    features : array of shape (windows, features)
        NaN counts as the median of its column.
    names : sequence of str
    dimensions : int
        At least 1, at most features and windows.

    Returns
    -------
    Projection

    Raises
    ------
    FeatureError
        If there are fewer than five windows, or fewer features than dimensions.

    Examples
    --------
    >>> level = np.arange(8.0)
    >>> table = np.stack([level, 2 * level, np.tile([0.0, 1.0], 4)], axis=1)
    >>> found = principal_components(table, ["RMS", "Peak", "Skewness"])
    >>> found.coordinates.shape, bool(found.explained[0] > 0.66)
    ((8, 2), True)
    """
    from sklearn.decomposition import PCA

    table = _prepared(features, names)
    if not 1 <= dimensions <= min(table.values.shape):
        raise FeatureError(
            f"{len(table.names)} features of {len(table.rows)} windows have no {dimensions} "
            "principal components."
        )
    analysis = PCA(dimensions, svd_solver="full")
    coordinates = analysis.fit_transform(standardised(table.values))
    return Projection(
        coordinates,
        table.rows,
        table.names,
        analysis.explained_variance_ratio_,
        analysis.components_,
        table.left_out,
        _notes(table),
    )


def neighbour_map(
    features: NDArray[np.floating],
    names: Sequence[str],
    *,
    perplexity: float = _PERPLEXITY,
    seed: int = 0,
) -> Projection:
    """t-SNE: a plane in which each window keeps its nearest neighbours [1]_.

    Clusters are real more often than not; their size, their distance and their place mean
    nothing, and another seed gives another picture. Windows of one recording always cluster:
    that is no proof that faults do. Takes some seconds per thousand windows.

    Parameters
    ----------
    features : array of shape (windows, features)
        NaN counts as the median of its column. Of more than 5000 windows 5000 are taken,
        evenly over the table.
    names : sequence of str
    perplexity : float
        About how many neighbours count, 2 or more; lowered to a third of the windows.
    seed : int

    Returns
    -------
    Projection
        Coordinates without a unit.

    Raises
    ------
    FeatureError
        If there are fewer than five windows or the perplexity is below 2.

    References
    ----------
    .. [1] As implemented and documented by ``sklearn.manifold.TSNE``.
    """
    from sklearn.manifold import TSNE

    if not perplexity >= 2:
        raise FeatureError(f"The perplexity must be 2 or more, got {perplexity:g}.")
    table = _prepared(features, names)
    notes = list(_notes(table))
    taken = np.arange(len(table.rows))
    if len(taken) > MOST_POINTS:
        taken = np.linspace(0, len(taken) - 1, MOST_POINTS).round().astype(np.intp)
        notes.append(f"{MOST_POINTS} of {len(table.rows)} windows are shown, evenly chosen.")
    values = standardised(table.values)[taken]
    method = TSNE(
        2,
        perplexity=min(perplexity, (len(taken) - 1) / 3),
        init="pca" if values.shape[1] > 1 else "random",
        random_state=seed,
        n_jobs=1,
    )
    coordinates = np.asarray(method.fit_transform(values), dtype=np.float64)
    return Projection(
        coordinates, table.rows[taken], table.names, left_out=table.left_out, notes=tuple(notes)
    )


def _prepared(features: NDArray[np.floating], names: Sequence[str]) -> Prepared:
    table = prepare(features, names)
    if len(table.rows) < FEWEST_POINTS:
        raise FeatureError(f"A map needs {FEWEST_POINTS} windows or more, got {len(table.rows)}.")
    return table


def _notes(table: Prepared) -> tuple[str, ...]:
    missing = int(np.isnan(table.values).sum())
    if not missing:
        return ()
    return (f"{missing} unknown numbers count as the median of their feature.",)
