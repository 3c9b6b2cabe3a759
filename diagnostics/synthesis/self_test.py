"""Does a generated class show its signature? Measured on the samples, next to the formula.

Each class is generated with its fault and, on the same machine at the same speed and load,
without. What is expected follows from geometry and the amplitudes of the model; what is
measured is read from the recorded samples as an analyst would, noise and all. A check that
fails says that the fault is drowned by the noise that was asked for, or that the generator
is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from diagnostics.synthesis.config import SynthesisConfig
from diagnostics.synthesis.faults import SEVERITIES, Fault, JournalFault, Kind, RollingFault
from diagnostics.synthesis.journal_faults import BURST_S, CARRIER_HZ, LONGEST_QUIET_S, WEAR_SWELL
from diagnostics.synthesis.measurements import Pair
from diagnostics.synthesis.rolling_faults import strike_order

DURATION_S = 5.0
HIGHEST_RATE_HZ = 25_600.0
MOST_CUT_OFF_PERCENT = 0.1


@dataclass(frozen=True)
class Check:
    """One number of a signature.

    Parameters
    ----------
    fault : str
        The class.
    what : str
    unit : str
    expected, tolerance : float
        What the formula says, and how far the measured number may be off.
    measured : float
    sound : float, optional
        The same measured without the fault, where that says something.
    passed : bool
    """

    fault: str
    what: str
    unit: str
    expected: float
    tolerance: float
    measured: float
    sound: float | None
    passed: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the digits that are known; None for what could not be measured."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def check_signatures(config: SynthesisConfig) -> list[Check]:
    """Check every class of a config, and that the lines follow the speed.

    Five seconds of each, steady at the most severe of the levels, at no more than 25.6 kHz.

    Parameters
    ----------
    config : SynthesisConfig

    Returns
    -------
    list of Check

    Examples
    --------
    >>> checks = check_signatures(SynthesisConfig(classes={"oil_whirl": 1}))
    >>> [check.what for check in checks if check.fault == "oil_whirl"]
    ['order of the whirl', 'amplitude of the whirl']
    >>> all(check.passed for check in checks)
    True
    """
    tested = steady(config)
    found: list[Check] = []
    for fault, _ in config.faults:
        found += check_class(tested, fault)
    found += _follows_speed(tested)
    return found


def steady(config: SynthesisConfig) -> SynthesisConfig:
    """The config with a severity that can be compared with a formula."""
    worst = max(config.severities, key=list(SEVERITIES).index)
    return replace(
        config,
        severities=(worst,),
        evolving_share=0.0,
        duration_s=DURATION_S,
        sample_rate_hz=min(config.sample_rate_hz, HIGHEST_RATE_HZ),
    )


def check_class(config: SynthesisConfig, fault: Fault) -> list[Check]:
    """The checks of one class of a config that :func:`steady` has made."""
    pair = Pair.made(config, fault)
    return [*_signature(pair, fault), *_cut_off(pair)]


def _signature(pair: Pair, fault: Fault) -> Iterator[Check]:
    if isinstance(fault, RollingFault):
        yield from _rolling(pair, fault)
    elif fault is JournalFault.HEALTHY:
        yield from _sound(pair)
    else:
        for part in fault.parts:
            yield from _JOURNAL[part](pair)


def _cut_off(pair: Pair) -> Iterator[Check]:
    """Only where the converter cuts off so much that lines appear which no fault made.

    Forces of rotation grow with the square of the speed: at high speeds, they pass the range
    of a converter that suits low ones.
    """
    percent = 100 * pair.facts.get("clipped_samples", 0) / pair.faulty.size
    if percent > MOST_CUT_OFF_PERCENT:
        range_g = pair.config.noise.adc_range_g
        what = f"samples beyond the converter's ± {range_g:g} g"
        yield _check(pair, what, "%", 0.0, MOST_CUT_OFF_PERCENT, percent)


def _sound(pair: Pair) -> Iterator[Check]:
    """Nothing turns slower than the shaft, and nothing strikes."""
    _, below = pair.order_peak(0.40, 0.49)
    weakest_g = 0.25 * min(pair.scene.housing.tones_g[0], 0.02)
    yield _check(pair, "highest line from 0.40 × to 0.49 ×", "g", 0.0, weakest_g, below)
    kurtosis = pair.kurtosis(pair.faulty)
    yield _check(pair, "kurtosis above 1 kHz", "", 3.0, 0.3, kurtosis)


def _misalignment(pair: Pair) -> Iterator[Check]:
    force = pair.force(0.5 + 0.5 * pair.scene.load)
    yield from _harmonics(pair, {2: 0.35 * force, 3: 0.20 * force})


def _imbalance(pair: Pair) -> Iterator[Check]:
    yield from _harmonics(pair, {1: 0.45 * pair.force(1.1 - 0.2 * pair.scene.load)})


def _looseness(pair: Pair) -> Iterator[Check]:
    force = pair.force(1.3 - 0.6 * pair.scene.load)
    yield from _tone(pair, "looseness", pair.facts["looseness_order"], 0.12 * force, 0.40, 0.49)
    yield from _harmonics(pair, {1: 0.18 * force, 2: 0.10 * force})


def _oil_whirl(pair: Pair) -> Iterator[Check]:
    force = pair.force(1.4 - 0.8 * pair.scene.load)
    yield from _tone(pair, "whirl", pair.facts["whirl_order"], 0.16 * force, 0.40, 0.49)


def _wear(pair: Pair) -> Iterator[Check]:
    scene = pair.scene
    rough_g = 0.15 * scene.severity.end * (0.5 + 0.5 * scene.load) * math.sqrt(pair.centrifugal)
    rough_g *= math.sqrt(1 + WEAR_SWELL**2 / 2)
    sound_g = pair.rough_g(pair.sound)
    expected = math.hypot(rough_g, sound_g) / sound_g
    measured = pair.rough_g(pair.faulty) / sound_g
    yield _check(
        pair, "broadband above 1 kHz, with over without", "", expected, 0.12 * expected, measured
    )
    rate_hz = pair.facts["wear_swell_hz"]
    place, height = pair.swell_peak(pair.faulty, 0.3, 3.0)
    _, sound = pair.swell_peak(pair.sound, 0.3, 3.0)
    yield _check(pair, "rate of the swelling", "Hz", rate_hz, 1 / DURATION_S, place, None)
    # The floor of the machine does not swell: it takes its share of the depth away.
    depth = WEAR_SWELL * rough_g**2 / (rough_g**2 + sound_g**2)
    tolerance = 0.03 + 0.3 * depth
    yield _check(pair, "depth of the swelling", "", depth, tolerance, height, sound, most_sound=0.1)


def _lubrication(pair: Pair) -> Iterator[Check]:
    scene = pair.scene
    amplitude_g = 0.06 * scene.severity.end * (0.6 + 0.4 * scene.load)
    rate_hz = pair.facts["stick_slip_hz"]
    place, height = pair.hertz_peak(1.5, 5.5)
    _, sound = pair.hertz_peak(1.5, 5.5, sound=True)
    yield _check(pair, "rate of stick-slip", "Hz", rate_hz, 0.5 / DURATION_S, place)
    yield _check(
        pair,
        "amplitude of stick-slip",
        "g",
        amplitude_g,
        0.15 * amplitude_g + sound,
        height,
        sound,
        most_sound=0.5 * amplitude_g,
    )
    found = pair.strongest_rings(pair.facts["contact_count"])
    sound_found = pair.strongest_rings(pair.facts["contact_count"], sound=True)
    yield _at_least(pair, "impacts over the floor above 1 kHz", "", 1.9, found, sound_found)


def _cavitation(pair: Pair) -> Iterator[Check]:
    bursts = pair.bursts()
    told = pair.facts["burst_count"]
    # Those that lie half outside or on one another count once.
    yield _check(
        pair,
        "bursts",
        "",
        told,
        max(1.0, 0.1 * told),
        bursts.number,
        pair.bursts(sound=True).number,
        most_sound=0,
    )
    middle_hz = sum(CARRIER_HZ) / 2
    yield _check(
        pair, "carrier", "Hz", middle_hz, middle_hz - CARRIER_HZ[0] + 60, bursts.carrier_hz
    )
    # A raised cosine is above half its height for half its length.
    yield _check(pair, "length at half height", "ms", 500 * BURST_S, 1.2, 1_000 * bursts.half_s)
    limit_s = LONGEST_QUIET_S
    yield _check(
        pair,
        "longest time without a burst",
        "s",
        limit_s / 2,
        limit_s / 2 + 0.02,
        bursts.longest_quiet_s,
    )


def _rolling(pair: Pair, fault: RollingFault) -> Iterator[Check]:
    geometry = pair.config.geometry
    if fault is RollingFault.HEALTHY:
        for one in RollingFault:
            order = strike_order(one, geometry)
            if order:
                _, above = pair.envelope_peak(order)
                yield _check(
                    pair, f"envelope over its surroundings at {order:.3f} ×", "", 1.0, 4.5, above
                )
        return
    order = strike_order(fault, geometry)
    low, high = (percent / 100 for percent in pair.config.slip_percent)
    lag = (low + high) / 2
    tolerance = order * ((high - low) / 2 + 0.004) + pair.order_step
    place, above = pair.envelope_peak(order)
    _, sound = pair.envelope_peak(order, sound=True)
    yield _check(pair, "rate of strikes", "×", order / (1 + lag), tolerance, place)
    yield _at_least(pair, "envelope over its surroundings", "", 6.0, above, sound)


def _follows_speed(config: SynthesisConfig) -> list[Check]:
    """The line of the shaft lies at the speed, at both ends of the range and all the time."""
    fault: Fault = JournalFault.IMBALANCE
    if config.kind is Kind.ROLLING:
        fault = RollingFault.OUTER_RACE
    found = []
    for speed_rpm in sorted(set(config.speed_rpm)):
        pair = Pair.made(replace(config, speed_rpm=(speed_rpm, speed_rpm)), fault)
        expected_hz, measured_hz, tolerance_hz = pair.following()
        found.append(
            _check(
                pair,
                f"line that follows the shaft at {speed_rpm:g} rpm",
                "Hz",
                expected_hz,
                tolerance_hz,
                measured_hz,
            )
        )
    return found


def _tone(
    pair: Pair, name: str, order: float, amplitude_g: float, low: float, high: float
) -> Iterator[Check]:
    """A line of its own, which a sound machine does not have."""
    place, height = pair.order_peak(low, high)
    _, sound = pair.order_peak(low, high, sound=True)
    yield _check(pair, f"order of the {name}", "×", order, pair.order_step, place)
    yield _check(
        pair,
        f"amplitude of the {name}",
        "g",
        amplitude_g,
        0.15 * amplitude_g + sound,
        height,
        sound,
        most_sound=0.5 * amplitude_g,
    )


def _harmonics(pair: Pair, amplitudes_g: dict[int, float]) -> Iterator[Check]:
    """Orders that a sound machine has, too, weakly: both add with phases of chance."""
    for order, expected_g in amplitudes_g.items():
        place, height = pair.order_peak(order - 0.1, order + 0.1)
        _, sound = pair.order_peak(order, order, sound=True)
        tolerance_g = 0.05 * expected_g + 1.1 * sound
        yield _check(pair, f"{order} ×", "×", order, pair.order_step, place)
        yield _check(pair, f"amplitude of {order} ×", "g", expected_g, tolerance_g, height, sound)


def _check(
    pair: Pair,
    what: str,
    unit: str,
    expected: float,
    tolerance: float,
    measured: float,
    sound: float | None = None,
    *,
    most_sound: float = math.inf,
) -> Check:
    """Within the tolerance, and (where asked) not seen without the fault."""
    passed = abs(measured - expected) <= tolerance
    if sound is not None:
        passed = passed and sound <= most_sound
    verdict = bool(passed)
    return Check(pair.fault.value, what, unit, expected, tolerance, measured, sound, verdict)


def _at_least(
    pair: Pair, what: str, unit: str, least: float, measured: float, sound: float
) -> Check:
    """Above a limit with the fault, and below it without."""
    passed = bool(measured >= least > sound)
    return Check(pair.fault.value, f"{what}, at least", unit, least, 0.0, measured, sound, passed)


def _plain(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.4g}") if math.isfinite(value) else None


_JOURNAL: dict[JournalFault, Callable[[Pair], Iterator[Check]]] = {
    JournalFault.MISALIGNMENT: _misalignment,
    JournalFault.IMBALANCE: _imbalance,
    JournalFault.LOOSENESS: _looseness,
    JournalFault.LUBRICATION: _lubrication,
    JournalFault.CAVITATION: _cavitation,
    JournalFault.WEAR: _wear,
    JournalFault.OIL_WHIRL: _oil_whirl,
}
