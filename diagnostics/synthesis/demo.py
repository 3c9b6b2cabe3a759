"""What a demo data set consists of: which bearings, and how they run in each recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diagnostics.errors import SynthesisError
from diagnostics.signals.signal import Signal, Unit, single_channel
from diagnostics.synthesis.bearing_faults import (
    SAMPLE_RATE_HZ,
    Fault,
    Operation,
    Specimen,
    draw_specimen,
    vibration,
)

SEVERITIES = {
    "incipient": (0.20, 0.45),
    "mild": (0.45, 0.70),
    "moderate": (0.70, 0.90),
    "severe": (0.90, 1.00),
}
LOADS = (0.25, 0.6, 0.95)
BEARINGS_PER_CLASS = 6
RECORDINGS_PER_BEARING = 3
DURATION_S = 2.0


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


def demo_size() -> int:
    """Recordings of the usual demo data set."""
    return len(Fault) * BEARINGS_PER_CLASS * RECORDINGS_PER_BEARING


def generate_demo(
    seed: int, duration_s: float = DURATION_S
) -> Iterator[tuple[PlannedRecording, Signal]]:
    """The recordings of the usual demo data set with their samples, one after the other.

    6 bearings a class and 3 recordings a bearing, at 25, 60 and 95 % load.

    Parameters
    ----------
    seed : int
        The same seed gives the same samples.
    duration_s : float
        Of each recording, between 0.1 and 600.

    Yields
    ------
    PlannedRecording, Signal
        One channel, acceleration in g at 20 480 Hz.

    Raises
    ------
    SynthesisError
        If the duration is out of range.

    Examples
    --------
    >>> planned, signal = next(generate_demo(1, duration_s=0.1))
    >>> planned.name, signal.sample_count, signal.channels[0].unit.value
    ('healthy-01-1', 2048, 'g')
    """
    plan_rng, *others = np.random.default_rng(seed).spawn(1 + demo_size())
    planned = plan_demo(BEARINGS_PER_CLASS, RECORDINGS_PER_BEARING, plan_rng)
    for one, rng in zip(planned, others, strict=True):
        samples = vibration(one.specimen, one.operation, duration_s, rng)
        channel = "housing, radial"
        yield one, single_channel(samples, SAMPLE_RATE_HZ, Unit.ACCELERATION_G, channel)


def _severity(fault: Fault, number: int, rng: np.random.Generator) -> tuple[str, float]:
    if fault is Fault.HEALTHY:
        return "none", 0.0
    level = list(SEVERITIES)[(number - 1) % len(SEVERITIES)]
    return level, float(rng.uniform(*SEVERITIES[level]))
