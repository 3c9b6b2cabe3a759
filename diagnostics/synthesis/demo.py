"""What a demo data set consists of: which bearings, and how they run in each recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diagnostics.errors import SynthesisError
from diagnostics.synthesis.bearing_faults import Fault, Operation, Specimen, draw_specimen

SEVERITIES = {
    "incipient": (0.20, 0.45),
    "mild": (0.45, 0.70),
    "moderate": (0.70, 0.90),
    "severe": (0.90, 1.00),
}
LOADS = (0.25, 0.6, 0.95)


@dataclass(frozen=True)
class PlannedRecording:
    """One recording to generate: who, how the machine runs, and what to call it."""

    name: str
    specimen: Specimen
    severity_level: str
    operation: Operation


def plan_demo(
    bearings_per_class: int, recordings_per_bearing: int, rng: np.random.Generator
) -> Iterator[PlannedRecording]:
    """The recordings of a demo data set, class by class.

    Each bearing has one damage of one severity, so that a split by bearing asks whether a
    classifier knows the fault and not the bearing. The severities of a class go round
    through the levels; loads go round within a bearing; speeds lie near 1800 rpm.

    Parameters
    ----------
    bearings_per_class : int
        At least 1. With 3 or more, training, validation and test get a bearing each.
    recordings_per_bearing : int
        At least 1.
    rng : numpy Generator

    Raises
    ------
    SynthesisError
        If a number is below 1.

    Examples
    --------
    >>> planned = list(plan_demo(3, 2, np.random.default_rng(0)))
    >>> len(planned), planned[0].name, planned[-1].name
    (24, 'healthy-01-1', 'ball-03-2')
    """
    if min(bearings_per_class, recordings_per_bearing) < 1:
        raise SynthesisError(
            "A demo data set needs 1 bearing a class and 1 recording a bearing or more, got "
            f"{bearings_per_class} and {recordings_per_bearing}."
        )
    for fault in Fault:
        short = fault.value.replace(" ", "-")
        for number in range(1, bearings_per_class + 1):
            level, severity = _severity(fault, number, rng)
            specimen = draw_specimen(f"{short}-{number:02d}", fault, severity, rng)
            for turn in range(recordings_per_bearing):
                load = LOADS[turn % len(LOADS)]
                operation = Operation(float(rng.uniform(1_700, 1_900)), load)
                name = f"{specimen.name}-{turn + 1}"
                yield PlannedRecording(name, specimen, level, operation)


def _severity(fault: Fault, number: int, rng: np.random.Generator) -> tuple[str, float]:
    if fault is Fault.HEALTHY:
        return "none", 0.0
    level = list(SEVERITIES)[(number - 1) % len(SEVERITIES)]
    return level, float(rng.uniform(*SEVERITIES[level]))
