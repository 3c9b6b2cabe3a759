"""Where the line between ordinary and unusual is drawn, and who draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from diagnostics.detectors.description import Value
from diagnostics.detectors.registry import description
from diagnostics.detectors.tail import FALSE_ALARMS, Tail
from diagnostics.errors import ConfigError

_NEVER = 1e308
_RAREST = 300.0
_RANGES = {
    "auto": (1e-6, 0.1),
    "contamination": (1e-4, 0.5),
    "calibrated": (0.0, 1.0),
    "threshold": (-1e300, 1e300),
}


@dataclass(frozen=True)
class Policy:
    """How the threshold follows from the scores.

    Attributes
    ----------
    kind : str
        ``auto``: a share of ordinary rows is flagged falsely (``value``, 0.000001–0.1; None: what
        the config of the algorithm says, and one in a thousand where that says nothing);
        ``contamination``: a share of the fitted rows is flagged (0.0001–0.5);
        ``calibrated``: rows above a calibrated score (0–1);
        ``threshold``: rows above a raw score.
    value : float or None

    Raises
    ------
    ConfigError
        If there is no such kind, or the value is out of its range.
    """

    kind: str = "auto"
    value: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in _RANGES:
            kinds = ", ".join(_RANGES)
            raise ConfigError("threshold_policy", f"A threshold is one of {kinds}.")
        low, high = _RANGES[self.kind]
        if self.value is None and self.kind == "auto":
            return
        number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if not number or not low <= self.value <= high:  # type: ignore[operator]
            raise ConfigError(
                "threshold_policy",
                f"“{self.kind}” needs a number from {low:g} to {high:g}, got {self.value!r:.40}.",
            )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


AUTO = Policy()


def own_policy(algorithm: str, config: Mapping[str, Value]) -> Policy:
    """What the config of an algorithm says about the threshold.

    Examples
    --------
    >>> own_policy("statistical", {"threshold": 3.0})
    Policy(kind='threshold', value=3.0)
    >>> own_policy("lof", {"contamination": "auto"})
    Policy(kind='auto', value=0.001)
    """
    name = description(algorithm).flags_by
    said = config[name]
    if isinstance(said, str):
        return Policy("auto", FALSE_ALARMS)
    if name == "threshold_percentile":
        return Policy("contamination", 1.0 - said / 100.0)
    if name == "eps":
        # The score counts in units of eps: beyond one is what DBSCAN calls noise.
        return Policy("threshold", 1.0)
    return Policy(name, float(said))


def threshold_of(policy: Policy, tail: Tail) -> float:
    """The raw score beyond which rows are flagged."""
    value = FALSE_ALARMS if policy.value is None else policy.value
    if policy.kind == "threshold":
        return float(value)
    if policy.kind == "contamination":
        return tail.score_of_share(value)
    if policy.kind == "calibrated":
        rarity = 3.0 * value / max(1.0 - value, 1e-300)
        return _NEVER if rarity > _RAREST else tail.score_at(float(10.0**-rarity))
    return tail.score_at(value)
