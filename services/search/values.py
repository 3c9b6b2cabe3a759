"""The metrics and settings of an experiment under the names by which searches ask for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from diagnostics.training.classifiers import VOTING_ENSEMBLE
from diagnostics.training.config import OF_VOTES
from models import Experiment

LONGEST_TEXT = 200
# What came out beside the scores.
FACTS = ("best_epoch", "parameter_count", "wall_time_s", "leak")
# The scores of recordings have their plain names, those of windows say so.
LEVELS = {"recordings": "", "windows": "window_"}
COUNTED = "test_"


class Value(NamedTuple):
    number: float | None
    text: str | None


def values_of(experiment: Experiment) -> dict[str, Value]:
    """Everything that can be searched for by name.

    A parameter of the classifier has its own name, unless a setting of every training has
    that name already; then it is ``parameters.…``.
    """
    given: dict[str, Any] = dict(_settings(experiment.config))
    given.update(_results(experiment.summary or {}))
    given.update((name, getattr(experiment, name)) for name in FACTS)
    return {
        name.lower(): value for name, raw in given.items() if (value := _value(raw)) is not None
    }


def _settings(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    is_vote = config.get("classifier") == VOTING_ENSEMBLE.name
    for name, value in config.items():
        # A feature set is searched for by its name and not by its content.
        if (is_vote and name not in OF_VOTES) or name == "feature_set":
            continue
        if not isinstance(value, Mapping):
            yield name, value
            continue
        for inner, part in value.items():
            own = name == "parameters" and inner not in config
            yield inner if own else f"{name}.{inner}", part


def _results(summary: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for level, prefix in LEVELS.items():
        scores = summary.get(level)
        for name, score in scores.items() if isinstance(scores, Mapping) else ():
            value = score.get("value") if isinstance(score, Mapping) else score
            yield f"{prefix}{name}", value
    heads = summary.get("heads")
    for name, score in heads.items() if isinstance(heads, Mapping) else ():
        yield f"{name}_mae", score.get("mae")
    counted = summary.get("n")
    for name, number in counted.items() if isinstance(counted, Mapping) else ():
        yield f"{COUNTED}{name}", number


def _value(raw: Any) -> Value | None:
    if isinstance(raw, list | tuple) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, bool):
        return Value(None, "yes" if raw else "no")
    if isinstance(raw, int | float):
        return Value(float(raw), None) if math.isfinite(raw) else None
    if isinstance(raw, list | tuple):
        raw = ", ".join(f"{part}" for part in raw if isinstance(part, str | int | float))
    return Value(None, raw[:LONGEST_TEXT]) if isinstance(raw, str) and raw else None
