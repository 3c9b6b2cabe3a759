"""How often the checks of signal quality are right on recordings whose faults are known.

Smith and Randall looked at each record of the CWRU bearing data and list in table 3 of their
study (Mechanical Systems and Signal Processing 64-65, 2015, pages 100 to 131) which are clipped,
which have patches of electrical noise, and in which both channels are the same. Faults that no
public recording has are planted into real ones. The recordings are public but not ours to ship;
they are looked for in ``ROTORSCOPE_REAL_DATA``.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import DATA, Benchmark, Figure, at_most, main, median, need_real_data
from diagnostics.importers.preview import ProposedRecording, Sourced
from diagnostics.importers.registry import open_file
from diagnostics.signals.quality import (
    Channel,
    Problem,
    QualityWarning,
    check_rate,
    check_rows,
    check_samples,
)
from diagnostics.signals.signal import Unit
from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.recordings import generate, plan

Array = NDArray[Any]

CLIPPED = frozenset({191, 214, 215, 228, 229, 236, 237})
"""Table 3: clipped sections at the drive end."""
NOISY = frozenset({177, 283})
"""Table 3: patches of electrical noise."""
SAME = frozenset({189, 201, 213, 226, 238})
"""Table 3: drive end and fan end are identical but for a factor of about 1.0154."""
MOST_SECONDS = 1.0
LONG = 1_000_000


@dataclass(frozen=True)
class Record:
    """A recording as it was imported; ``number`` is that of CWRU."""

    name: str
    rows: tuple[tuple[Channel, Array], ...]
    number: int | None = None

    def findings(self) -> list[QualityWarning]:
        about, row = self.rows[0]
        found = check_rows(self.rows)
        if about.sample_rate_hz is None:
            return found
        return found + check_rate(about.sample_rate_hz, row.size, about.speed_rpm)

    def problems(self) -> set[Problem]:
        return {finding.problem for finding in self.findings()}


def run() -> Benchmark:
    need_real_data()
    drive_end = list(imported("cwru/cwru_12k_DE_5s.npz", "cwru/cwru_12k_DE_5s.csv"))
    raw = [one for path in files("cwru/raw", "*.mat") for one in imported(path)]
    sets = {
        "CWRU, drive end, 5 s": drive_end,
        "CWRU, whole files": raw,
        "MFPT": [one for path in files("mfpt", "*.mat") for one in imported(path)],
        "PRONOSTIA": [one for path in files("pronostia", "*.npz") for one in imported(path)],
        "IMS": [one for path in files("ims", "1st_test_2003*.gz") for one in imported(path)],
        "gearbox": [one for path in files("gearbox_openei", "*.gz") for one in imported(path)],
        "generated": list(generated()),
    }
    return Benchmark(
        name="quality_truth",
        title="Checks of signal quality against known faults",
        method=(
            "Marked: Smith and Randall (2015), table 3, for the CWRU records that are here; their "
            "marks are of whole records of 10 s, of which the first 5 s are here. Planted: one "
            "fault in each of the CWRU drive-end records. By problem: recordings in which it was "
            "found, among all of a collection; most collections have no list of known faults, so "
            "these counts are to be read, not to be reached. Of the gearbox neither rate nor unit "
            "are known. Generated: 24 recordings of the usual settings."
        ),
        figures=[
            *marked(drive_end, raw),
            *planted(drive_end),
            *(figure for name, records in sets.items() for figure in found_in(name, records)),
            *costs(),
        ],
        command="python -m benchmarks.quality_truth",
    )


def marked(drive_end: list[Record], raw: list[Record]) -> Iterator[Figure]:
    """What the study says of the records that are here, and what the checks say."""
    yield from _agreement("clipped", drive_end, CLIPPED, Problem.CLIPPED)
    pairs = [record for record in raw if len(record.rows) > 1]
    yield from _agreement("identical channels", pairs, SAME, Problem.IDENTICAL)
    noisy = [record for record in (*drive_end, *raw) if record.number in NOISY]
    note = "177 and 283 are not among the recordings"
    yield Figure("CWRU, patches of electrical noise: marked", len(noisy), "", note=note)
    normal = next(record for record in drive_end if record.name.startswith("normal"))
    wrong = replace(normal, rows=_given(normal, 12_000.0))
    found = Problem.RATE in wrong.problems()
    note = "by the lines of its shaft alone; the importer knows it by its name"
    yield Figure("CWRU, normal record taken for 12 kHz: found", found, "", note=note)


def _agreement(
    what: str, records: list[Record], numbers: frozenset[int], problem: Problem
) -> Iterator[Figure]:
    said = {record.name for record in records if record.number in numbers}
    found = {record.name for record in records if problem in record.problems()}
    missed, more = sorted(said - found), sorted(found - said)
    note = f"not found: {', '.join(missed)}" if missed else ""
    yield Figure(f"CWRU, {what}: marked and found", len(said & found), "", len(said), note=note)
    note = ", ".join(more)
    if more and problem is Problem.CLIPPED:
        note += ": one or two samples each, exactly at the end of the converter's range"
    unmarked = len(records) - len(said)
    yield Figure(f"CWRU, {what}: found, not marked", len(more), "", unmarked, note=note)


def planted(records: list[Record]) -> Iterator[Figure]:
    """One fault in each recording: how many are found that were not found before."""
    for name, (change, problem) in FAULTS.items():
        clean = [record for record in records if problem not in record.problems()]
        if problem is Problem.RATE:  # nothing can be told without a speed
            clean = [record for record in clean if record.rows[0][0].speed_rpm]
        found = [problem in change(record).problems() for record in clean]
        note = "those whose speed is known" if problem is Problem.RATE else ""
        yield Figure(f"planted: {name}", sum(found), "", len(found), note=note)


def found_in(name: str, records: list[Record]) -> Iterator[Figure]:
    """How many recordings of a collection have each problem."""
    each = [record.problems() for record in records]
    counts = Counter(problem for problems in each for problem in problems)
    silent = sum(not problems for problems in each)
    yield Figure(f"{name}: nothing found", silent, "", len(records))
    for problem, count in counts.most_common():
        pairs = zip(records, each, strict=True)
        where = [record.name for record, problems in pairs if problem in problems]
        note = ", ".join(where) if len(where) <= 4 else ""
        title = f"{name}: {problem.value.replace('_', ' ')}"
        yield Figure(title, count, "", len(records), note=note)


def costs() -> Iterator[Figure]:
    """By processor time, since all of it runs on one core and nothing waits."""
    noise = np.random.default_rng(0).normal(size=(2, LONG))
    short = np.ascontiguousarray(noise[:, :120_000])
    at_import = _processor_seconds(lambda: check_samples(short, ("a", "b")), 20)
    yield Figure("at import, 2 × 120,000 samples", 1e3 * at_import, "ms", 20)
    about = [Channel(name, Unit.ACCELERATION_G, 50_000.0, 1_500.0) for name in "ab"]
    asked = _processor_seconds(lambda: check_rows(zip(about, noise, strict=True)), 5)
    yield at_most(f"when asked, 2 × {LONG:,} samples", asked, MOST_SECONDS, "s", n=5)


def _processor_seconds(work: Callable[[], object], repeat: int) -> float:
    taken = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return median(taken)


def files(folder: str, pattern: str) -> list[str]:
    return [str(path.relative_to(DATA)) for path in sorted((DATA / folder).glob(pattern))]


def imported(name: str, *companions: str) -> Iterator[Record]:
    """The recordings of a file as the importers propose them."""
    beside = {companion: DATA / companion for companion in companions}
    opened = open_file(DATA / name, name, beside)
    for recording in opened.preview.recordings:
        signal = opened.signal(_with_what_is_missing(recording))
        rate_hz, speed_rpm = signal.sample_rate_hz, recording.speed_rpm
        about = [
            Channel(one.name)
            if recording.missing
            else Channel(one.name, one.unit, rate_hz, speed_rpm)
            for one in signal.channels
        ]
        number = re.match(r"X(\d+)", recording.channels[0].variable)
        title = recording.key or recording.title
        yield Record(
            title,
            tuple(zip(about, signal.samples, strict=True)),
            int(number[1]) if number else _numbers().get(recording.key),
        )


def _with_what_is_missing(recording: ProposedRecording) -> ProposedRecording:
    """Something for rate and unit, so that the samples can be read; nothing is made of it."""
    if not recording.missing:
        return recording
    volts = Sourced(Unit.VOLTAGE, "")
    channels = tuple(replace(channel, unit=volts) for channel in recording.channels)
    return replace(recording, sample_rate_hz=Sourced(1.0, ""), channels=channels)


def _numbers() -> dict[str, int]:
    """The CWRU numbers of the drive-end records by name."""
    lines = (DATA / "cwru" / "cwru_12k_DE_5s.csv").read_text().splitlines()[1:]
    return {name: int(number[1:]) for name, number, *_ in (line.split(",") for line in lines)}


def generated() -> Iterator[Record]:
    for kind in Kind:
        config = usual_config(kind, seed=3)
        for planned, _ in zip(plan(config), range(12), strict=False):
            made = generate(config, planned)
            about = Channel("a", Unit.ACCELERATION_G, made.signal.sample_rate_hz, made.speed_rpm)
            yield Record(planned.name, ((about, made.signal.samples[0]),))


def _given(record: Record, rate_hz: float) -> tuple[tuple[Channel, Array], ...]:
    return tuple((replace(about, sample_rate_hz=rate_hz), row) for about, row in record.rows)


def _changed(change: Callable[[Array], Array]) -> Callable[[Record], Record]:
    """Apply a change to the samples of a record of one channel."""

    def planted_in(record: Record) -> Record:
        ((about, row),) = record.rows
        return replace(record, rows=((about, change(row.astype(float).copy())),))

    return planted_in


def _clip(row: Array) -> Array:
    limit = np.quantile(np.abs(row), 0.999)
    return np.clip(row, -limit, limit)


def _hold(row: Array) -> Array:
    row[20_000:20_600] = row[20_000]
    return row


def _lose(row: Array) -> Array:
    row[20_000:20_050] = 0
    return row


def _spike(row: Array) -> Array:
    row[[10_000, 33_333]] = 3 * np.abs(row).max()
    return row


def _offset(row: Array) -> Array:
    moved: Array = row + row.std()
    return moved


def _coarse(row: Array) -> Array:
    digits: Array = np.rint(row / (4 * row.std()))
    return digits


def _stretch(row: Array) -> Array:
    from scipy.signal import resample_poly

    stretched: Array = resample_poly(row, 4, 1, window=("kaiser", 10.0))
    return stretched


def _hum(record: Record) -> Record:
    """A third of the RMS, at 50 Hz with its third and fifth multiple."""
    ((about, row),) = record.rows
    turns = 2 * np.pi * 50.02 * np.arange(row.size) / (about.sample_rate_hz or 1.0)
    hum = np.sin(turns) + 0.4 * np.sin(3 * turns) + 0.2 * np.sin(5 * turns)
    return replace(record, rows=((about, row + 0.33 * row.std() / hum.std() * hum),))


def _copied(factor: float, late: int) -> Callable[[Record], Record]:
    def planted_in(record: Record) -> Record:
        ((about, row),) = record.rows
        other = factor * row[: row.size - late]
        return replace(record, rows=((about, row[late:]), (replace(about, name="b"), other)))

    return planted_in


def _in_counts(record: Record) -> Record:
    ((about, row),) = record.rows
    return replace(record, rows=((about, np.rint(row / np.abs(row).max() * 30_000)),))


def _other_rate(record: Record) -> Record:
    return replace(record, rows=_given(record, (record.rows[0][0].sample_rate_hz or 0.0) / 4))


FAULTS: dict[str, tuple[Callable[[Record], Record], Problem]] = {
    "one sample in 1,000 clipped": (_changed(_clip), Problem.CLIPPED),
    "held for 600 samples": (_changed(_hold), Problem.FROZEN),
    "zero for 50 samples": (_changed(_lose), Problem.DROPOUT),
    "two spikes, three times the peak": (_changed(_spike), Problem.SPIKES),
    "offset of one standard deviation": (_changed(_offset), Problem.OFFSET),
    "last digit of the converter only": (_changed(_coarse), Problem.FEW_LEVELS),
    "stretched to four times the rate": (_changed(_stretch), Problem.UPSAMPLED),
    "hum of a third of the RMS": (_hum, Problem.HUM),
    "scaled copy": (_copied(1.0154, 0), Problem.IDENTICAL),
    "inverted copy, 25 samples late": (_copied(-1.0, 25), Problem.IDENTICAL),
    "numbers of the converter as g": (_in_counts, Problem.UNIT),
    "a quarter of the rate given": (_other_rate, Problem.RATE),
}


if __name__ == "__main__":
    main(run)
