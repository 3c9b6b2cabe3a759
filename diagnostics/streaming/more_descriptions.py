"""The algorithms of streams beyond single values and forests: density, vibration, drift."""

from __future__ import annotations

from diagnostics.streaming.description import Description, Parameter

MORE = (
    Description(
        "lof_incremental",
        "Local outlier factor, point by point",
        "How much thinner the last points lie around a point than around its neighbours.",
        "density",
        ("sees points beside groups of different density", "sees combinations of columns"),
        ("an unusual state that lasts has neighbours soon", "looks back 1000 points at most"),
        "Machines that change between a few states.",
        parameters=(
            Parameter(
                "n_neighbors", "Neighbours", "integer", 20, 5, 100,
                "How many points the density is taken from; more are steadier.",
            ),
        ),
    ),
    Description(
        "spectral",
        "Vibration windows against a baseline",
        "RMS, crest factor, kurtosis and band levels of each window against the first windows.",
        "vibration",
        ("sees a fault that changes no single value", "never learns a fault as usual"),
        ("one verdict for a window", "speed and load must stay as in the baseline"),
        "Samples of vibration at a steady rate; the window is that of the session.",
        parameters=(
            Parameter(
                "baseline_windows", "Windows of the baseline", "integer", 20, 5, 1000,
                "The first windows, which must be good.",
            ),
            Parameter("bands", "Bands", "integer", 8, 1, 64, "Equal parts of the spectrum."),
        ),
    ),
    Description(
        "page_hinkley",
        "Drift: Page–Hinkley",
        "Small deviations from the mean to one side, summed up until they are no chance.",
        "drift",
        ("sees shifts smaller than the noise", "quick"),
        ("looks at each column by itself", "slow swings are drifts, too"),
        "Slow wear: a mean that moves.",
        parameters=(
            Parameter(
                "delta", "Allowance", "float", 0.25, 0.0, 2.0,
                "Deviations up to this many standard deviations do not add up.",
            ),
            Parameter(
                "threshold_multiplier", "Multiplier of the threshold", "float", 10.0, 1.0, 100.0,
                "A drift is a sum of more standard deviations than the threshold times this.",
            ),
        ),
    ),
    Description(
        "kswin",
        "Drift: Kolmogorov–Smirnov windows",
        "Whether the newest values of a column are distributed like the older ones.",
        "drift",
        ("sees changes of spread and shape", "needs no assumption on the distribution"),
        (
            "looks at each column by itself",
            "cycles longer than the newest values are drifts",
            "a window of fewer than 20 points never reaches a threshold of 3",
        ),
        "Signals whose distribution changes and not only their mean.",
        parameters=(
            Parameter(
                "stat_size", "Newest values", "integer", 30, 5, 1000,
                "How many are compared with the rest; at most half of the window.",
            ),
        ),
    ),
    Description(
        "adwin",
        "Drift: adaptive window",
        "Whether some older part of the window has another mean than the newer part.",
        "drift",
        ("the window is long while nothing happens", "says since when"),
        (
            "looks at each column by itself",
            "sees changes of the mean only",
            "a window of fewer than 50 points hardly reaches a threshold of 3",
        ),
        "Means that change suddenly or step by step; take a long window.",
        parameters=(
            Parameter(
                "clock", "Points between looks", "integer", 32, 1, 1000,
                "Fewer find a change sooner and cost more.",
            ),
        ),
    ),
)  # fmt: skip
