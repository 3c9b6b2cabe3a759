"""Whether a class that is named is likely at all."""

from __future__ import annotations

from collections.abc import Iterable


def doubt(probabilities: Iterable[float]) -> str:
    """A sentence where all other classes together are likelier than the named one, else nothing.

    Examples
    --------
    >>> doubt([0.31, 0.29, 0.4])
    'Unsure: it is more likely one of the other classes, with 0.60 together.'
    >>> doubt([0.5, 0.5])
    ''
    """
    highest = max(probabilities)
    if highest >= 0.5:
        return ""
    return f"Unsure: it is more likely one of the other classes, with {1 - highest:.2f} together."
