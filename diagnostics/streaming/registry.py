"""From the name of an algorithm to its detector. Loads what the detector needs, and no more."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from diagnostics.streaming.base import Settings, StreamDetector
from diagnostics.streaming.descriptions import described


class _Loadable(StreamDetector, Protocol):
    def load(self, data: bytes) -> None: ...


MADE_BY: dict[str, tuple[str, str]] = {
    "zscore_rolling": ("columns", "zscore_rolling"),
    "ema": ("columns", "ema"),
    "mad_rolling": ("columns", "mad_rolling"),
    "half_space_trees": ("half_space_trees", "HalfSpaceTrees"),
    "rrcf": ("rrcf", "RandomCutForest"),
    "isolation_forest_incremental": ("isolation_forest", "IncrementalIsolationForest"),
    "lof_incremental": ("outlier_factors", "OutlierFactors"),
    "spectral": ("spectral", "WindowSpectra"),
    "page_hinkley": ("page_hinkley", "PageHinkley"),
    "kswin": ("kswin", "WindowedDistributions"),
    "adwin": ("adwin", "AdaptiveWindow"),
}


def create(algorithm: str, settings: Settings) -> StreamDetector:
    """A detector that has seen nothing.

    Raises
    ------
    StreamError
        If there is no such algorithm.
    """
    return _made(algorithm, settings)


def restore(algorithm: str, settings: Settings, state: bytes) -> StreamDetector:
    """A detector that knows what the one knew that gave this state.

    Raises
    ------
    StreamError
        If there is no such algorithm, or the state is damaged.
    """
    detector = _made(algorithm, settings)
    detector.load(state)
    return detector


def _made(algorithm: str, settings: Settings) -> _Loadable:
    module, name = MADE_BY[described(algorithm).name]
    make: Any = getattr(import_module(f"diagnostics.streaming.{module}"), name)
    return cast("_Loadable", make(settings))
