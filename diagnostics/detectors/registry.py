"""The algorithms that find anomalies, in the order in which pages offer them.

To add one: write a module in ``algorithms/`` as :mod:`diagnostics.detectors.algorithm` says, and
list its description under ``descriptions/``. This file loads none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.detectors.description import Description, Value
from diagnostics.detectors.descriptions.core import CORE
from diagnostics.detectors.descriptions.more import MORE
from diagnostics.detectors.descriptions.series import SERIES
from diagnostics.errors import ConfigError

ALGORITHMS: dict[str, Description] = {each.name: each for each in (*CORE, *MORE, *SERIES)}


def description(algorithm: str) -> Description:
    """What is known of an algorithm.

    Raises
    ------
    ConfigError
        If there is no such algorithm; ``field`` is ``algorithm``.
    """
    try:
        return ALGORITHMS[algorithm]
    except KeyError:
        known = ", ".join(ALGORITHMS)
        raise ConfigError(
            "algorithm", f"There is no algorithm {algorithm!r:.60}: {known}."
        ) from None


def check_config(algorithm: str, config: Mapping[str, Any]) -> dict[str, Value]:
    """All parameters of an algorithm: those given checked, the others at their defaults.

    Raises
    ------
    ConfigError
        A ``ValueError`` whose ``field`` names the parameter: unknown, of the wrong kind or out
        of range.

    Examples
    --------
    >>> check_config("lof", {"n_neighbors": 30})
    {'n_neighbors': 30, 'contamination': 'auto', 'algorithm': 'auto'}
    """
    return description(algorithm).check(config)
