"""From a config to recordings: which there are, and the samples and facts of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from diagnostics.signals.signal import Signal, Unit, single_channel
from diagnostics.synthesis import journal_faults, rolling_faults
from diagnostics.synthesis.config import SynthesisConfig
from diagnostics.synthesis.faults import Fault, JournalFault, Kind, RollingFault
from diagnostics.synthesis.housing import Housing, draw_housing
from diagnostics.synthesis.motion import Motion, move
from diagnostics.synthesis.noise import add_noise, rms
from diagnostics.synthesis.scene import Facts, Fine, Scene, sound_vibration
from diagnostics.synthesis.severity import HEALTHY, Severity, draw_severity
from diagnostics.synthesis.streams import stream

CHANNEL = "housing, radial"


@dataclass(frozen=True)
class PlannedRecording:
    """The stable name of a recording: class, bearing and number, each from 1."""

    fault: Fault
    bearing: int
    number: int

    @property
    def name(self) -> str:
        return f"{_short(self.fault)}-{self.bearing:02d}-{self.number}"

    @property
    def bearing_name(self) -> str:
        """A journal bearing outlives its faults; damage of rolling elements stays."""
        if isinstance(self.fault, JournalFault):
            return f"bearing-{self.bearing:02d}"
        return f"{_short(self.fault)}-{self.bearing:02d}"


@dataclass(frozen=True)
class GeneratedRecording:
    """Samples, and everything that is known about them.

    Parameters
    ----------
    planned : PlannedRecording
    signal : Signal
        One channel, acceleration in g.
    speed_rpm : float
        Mean.
    load : float
        From 0 to 1.
    facts : dict
        Severity, motion, noise and what the fault did: texts and numbers by name.
    """

    planned: PlannedRecording
    signal: Signal
    speed_rpm: float
    load: float
    facts: Facts


def plan(config: SynthesisConfig) -> Iterator[PlannedRecording]:
    """The recordings of a config, class by class and bearing by bearing.

    Examples
    --------
    >>> config = SynthesisConfig(classes={"healthy": 1, "oil_whirl": 2}, bearings=2)
    >>> [planned.name for planned in plan(config)][1:4]
    ['healthy-02-1', 'oil-whirl-01-1', 'oil-whirl-01-2']
    """
    for fault, count in config.faults:
        for bearing in range(1, config.bearings + 1):
            for number in range(1, count + 1):
                yield PlannedRecording(fault, bearing, number)


def generate(
    config: SynthesisConfig, planned: PlannedRecording, *, without_fault: bool = False
) -> GeneratedRecording:
    """One recording. It depends on the config and its own name, and on no other recording.

    Parameters
    ----------
    config : SynthesisConfig
    planned : PlannedRecording
        Of the config or beyond it: numbers and bearings go on for ever.
    without_fault : bool
        The same machine, speed, load and noise, as if the fault were not there: to compare.

    Returns
    -------
    GeneratedRecording

    Examples
    --------
    >>> config = SynthesisConfig(duration_s=0.5)
    >>> made = generate(config, PlannedRecording(JournalFault.OIL_WHIRL, 1, 1))
    >>> made.signal.sample_count, 0.42 <= made.facts["whirl_order"] <= 0.48
    (10240, True)
    """
    scene = prepare(config, planned)
    own = partial(_stream_of, config, planned)
    vibration = sound_vibration(scene, own("sound"))
    sound_rms_g = rms(vibration)
    fault_facts: Facts = {}
    if not without_fault:
        fault_facts = _add_fault(vibration, config, planned, scene)
    samples, noise_facts = add_noise(
        vibration, sound_rms_g, scene.motion, config.noise, partial(own, "noise")
    )
    facts = _scene_facts(config, planned, scene) | fault_facts | noise_facts
    return GeneratedRecording(
        planned,
        single_channel(samples, config.sample_rate_hz, Unit.ACCELERATION_G, CHANNEL),
        scene.motion.mean_hz * 60,
        scene.load,
        {name: _rounded(value) for name, value in facts.items()},
    )


def prepare(config: SynthesisConfig, planned: PlannedRecording) -> Scene:
    """The machine and how it runs in a recording."""
    own = partial(_stream_of, config, planned)
    load = config.loads[(planned.number - 1) % config.load_levels]
    return Scene(
        housing_of(config, planned.bearing),
        _motion(config, own("speed")),
        load,
        _severity(config, planned, own("severity")),
    )


def housing_of(config: SynthesisConfig, number: int) -> Housing:
    """The structure of a machine: the same for all classes and recordings."""
    return draw_housing(config.kind, number, stream(config.seed, config.kind, "housing", number))


def _add_fault(
    vibration: Fine, config: SynthesisConfig, planned: PlannedRecording, scene: Scene
) -> Facts:
    """Add what the fault does to the vibration in place; facts about it."""
    own = partial(_stream_of, config, planned)
    fault = planned.fault
    facts: Facts = {}
    if isinstance(fault, JournalFault):
        # Two faults are added: each has the severity, and none is scaled by the other.
        for part in fault.parts:
            added, told = journal_faults.signature(part, scene, own("fault", part))
            vibration += added
            facts |= told
    elif fault is not RollingFault.HEALTHY:
        place = stream(config.seed, config.kind, "damage", fault, planned.bearing)
        damage = rolling_faults.draw_damage(fault, config.geometry, place)
        low, high = config.slip_percent
        added, facts = rolling_faults.signature(
            damage, scene, (low / 100, high / 100), own("fault")
        )
        vibration += added
    return facts


def _motion(config: SynthesisConfig, rng: np.random.Generator) -> Motion:
    low, high = config.speed_rpm
    mean_hz = (low + (high - low) * rng.random()) / 60
    return move(
        config.speed_profile,
        mean_hz,
        config.speed_change_percent / 100,
        config.speed_period_s,
        config.sample_count,
        config.sample_rate_hz,
        rng,
    )


def _severity(
    config: SynthesisConfig, planned: PlannedRecording, rng: np.random.Generator
) -> Severity:
    if planned.fault.value == "healthy":
        return HEALTHY
    turn = planned.bearing - 1
    value_rng = rng
    if config.kind is Kind.JOURNAL:
        turn += planned.number - 1
    else:
        value_rng = stream(config.seed, config.kind, "severity", planned.fault, planned.bearing)
    level = config.severities[turn % len(config.severities)]
    return draw_severity(level, config.evolving_share, value_rng, rng)


def _scene_facts(config: SynthesisConfig, planned: PlannedRecording, scene: Scene) -> Facts:
    severity, motion = scene.severity, scene.motion
    return {
        "severity": severity.end,
        "severity_start": severity.start,
        "severity_level": severity.level,
        "evolution": severity.evolution.value,
        "speed_profile": config.speed_profile.value,
        "speed_min_rpm": float(motion.speed_hz.min()) * 60,
        "speed_max_rpm": float(motion.speed_hz.max()) * 60,
        "load_percent": scene.load * 100,
        "housing": scene.housing.name,
        "stream": f"{config.seed}/{_identity(config, planned)}",
    }


def _stream_of(
    config: SynthesisConfig, planned: PlannedRecording, *purpose: object
) -> np.random.Generator:
    return stream(config.seed, _identity(config, planned), *purpose)


def _identity(config: SynthesisConfig, planned: PlannedRecording) -> str:
    return f"{config.kind}/{planned.fault}/{planned.bearing}/{planned.number}"


def _short(fault: Fault) -> str:
    return fault.value.replace(" ", "-").replace("_", "-")


def _rounded(value: object) -> object:
    """Numbers with the digits that somebody can use."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
