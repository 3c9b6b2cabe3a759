"""How often a plain rule names the damaged part of bearings whose damage is known.

No learning, no tuning to the records: the numbers are what a learnt model has to beat. The
recordings are public but not ours to ship; they are looked for in ``ROTORSCOPE_REAL_DATA``.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import (
    DATA,
    Benchmark,
    Figure,
    at_most,
    main,
    median,
    need_real_data,
    seconds_of,
)
from diagnostics.bearings.catalogue import look_up
from diagnostics.bearings.rule import LEAST_DB, Verdict, name_fault
from diagnostics.signals.envelope import default_band
from diagnostics.signals.kurtogram import fast_kurtogram

OUTER, INNER, ELEMENT = "outer race", "inner race", "rolling element"
CWRU_FAULTS = {"OR": OUTER, "IR": INNER, "B": ELEMENT}
MFPT_FAULTS = {"Outer": OUTER, "Inner": INNER}
MOST_SECONDS = 1.0


@dataclass(frozen=True)
class Record:
    """A recording whose damage is known; ``fault`` None is a sound bearing."""

    samples: NDArray[np.float64]
    sample_rate_hz: float
    shaft_hz: float
    fault: str | None


def run() -> Benchmark:
    need_real_data()
    figures = [
        *_table("CWRU", list(_cwru()), look_up("SKF 6205")[0].bearing.orders()),
        *_table("MFPT", list(_mfpt()), look_up("MFPT")[0].bearing.orders()),
        _kurtogram_speed(),
    ]
    return Benchmark(
        name="bearing_rule",
        title="A plain rule against known bearing damage",
        method=(
            "The part whose harmonics stand highest in the squared envelope spectrum (BPFO, BPFI, "
            "2 × BSF; three harmonics, tolerance 2 %) is named; nothing is learnt. In the band of "
            "the kurtogram, and for comparison in the default band, a third to five sixths of "
            f"half the sampling rate. Clear: {LEAST_DB:g} dB or more above the floor, otherwise "
            "the rule names nothing. CWRU: the 60 records of the drive end at 12 kHz, 5 s each, "
            "at the measured speed; one bearing for each type and size of damage, so these are "
            "not 60 independent cases. MFPT: one record of each of five conditions."
        ),
        figures=figures,
        command="python -m benchmarks.bearing_rule",
    )


def _table(name: str, records: list[Record], orders: dict[str, float]) -> Iterator[Figure]:
    for way, by_default in (("kurtogram", False), ("default band", True)):
        told = [(each.fault, _told(each, orders, by_default)) for each in records]
        damaged = [(fault, verdict) for fault, verdict in told if fault is not None]
        yield from _counts(f"{name}, {way}", damaged)
        for part in dict.fromkeys(fault for fault, _ in damaged):
            of_part = [pair for pair in damaged if pair[0] == part]
            yield _right(f"{name}, {way}: {part}", of_part)
        sound = [verdict for fault, verdict in told if fault is None]
        falsely = sum(verdict.fault is not None for verdict in sound)
        highest = max(verdict.snr_db for verdict in sound)
        note = f"the clearest line reaches {highest:.1f} dB"
        yield Figure(f"{name}, {way}: sound, but damage named", falsely, "", len(sound), note=note)


def _counts(name: str, damaged: list[tuple[str, Verdict]]) -> Iterator[Figure]:
    yield _right(f"{name}: right part is the highest", damaged)
    right = sum(verdict.fault == fault for fault, verdict in damaged)
    none = sum(verdict.fault is None for _, verdict in damaged)
    yield Figure(f"{name}: clear and right", right, "", len(damaged))
    yield Figure(f"{name}: clear and wrong", len(damaged) - right - none, "", len(damaged))
    yield Figure(f"{name}: not clear, nothing named", none, "", len(damaged))


def _right(name: str, damaged: list[tuple[str, Verdict]]) -> Figure:
    """How many are right, and in the note what the others were taken for."""
    highest = [(fault, verdict.strongest.strike.fault) for fault, verdict in damaged]
    taken = Counter(said for fault, said in highest if said != fault)
    note = ", ".join(f"{count} as {said}" for said, count in taken.most_common())
    right = sum(said == fault for fault, said in highest)
    return Figure(name, right, "", len(damaged), note=note)


def _told(record: Record, orders: dict[str, float], by_default: bool) -> Verdict:
    band = default_band(record.sample_rate_hz) if by_default else None
    return name_fault(record.samples, record.sample_rate_hz, orders, record.shaft_hz, band)


def _cwru() -> Iterator[Record]:
    with (DATA / "cwru" / "cwru_12k_DE_5s.csv").open() as file:
        rows = list(csv.DictReader(file))
    with np.load(DATA / "cwru" / "cwru_12k_DE_5s.npz") as records:
        for row in rows:
            speed_rpm = float(row["rpm_measured"] or row["rpm_nominal"])
            samples = records[row["record"]].astype(float).ravel()
            yield Record(samples, float(row["fs"]), speed_rpm / 60, CWRU_FAULTS.get(row["fault"]))


def _mfpt() -> Iterator[Record]:
    from scipy.io import loadmat

    for path in sorted((DATA / "mfpt").glob("*.mat")):
        found = loadmat(path, simplify_cells=True)["bearing"]
        fault = next((part for name, part in MFPT_FAULTS.items() if name in path.stem), None)
        samples = np.asarray(found["gs"], dtype=float).ravel()
        yield Record(samples, float(found["sr"]), float(found["rate"]), fault)


def _kurtogram_speed() -> Figure:
    noise = np.random.default_rng(0).normal(size=1_000_000)
    seconds = seconds_of(lambda: fast_kurtogram(noise, 50_000.0), repeat=5)
    return at_most("kurtogram of 1,000,000 samples", median(seconds), MOST_SECONDS, "s", n=5)


if __name__ == "__main__":
    main(run)
