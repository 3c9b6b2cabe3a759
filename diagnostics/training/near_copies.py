"""Recordings that are nearly the same signal: scaled, shifted in time, or with noise on top.

Hashes find exact copies only. Here every recording of the test is compared with every one that
was learned from, in two steps.

1. Each block of a recording becomes the fine structure of its spectrum: the logarithm of the
   periodogram of the Hann-weighted block, less its mean over neighbouring bins. Gain and offset
   are gone from it, a shift within the block changes it little, and for two stretches of noise
   it is independent however alike their spectra are on the whole. One matrix product compares
   all blocks; blocks overlap by half, so a copy is met with a misfit of a quarter at most.
2. Pairs that stand out are laid over each other and judged by their phases: the highest value of
   the cross-correlation with all magnitudes made equal (the phase transform of Knapp and
   Carter [1]_), 1 for a copy whatever its gain, polarity and time.

For independent blocks the phases are independent too. With ``K`` independent bins the share that
agrees at one of ``N`` lags exceeds ``t`` with a probability of at most ``N exp(-K t²)``: for blocks
of 8192 samples at 0.3 below 1e-100, however many pairs are compared. What can come near is a
vibration that repeats itself strictly, with lines over all of the spectrum: an outer race in a
load that stands still is struck so. Longer blocks tell lines from copies better, so the threshold
depends on the block. It lies above what 1,770 pairs of different recordings of a test rig gave
(60 recordings of CWRU, 5 s at 12 kHz): at most 0.19 for blocks of 8192 samples, 0.47 for 4096,
0.55 for 2048 and 0.80 for 1024; and 22,350 pairs of snapshots of two PRONOSTIA bearings gave at
most 0.21 for 2048.

References
----------
.. [1] C. H. Knapp and G. C. Carter, "The Generalized Correlation Method for Estimation of Time
   Delay", IEEE Transactions on Acoustics, Speech and Signal Processing 24(4), 1976.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import uniform_filter1d

from diagnostics.progress import Progress, Report, silent
from diagnostics.training.leakage import MOST_PLACES, Check, Finding
from diagnostics.training.resampling import ratio, resampled_count
from diagnostics.training.split import Candidate
from diagnostics.training.windows import Reader, WindowSet, windows_of

Floats = NDArray[np.float32]
# Share of the phases that agree, by samples in a block.
THRESHOLDS = {8192: 0.3, 4096: 0.55, 2048: 0.65, 1024: 0.85}
LONGEST_BLOCK = max(THRESHOLDS)
# From here on nothing but a copy is left.
CERTAIN = 0.9
# A pair of blocks is looked at closely from here on: many deviations of unrelated noise, and two
# thirds of what the worst misfit leaves of a copy.
STANDS_OUT = 0.25
BLOCKS_OF_TESTED = 4
MOST_BLOCKS = 512
# Multiplications of the first step, about half a minute of one core.
MOST_WORK = 4e11
MOST_LOOKED_AT = 2000
MOST_OF_ONE = 5
_LOWEST_BIN = 8
_NEIGHBOURS = 33
_CLIP = 2.5


@dataclass(frozen=True)
class Pair:
    """Two recordings with the share of phases that agree, and where the tested one lies."""

    learned: str
    tested: str
    agreement: float
    shift_s: float


@dataclass(frozen=True)
class NearCopies:
    """Pairs at or above the threshold, the nearest first.

    ``highest_other`` is the nearest pair below it that was looked at closely; ``tested`` and
    ``learned`` count the recordings that were compared, ``of`` those of the test; ``thinned``
    says whether blocks were left out to end in time, ``unread`` how many pairs that stood out
    were not looked at closely.
    """

    pairs: tuple[Pair, ...]
    highest_other: float
    tested: int
    of: int
    learned: int
    block: int
    thinned: bool
    unread: int = 0

    def to_check(self) -> Check:
        """The same as one of the checks for leaks."""
        base = (
            f"{self.tested:,} tested recordings were compared with {self.learned:,} learned ones"
            f" in blocks of {self.block} samples, whatever their gain, offset and time"
        )
        threshold = THRESHOLDS[self.block]
        left_out = self.tested < self.of or self.thinned
        told = f"{base}{'; parts were left out to end in time' if left_out else ''}."
        if not self.pairs:
            sentence = f"No near copy: {told}"
            return Check("near_copies", Finding.CLEAR, sentence, self.highest_other, threshold)
        nearest = self.pairs[0].agreement
        finding = Finding.LEAK if nearest >= CERTAIN else Finding.SUSPECT
        one = len(self.pairs) == 1
        sentence = (
            f"{'At least ' if self.unread else ''}{len(self.pairs):,}"
            f" {'pair' if one else 'pairs'} of a learned and a tested recording"
            f" {'is' if one else 'are'} nearly the same signal: up to {100 * nearest:.0f} % of all"
            f" phases agree. {told[0].upper()}{told[1:]}"
        )
        places = tuple(
            f"{pair.learned} ≈ {pair.tested} ({pair.agreement:.2f})"
            for pair in self.pairs[:MOST_PLACES]
        )
        return Check("near_copies", finding, sentence, nearest, threshold, places)


def find_near_copies(
    learned: Sequence[Candidate],
    tested: Sequence[Candidate],
    reader: Reader,
    *,
    channel: int,
    window: int,
    sample_rate_hz: float,
    report: Report = silent,
) -> NearCopies:
    """Compare every tested recording with every learned one.

    Parameters
    ----------
    learned, tested : sequence of Candidate
        Of training and validation, and of the test. Those shorter than ``window`` are left out.
    reader : Reader
    channel : int
        Position of the channel that is compared.
    window : int
        Samples of the classifier's windows.
    sample_rate_hz : float
        Recordings with another rate are resampled.
    report : function
        Told about each learned recording; what it raises ends the search.

    Returns
    -------
    NearCopies
    """
    rate = sample_rate_hz
    lengths = {c.recording_id: _length(c, rate) for c in (*learned, *tested)}
    used = {number: length for number, length in lengths.items() if length >= window}
    learned = [c for c in learned if c.recording_id in used]
    tested = [c for c in tested if c.recording_id in used]
    block = min(LONGEST_BLOCK, 1 << (min(used.values()).bit_length() - 1))
    source = _Source(reader, channel, block, rate)
    per_tested, per_learned, chosen = _budget(source, learned, tested)
    table = _Table.of(source, chosen, per_tested)
    candidates: list[_Candidate] = []
    for place, recording in enumerate(learned):
        report(Progress("compare signals", place, len(learned)))
        candidates += table.met_by(source, recording, per_learned)
    candidates.sort(key=lambda one: -one.score)
    pairs, highest = [], 0.0
    for candidate in candidates[:MOST_LOOKED_AT]:
        pair = _judge(source, candidate)
        if pair.agreement >= THRESHOLDS[block]:
            pairs.append(pair)
        else:
            highest = max(highest, pair.agreement)
    report(Progress("compare signals", len(learned), len(learned)))
    thinned = per_learned < MOST_BLOCKS or any(source.count(c) > MOST_BLOCKS for c in learned)
    return NearCopies(
        tuple(sorted(pairs, key=lambda pair: -pair.agreement)),
        highest,
        len(chosen),
        len(tested),
        len(learned),
        block,
        thinned,
        max(0, len(candidates) - MOST_LOOKED_AT),
    )


def fine_structure(blocks: Floats) -> Floats:
    """What distinguishes one stretch of noise from another of the same spectrum.

    Parameters
    ----------
    blocks : array of shape (blocks, samples)

    Returns
    -------
    array of shape (blocks, bins), float32
        Rows of length 1, so that the product of two rows is their correlation. A block
        without any change gives a row of zeros.
    """
    power = np.square(np.abs(_spectrum(blocks)))[:, _LOWEST_BIN:]
    mean = power.mean(axis=1, keepdims=True)
    logarithm = np.log(power + np.maximum(1e-12 * mean, np.finfo(np.float64).tiny))
    rough = logarithm - uniform_filter1d(logarithm, _NEIGHBOURS, axis=1, mode="nearest")
    rough = rough.clip(-_CLIP, _CLIP)
    rough -= rough.mean(axis=1, keepdims=True)
    rough[np.ptp(blocks, axis=1) == 0] = 0
    length = np.linalg.norm(rough, axis=1, keepdims=True)
    np.divide(rough, length, out=rough, where=length > 0)
    rows: Floats = rough.astype(np.float32)
    return rows


def phase_agreement(first: Floats, second: Floats) -> tuple[float, int]:
    """How alike two blocks are, whatever their gain and polarity, and by how much they are shifted.

    Parameters
    ----------
    first, second : array of shape (samples,)

    Returns
    -------
    tuple of float and int
        Highest absolute correlation of the phases, 0 to 1, and its lag in samples: ``second[n]``
        lies at ``first[n + lag]``.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=3000).astype(np.float32)
    >>> agreement, lag = phase_agreement(noise[:2048], 5 - 2 * noise[300:2348])
    >>> agreement > 0.4, lag
    (True, 300)
    """
    cross = _spectrum(first[None])[0] * np.conj(_spectrum(second[None])[0])
    cross[:_LOWEST_BIN] = 0
    size = np.abs(cross)
    np.divide(cross, size, out=cross, where=size > 0)
    count = first.size
    used = count // 2 + 1 - _LOWEST_BIN
    # irfft counts every bin twice and divides by the length.
    found = np.abs(irfft(cross, count)) * count / (2 * used)
    best = int(found.argmax())
    return min(1.0, float(found[best])), best if best <= count // 2 else best - count


@dataclass(frozen=True)
class _Candidate:
    learned: Candidate
    tested: Candidate
    learned_start: int
    tested_start: int
    score: float


@dataclass(frozen=True)
class _Source:
    """Blocks of recordings, one behind the other by half their length."""

    reader: Reader
    channel: int
    block: int
    sample_rate_hz: float

    def windows(self, recording: Candidate) -> WindowSet:
        return windows_of(
            [recording],
            [recording.target],
            self.reader,
            channels=[self.channel],
            window=self.block,
            hop=self.block // 2,
            sample_rate_hz=self.sample_rate_hz,
        )

    def count(self, recording: Candidate) -> int:
        return len(self.windows(recording))

    def blocks(self, recording: Candidate, most: int) -> tuple[Floats, NDArray[np.int64]]:
        """Up to ``most`` blocks, evenly spread, and where they begin."""
        windows = self.windows(recording)
        if len(windows) <= most:
            return windows.read_all()[:, 0], windows.start
        rows = np.unique(np.linspace(0, len(windows) - 1, most).round().astype(np.int64))
        return windows.read(rows)[:, 0], windows.start[rows]

    def at(self, recording: Candidate, start: int) -> Floats:
        """One block from anywhere; its end is the last sample at most."""
        windows = self.windows(recording)
        last = windows.length(0) - self.block
        placed = windows.moved([max(0, min(start, last))])
        block: Floats = placed.read([0])[0, 0]
        return block

    def last(self, recording: Candidate) -> int:
        return self.windows(recording).length(0) - self.block


@dataclass(frozen=True)
class _Table:
    """The blocks of the tested recordings; ``firsts`` is the first row of each recording."""

    recordings: tuple[Candidate, ...]
    firsts: NDArray[np.int64]
    starts: NDArray[np.int64]
    rows: Floats

    @staticmethod
    def of(source: _Source, recordings: Sequence[Candidate], most: int) -> _Table:
        rows, starts = [], []
        for recording in recordings:
            blocks, begin = source.blocks(recording, most)
            rows.append(fine_structure(blocks))
            starts.append(begin)
        firsts = np.cumsum([0, *(len(part) for part in starts[:-1])])
        return _Table(
            tuple(recordings), firsts.astype(np.int64), np.concatenate(starts), np.concatenate(rows)
        )

    def met_by(self, source: _Source, learned: Candidate, most: int) -> Iterator[_Candidate]:
        """The tested recordings that stand out against a learned one."""
        blocks, starts = source.blocks(learned, most)
        scores = fine_structure(blocks) @ self.rows.T
        by_row = scores.max(axis=0)
        by_recording = np.maximum.reduceat(by_row, self.firsts)
        for place in np.argsort(-by_recording)[:MOST_OF_ONE]:
            if by_recording[place] < STANDS_OUT:
                return
            stop = self.firsts[place + 1] if place + 1 < len(self.firsts) else len(self.rows)
            row = int(self.firsts[place]) + int(by_row[self.firsts[place] : stop].argmax())
            yield _Candidate(
                learned,
                self.recordings[place],
                int(starts[scores[:, row].argmax()]),
                int(self.starts[row]),
                float(by_row[row]),
            )


def _budget(
    source: _Source, learned: Sequence[Candidate], tested: Sequence[Candidate]
) -> tuple[int, int, list[Candidate]]:
    """Blocks of each tested and learned recording, and the tested ones, that fit in the time."""
    bins = source.block // 2
    of_learned = np.array([source.count(one) for one in learned])
    of_tested = np.array([source.count(one) for one in tested])

    def work(per_tested: int, per_learned: int) -> float:
        pairs = float(np.minimum(of_tested, per_tested).sum())
        return pairs * float(np.minimum(of_learned, per_learned).sum()) * bins

    per_tested, per_learned = BLOCKS_OF_TESTED, MOST_BLOCKS
    while work(per_tested, per_learned) > MOST_WORK and per_learned > 1:
        if per_learned <= 32 and per_tested > 1:
            per_tested //= 2
        else:
            per_learned //= 2
    share = work(per_tested, per_learned) / MOST_WORK
    if share <= 1:
        return per_tested, per_learned, list(tested)
    kept = max(1, int(len(tested) / share))
    rows = np.linspace(0, len(tested) - 1, kept).round().astype(int)
    return per_tested, per_learned, [tested[row] for row in np.unique(rows)]


def _length(recording: Candidate, sample_rate_hz: float) -> int:
    step = ratio(recording.sample_rate_hz, sample_rate_hz)
    return resampled_count(recording.sample_count, step)


def _judge(source: _Source, found: _Candidate) -> Pair:
    """Lay the two blocks over each other as the first look at their phases says, and look again."""
    first = source.at(found.learned, found.learned_start)
    second = source.at(found.tested, found.tested_start)
    agreement, lag = phase_agreement(first, second)
    learned, tested = found.learned_start + lag, found.tested_start
    # Both move when one of them would reach over an end.
    over = learned - max(0, min(learned, source.last(found.learned)))
    learned, tested = learned - over, tested - over
    if 0 <= tested <= source.last(found.tested):
        aligned = source.at(found.learned, learned), source.at(found.tested, tested)
        agreement = max(agreement, phase_agreement(*aligned)[0])
    shift_s = (learned - tested) / source.sample_rate_hz
    return Pair(found.learned.name, found.tested.name, agreement, shift_s)


def _spectrum(blocks: Floats) -> NDArray[np.complex128]:
    centred = blocks.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    spectrum: NDArray[np.complex128] = rfft(centred * np.hanning(blocks.shape[1]), axis=1)
    return spectrum
