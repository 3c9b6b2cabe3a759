"""What each algorithm of streams is and takes. Light: pages and the API ask it, too."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.errors import StreamError
from diagnostics.streaming.description import Description, Parameter
from diagnostics.streaming.more_descriptions import MORE

DEFAULT = "zscore_rolling"


_ALL = (
    Description(
        "zscore_rolling",
        "Rolling z-score",
        "Distance of each value from the mean of the last points, in their standard deviations.",
        "statistical",
        ("at once clear why a point was flagged", "quickest of all", "one score for each column"),
        ("sees no broken relation between columns", "outliers in the window widen the spread"),
        "Steady signals in which single values jump.",
    ),
    Description(
        "ema",
        "Exponential moving average",
        "The same with weights that fall the older a point is: it follows slow changes.",
        "statistical",
        ("follows operating conditions", "one score for each column"),
        ("slow faults are followed, too", "sees no broken relation between columns"),
        "Signals that drift with load or temperature, in which values jump.",
        parameters=(
            Parameter(
                "alpha", "Weight of the newest point", "float", 0.1, 0.001, 1.0,
                "Larger follows faster; 1 looks at the last point alone.",
            ),
            Parameter(
                "threshold_multiplier", "Multiplier of the threshold", "float", 1.0, 0.1, 10.0,
                "The limit is the threshold times this.",
            ),
        ),
    ),
    Description(
        "mad_rolling",
        "Rolling median and MAD",
        "Distance from the median of the last points, in robust standard deviations.",
        "statistical",
        ("half of the window may be outliers", "one score for each column"),
        ("slower than the z-score for long windows", "values that come in steps have no spread"),
        "Signals with bursts that would widen a standard deviation.",
    ),
    Description(
        "half_space_trees",
        "Half-space trees",
        "How few of the points of the last window lie in the same corner of space.",
        "tree",
        ("sees combinations of columns", "memory and time for a point never grow"),
        ("judges only after a window of points", "coarse when columns leave their first range"),
        "Many columns at a high rate.",
        parameters=(
            Parameter("n_trees", "Trees", "integer", 25, 1, 200, "More are steadier and slower."),
            Parameter("height", "Height", "integer", 8, 2, 15, "Each level halves the corners."),
        ),
    ),
    Description(
        "rrcf",
        "Robust random cut forest",
        "How much a point displaces others in random trees of the last points (CoDisp).",
        "tree",
        ("sees combinations of columns and small groups", "follows at once, forgets at once"),
        ("most work for each point",),
        "Few hundred points a second, where finding the unusual matters most.",
        parameters=(
            Parameter("num_trees", "Trees", "integer", 40, 1, 200, "More are steadier, slower."),
            Parameter(
                "tree_size", "Points in a tree", "integer", 256, 16, 4096,
                "How many of the last points each tree holds.",
            ),
        ),
    ),
    Description(
        "isolation_forest_incremental",
        "Isolation forest, grown anew",
        "How quickly random cuts leave a point alone among the last ones.",
        "tree",
        ("sees combinations of columns", "known from batch detection"),
        ("the model is up to two refits old",),
        "Steady processes with several columns.",
        parameters=(
            Parameter("n_estimators", "Trees", "integer", 50, 10, 200, "More are steadier."),
            Parameter(
                "refit_every", "Points between refits", "integer", 100, 10, 10_000,
                "A forest is grown beside the judging, and used from the next refit on.",
            ),
        ),
    ),
)  # fmt: skip

ALGORITHMS: Mapping[str, Description] = {one.name: one for one in (*_ALL, *MORE)}


def described(name: str) -> Description:
    """The algorithm of this name.

    Raises
    ------
    StreamError
        If there is none.
    """
    if name not in ALGORITHMS:
        raise StreamError(f"There is no algorithm “{name}”; there are {', '.join(ALGORITHMS)}.")
    return ALGORITHMS[name]
