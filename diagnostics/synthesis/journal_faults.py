"""Signatures of faults at hydrodynamic bearings, as acceleration of the housing in g.

What each one looks like, at the severity 1, the load 1 and 60 turns in a second:

=================  ===================================================================
misalignment       2 × 0.35 g and 3 × 0.20 g [1]_
imbalance          1 × 0.45 g, about 8 mm/s root mean square
looseness          0.43 to 0.48 × 0.12 g with 1 × 0.18 g and 2 × 0.10 g [2]_
oil whirl          0.42 to 0.48 × 0.16 g, swelling slowly by a quarter [3]_
wear               broadband 0.15 g root mean square with 1 × 0.08 g and 2 × 0.04 g, all
                   swelling by 30 % at 0.5 to 2 Hz
lubrication        stick-slip at 2 to 5 Hz, 0.06 g, and now and then an impact of 1.5 g
cavitation         bursts of 8 ms at 1.5 to 2.5 kHz, up to 1 g, 4 to 10 in a second
=================  ===================================================================

Forces of rotation grow with the square of the speed. Two faults at once are the sum of both:
nothing else couples them. All phases are drawn anew for each recording.

Left out: orbits (there is one direction only), the nonlinear film that bends sines and adds
weak harmonics, whirl that locks to a natural frequency (whip), rub, thermal effects, and
machines around this one. A classifier that does well here has shown that it can learn, not
that it knows real machines.

References
----------
.. [1] "Vibration diagnostic chart", vib.cloud: strong 2 × and 3 ×.
.. [2] R. K. Mobley, "An Introduction to Predictive Maintenance", 2nd ed., 2002, pages 290 to
   292: with sleeve bearings, looseness shows in subharmonic frequencies beside 1 × and 2 ×.
.. [3] "Sleeve bearing problems: oil whirl", a training sheet (Scribd 376091744): 0.42 to 0.48
   times the shaft speed; other sheets say 0.40 to 0.49 or 0.38 to 0.48.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diagnostics.synthesis.faults import JournalFault
from diagnostics.synthesis.housing import ringing, structure_noise
from diagnostics.synthesis.motion import steady_sine
from diagnostics.synthesis.scene import Facts, Fine, Scene

LOOSENESS_ORDERS = (0.43, 0.48)
WHIRL_ORDERS = (0.42, 0.48)
STICK_SLIP_HZ = (2.0, 5.0)
WEAR_SWELL_HZ = (0.5, 2.0)
WEAR_SWELL = 0.3
WHIRL_SWELL_HZ = (0.5, 2.0)
WHIRL_SWELL = 0.25
BURST_S = 0.008
CARRIER_HZ = (1_500.0, 2_500.0)
BURSTS_PER_S = (4.0, 10.0)
"""At the severities 0 and 1."""
LONGEST_QUIET_S = 1.5 / BURSTS_PER_S[0] + BURST_S
"""No stretch of a recording with cavitation that is longer than this is without a burst."""
MOST_TIMES = 500

Signature = Callable[[Scene, np.random.Generator], tuple[Fine, Facts]]


def signature(part: JournalFault, scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    """What one single fault adds to the vibration, and facts about it.

    Parameters
    ----------
    part : JournalFault
        A single fault.
    scene : Scene
    rng : numpy Generator

    Returns
    -------
    array of shape (samples,), float32
        In g.
    dict
        What was drawn: orders, rates, times of bursts.
    """
    return _SIGNATURES[part](scene, rng)


def _misalignment(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    # The coupling bends more when it carries more.
    force = scene.growth * scene.centrifugal * np.float32(0.5 + 0.5 * scene.load)
    second = 0.35 * scene.motion.tone(2, rng.random())
    third = 0.20 * scene.motion.tone(3, rng.random())
    return force * (second + third), {}


def _imbalance(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    # A stiffer film under load holds the shaft a little tighter.
    force = scene.growth * scene.centrifugal * np.float32(1.1 - 0.2 * scene.load)
    return 0.45 * force * scene.motion.tone(1, rng.random()), {}


def _looseness(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    order = float(rng.uniform(*LOOSENESS_ORDERS))
    force = scene.growth * scene.centrifugal * np.float32(1.3 - 0.6 * scene.load)
    parts = 0.12 * scene.motion.tone(order, rng.random())
    parts += 0.18 * scene.motion.tone(1, rng.random())
    parts += 0.10 * scene.motion.tone(2, rng.random())
    return force * parts, {"looseness_order": order}


def _oil_whirl(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    order = float(rng.uniform(*WHIRL_ORDERS))
    rate_hz = float(rng.uniform(*WHIRL_SWELL_HZ))
    # A lightly loaded journal sits near the middle, where the film carries it round.
    force = scene.growth * scene.centrifugal * np.float32(1.4 - 0.8 * scene.load)
    whirl = 0.16 * scene.motion.tone(order, rng.random())
    swell = 1 + WHIRL_SWELL * _slow_sine(scene, rate_hz, rng.random())
    return force * swell * whirl, {"whirl_order": order, "whirl_swell_hz": rate_hz}


def _wear(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    rate_hz = float(rng.uniform(*WEAR_SWELL_HZ))
    motion = scene.motion
    parts = 0.15 * structure_noise(scene.housing, motion.count, motion.sample_rate_hz, rng)
    parts += 0.08 * motion.tone(1, rng.random())
    parts += 0.04 * motion.tone(2, rng.random())
    swell = 1 + WEAR_SWELL * _slow_sine(scene, rate_hz, rng.random())
    rubbing = scene.growth * np.float32(0.5 + 0.5 * scene.load)
    return rubbing * np.sqrt(scene.centrifugal) * swell * parts, {"wear_swell_hz": rate_hz}


def _lubrication(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    rate_hz = float(rng.uniform(*STICK_SLIP_HZ))
    friction = scene.growth * np.float32(0.6 + 0.4 * scene.load)
    phase = rng.random()
    # It sticks slowly and slips quickly: a sine that leans over has a weaker second one.
    slip = _slow_sine(scene, rate_hz, phase) - 0.35 * _slow_sine(scene, 2 * rate_hz, 2 * phase)
    motion = scene.motion
    expected = (0.5 + 1.5 * scene.severity.end) * motion.duration_s
    times_s = np.sort(rng.uniform(0, motion.duration_s, 1 + int(rng.poisson(expected))))
    strengths = 1.5 * scene.growth_at(times_s) * rng.uniform(0.6, 1, times_s.size)
    strengths *= scene.housing.transmission * (0.6 + 0.4 * scene.load)
    parts = 0.06 * friction * slip
    parts += ringing(scene.housing, times_s, strengths, motion.count, motion.sample_rate_hz)
    return parts, {"stick_slip_hz": rate_hz, "contact_count": times_s.size}


def _cavitation(scene: Scene, rng: np.random.Generator) -> tuple[Fine, Facts]:
    motion = scene.motion
    times_s = burst_times(scene.severity.end, motion.duration_s, rng)
    carriers_hz = rng.uniform(*CARRIER_HZ, times_s.size)
    strengths = scene.growth_at(times_s) * rng.uniform(0.6, 1, times_s.size)
    strengths *= scene.housing.transmission * (0.6 + 0.4 * scene.load)
    result = _bursts(scene, times_s, carriers_hz, strengths, rng)
    edges = np.concatenate([[0.0], times_s, [motion.duration_s]])
    facts: Facts = {
        "burst_count": times_s.size,
        "longest_quiet_s": float(np.diff(edges).max()),
    }
    if times_s.size <= MOST_TIMES:
        facts["burst_times_s"] = " ".join(f"{one:.4f}" for one in times_s)
    return result, facts


def burst_times(
    severity: float, duration_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """When cavitation bursts begin: at random, but never long without one.

    Intervals lie between half and one and a half times their mean, so that every stretch
    longer than ``LONGEST_QUIET_S`` (0.383 s) holds a whole burst: a window of training that is
    called cavitation shows cavitation.

    Parameters
    ----------
    severity : float
        From 0 to 1; 4 bursts in a second at 0, 10 at 1.
    duration_s : float
    rng : numpy Generator

    Returns
    -------
    array of shape (bursts,)
        In seconds; a burst that begins ends within the recording.

    Examples
    --------
    >>> times_s = burst_times(0.5, 10.0, np.random.default_rng(0))
    >>> bool(np.diff(times_s).max() + BURST_S < LONGEST_QUIET_S)
    True
    """
    low, high = BURSTS_PER_S
    mean_s = 1 / (low + (high - low) * severity)
    most = int(duration_s / (0.5 * mean_s)) + 2
    intervals_s = mean_s * rng.uniform(0.5, 1.5, most)
    # A short recording has one, too.
    intervals_s[0] = min(intervals_s[0] * rng.random(), max(duration_s - BURST_S, 0) * rng.random())
    times_s: NDArray[np.float64] = np.cumsum(intervals_s)
    begun: NDArray[np.float64] = times_s[times_s <= max(duration_s - BURST_S, times_s[0])]
    return begun


def _bursts(
    scene: Scene,
    times_s: NDArray[np.float64],
    carriers_hz: NDArray[np.float64],
    strengths: NDArray[np.float64],
    rng: np.random.Generator,
) -> Fine:
    rate_hz = scene.motion.sample_rate_hz
    first = np.ceil(times_s * rate_hz).astype(np.intp)
    places = first[:, None] + np.arange(round(BURST_S * rate_hz))
    after_s = places / rate_hz - times_s[:, None]
    fade = np.square(np.sin(np.pi * np.clip(after_s / BURST_S, 0, 1)))
    phases = rng.random(times_s.size)[:, None]
    waves = fade * np.sin(2 * np.pi * (carriers_hz[:, None] * after_s + phases))
    waves *= strengths[:, None]
    inside = places < scene.motion.count
    result = np.zeros(scene.motion.count, dtype=np.float32)
    np.add.at(result, places[inside], waves[inside].astype(np.float32))
    return result


def _slow_sine(scene: Scene, rate_hz: float, phase: float) -> Fine:
    """A sine over time and not over the angle of the shaft."""
    return steady_sine(rate_hz / scene.motion.sample_rate_hz, phase, scene.motion.count)


_SIGNATURES: dict[JournalFault, Signature] = {
    JournalFault.MISALIGNMENT: _misalignment,
    JournalFault.IMBALANCE: _imbalance,
    JournalFault.LOOSENESS: _looseness,
    JournalFault.LUBRICATION: _lubrication,
    JournalFault.CAVITATION: _cavitation,
    JournalFault.WEAR: _wear,
    JournalFault.OIL_WHIRL: _oil_whirl,
}
