"""The algorithms for series, where the order of rows matters."""

from __future__ import annotations

from diagnostics.detectors.description import (
    CONTAMINATION,
    Category,
    Description,
    Kind,
    Parameter,
)


def _window(default: int, most: int) -> Parameter:
    return Parameter(
        "window",
        "Window",
        Kind.INTEGER,
        default,
        8,
        most,
        (),
        "Rows that are looked at together; the window ends at the row that is judged.",
    )


SERIES: tuple[Description, ...] = (
    Description(
        "matrix_profile",
        "Matrix profile",
        "How unlike every fitted window the shape of a window is, whatever its height and size.",
        Category.TIME_SERIES,
        (_window(32, 512), CONTAMINATION),
        ("Finds shapes that never came before", "No assumption on the shape"),
        ("Time grows with the square of the rows", "Blind to a change of level or size"),
        "Repeating cycles",
        True,
        "C.-C. M. Yeh et al., Matrix Profile I, ICDM 2016",
        most_fitted_rows=10_000,
        needs_order=True,
    ),
    Description(
        "sub_pca",
        "Principal components of windows",
        "How far a window lies from the fitted ones along their principal components.",
        Category.TIME_SERIES,
        (_window(32, 256), CONTAMINATION),
        ("Fast", "Finds odd levels and odd shapes"),
        ("Straight relations only", "Looks at each column alone"),
        "Smooth measurements at a steady rate",
        True,
        "C. C. Aggarwal, Outlier Analysis, 2nd edition, Springer 2017, chapter 3",
        most_fitted_rows=100_000,
        needs_order=True,
    ),
    Description(
        "spectral_residual",
        "Spectral residual",
        "By how much the end of a window stands out of what its spectrum leads to expect.",
        Category.TIME_SERIES,
        (_window(64, 512), CONTAMINATION),
        ("Fast", "Learns hardly anything: follows slow changes", "Steady cycles do not disturb it"),
        (
            "Sees where something begins, not how long it lasts",
            "Blind to a change that stays",
            "Looks at each column alone",
        ),
        "Single peaks and sudden steps in a series with cycles",
        True,
        "H. Ren et al., Time-Series Anomaly Detection Service at Microsoft, KDD 2019",
        most_fitted_rows=100_000,
        needs_order=True,
    ),
)
