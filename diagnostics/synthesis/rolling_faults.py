"""Signatures of damage in rolling-element bearings, as acceleration of the housing in g.

Damage strikes each time something passes it: at BPFO, BPFI, 2 × BSF or FTF times the speed of
the shaft. The elements slip by 1 to 2 %, so the strikes come late as a whole and scatter by
chance: they are not periodic, but almost [1]_. A strike rings at the resonances of the
structure and is as strong as the load on the place where it happens: constant for an outer
race, swelling with each turn of the shaft for an inner race and with each turn of the cage for
a ball [2]_. A broken cage strikes once in each of its turns, wherever the load is.

The strikes follow the angle of the shaft and not the time: when the speed changes, their rate
does, too.

Left out: gears, other machines, damage that grows longer than the distance of two elements,
and the path to the sensor changing as an element goes round. A classifier that does well here
has shown that it can learn, not that it knows real machines.

References
----------
.. [1] R. B. Randall and J. Antoni, "Rolling element bearing diagnostics - A tutorial",
   Mechanical Systems and Signal Processing 25(2), 485-520, 2011.
.. [2] G. D'Elia and M. Cocconcelli, a signal model of localised faults: strikes over the angle
   of the shaft with scattered intervals and a modulation by the load.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.bearings.geometry import Bearing
from diagnostics.signals.envelope import Band
from diagnostics.synthesis.faults import RollingFault
from diagnostics.synthesis.housing import ringing
from diagnostics.synthesis.scene import Facts, Fine, Scene

Array = NDArray[np.float64]

DEEP_GROOVE_6205 = Bearing(rolling_elements=9, element_diameter_mm=7.94, pitch_diameter_mm=39.04)
STRONGEST_IMPACT_G = 4.0
"""Before the ringing, at the severity 1 on a structure of average transmission."""
OUTSIDE_LOAD_ZONE = 0.15
"""A ball is thrown outwards and strikes outside the load zone, too, weakly."""
HALF_BAND_HZ = 900.0
CLEAR_OF_SHAFT = 3.2
"""Orders of the shaft below the band of an envelope: a machine has lines at 1 to 3 ×."""


@dataclass(frozen=True)
class Damage:
    """Where a bearing is damaged: the same in all its recordings.

    Parameters
    ----------
    fault : RollingFault
    bearing : Bearing
    angle_turns : float
        Where the damage of an outer race sits, from the middle of the load zone.
    """

    fault: RollingFault
    bearing: Bearing
    angle_turns: float


def draw_damage(fault: RollingFault, bearing: Bearing, rng: np.random.Generator) -> Damage:
    """The damage of one bearing: an outer race is worn where the load is."""
    return Damage(fault, bearing, float(rng.uniform(-0.08, 0.08)))


def strike_order(fault: RollingFault, bearing: Bearing) -> float:
    """Strikes in one turn of the shaft without slip; 0 for a healthy bearing.

    Examples
    --------
    >>> round(strike_order(RollingFault.BALL, DEEP_GROOVE_6205), 3)
    4.713
    """
    orders = {
        RollingFault.OUTER_RACE: bearing.bpfo,
        RollingFault.INNER_RACE: bearing.bpfi,
        RollingFault.BALL: 2 * bearing.bsf,
        RollingFault.CAGE: bearing.ftf,
    }
    return orders.get(fault, 0.0)


def most_strikes(bearing: Bearing) -> float:
    """The most strikes in a turn that damage of this bearing makes.

    Examples
    --------
    >>> round(most_strikes(DEEP_GROOVE_6205), 3)
    5.415
    """
    return max(bearing.bpfi, 2 * bearing.bsf)


def strike_band(
    bearing: Bearing, resonance_hz: float, fastest_hz: float, sample_rate_hz: float
) -> Band:
    """Where to look at the envelope of strikes that ring at a resonance.

    An envelope swells as quickly as two lines of its band are apart, and strikes make a line
    at each multiple of their rate: the band reaches as far as their rate to both sides of the
    resonance, so that two of them lie in it. The lines of the shaft lie below it.

    Parameters
    ----------
    bearing : Bearing
    resonance_hz : float
    fastest_hz : float
        The highest speed of the shaft, in turns in a second.
    sample_rate_hz : float

    Examples
    --------
    >>> strike_band(DEEP_GROOVE_6205, 3_000.0, 30.0, 20_480.0)
    Band(low_hz=2100.0, high_hz=3900.0)
    """
    half_hz = max(HALF_BAND_HZ, most_strikes(bearing) * fastest_hz)
    low_hz = max(resonance_hz - half_hz, CLEAR_OF_SHAFT * fastest_hz)
    return Band(low_hz, min(resonance_hz + half_hz, sample_rate_hz / 2))


def strikes(
    damage: Damage, scene: Scene, slip: tuple[float, float], rng: np.random.Generator
) -> tuple[Array, Array, Facts]:
    """When damage strikes, in seconds, and how strongly, in g.

    Parameters
    ----------
    damage : Damage
        Not healthy.
    scene : Scene
    slip : tuple of float
        Least and most slip as a share. The mean lag and the scatter of the intervals are
        both drawn from it.
    rng : numpy Generator

    Returns
    -------
    times_s, strengths : array of shape (strikes,)
    dict
        Facts: slip, scatter, number.
    """
    order = strike_order(damage.fault, damage.bearing)
    lag, scatter = (float(rng.uniform(*slip)) for _ in range(2))
    interval = (1 + lag) / order
    total = float(scene.motion.turns[-1])
    expected = math.ceil(total / interval) + 10
    # Short intervals and long ones lie within three deviations: none is passed by the next.
    off = np.clip(rng.standard_normal(expected), -3, 3)
    intervals = interval * (1 + scatter * off)
    intervals[0] *= rng.random()
    turns = np.cumsum(intervals)
    turns = turns[turns < total]
    times_s = scene.motion.times_of(turns)
    strength_g = STRONGEST_IMPACT_G * scene.housing.transmission * (0.4 + 0.6 * scene.load)
    weights = load_on_damage(damage, turns, rng.random()) * rng.uniform(0.8, 1.2, turns.size)
    facts: Facts = {
        "strike_order": order / (1 + lag),
        "slip_percent": 100 * lag,
        "interval_scatter_percent": 100 * scatter,
        "strike_count": turns.size,
    }
    return times_s, strength_g * weights * scene.growth_at(times_s), facts


def load_on_damage(damage: Damage, turns: Array, start: float) -> Array:
    """Share of the largest load that rests on the damage, at angles of the shaft.

    Stribeck's distribution of a bearing without clearance: half of it carries.

    Parameters
    ----------
    damage : Damage
    turns : array of shape (strikes,)
    start : float
        Where the damage is at the angle 0, in turns.

    Returns
    -------
    array of shape (strikes,)
        From 0 to 1.
    """
    fault = damage.fault
    if fault is RollingFault.CAGE:
        return np.ones(turns.shape)
    if fault is RollingFault.OUTER_RACE:
        places = np.full(turns.shape, damage.angle_turns)
    else:
        rate = 1.0 if fault is RollingFault.INNER_RACE else damage.bearing.ftf
        places = rate * turns + start
    carried = np.clip(np.cos(2 * np.pi * places), 0, None) ** (10 / 9)
    least = OUTSIDE_LOAD_ZONE if fault is RollingFault.BALL else 0.0
    result: Array = np.maximum(carried, least)
    return result


def signature(
    damage: Damage, scene: Scene, slip: tuple[float, float], rng: np.random.Generator
) -> tuple[Fine, Facts]:
    """What damage adds to the vibration in g, and facts about it."""
    times_s, strengths, facts = strikes(damage, scene, slip, rng)
    motion = scene.motion
    rung = ringing(scene.housing, times_s, strengths, motion.count, motion.sample_rate_hz)
    return rung, facts
