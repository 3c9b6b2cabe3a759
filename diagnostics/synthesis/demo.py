"""The demo data set: a small config of rolling-element bearings."""

from __future__ import annotations

from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import Kind, RollingFault


def demo_config(seed: int) -> SynthesisConfig:
    """Six bearings a class and three recordings a bearing, at 25, 60 and 95 % load.

    Each bearing has one damage of one severity, so that a split by bearing asks whether a
    classifier knows the fault and not the bearing.

    Examples
    --------
    >>> config = demo_config(1)
    >>> config.recording_count, config.duration_s, config.loads[0]
    (72, 2.0, 0.25)
    """
    shown = [fault for fault in RollingFault if fault is not RollingFault.CAGE]
    return usual_config(
        Kind.ROLLING,
        classes={fault.value: 3 for fault in shown},
        bearings=6,
        evolving_share=0.0,
        load_percent=(25.0, 95.0),
        load_levels=3,
        duration_s=2.0,
        seed=seed,
    )
