"""Windows of recordings: where they lie, and their samples when they are needed.

A window never reaches over the end of a recording, and recordings lie on one side of the
split each, so no window does either; unless windows were split at random, which leaks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError
from diagnostics.signals.recording_file import RecordingFile, open_recording
from diagnostics.signals.signal import Samples
from diagnostics.training.config import RandomWindows
from diagnostics.training.resampling import ratio, read_resampled, resampled_count
from diagnostics.training.split import SIDE_TITLES, Candidate, Side, window_count
from diagnostics.training.window_sides import draw_sides

Windows = NDArray[np.float32]
"""Of shape (windows, channels, samples)."""
Reader = Callable[[int, int, int, int], Samples]
"""``read(recording_id, channel, start, stop)`` gives samples as they were taken."""

OPEN_FILES = 32


@contextmanager
def reading(paths: Mapping[int, Path]) -> Iterator[Reader]:
    """A reader of stored recordings that keeps the last few files open.

    Parameters
    ----------
    paths : mapping of int to Path
        File of each recording by its id.

    Yields
    ------
    Reader
    """
    files: dict[int, tuple[RecordingFile, ExitStack]] = {}

    def read(recording_id: int, channel: int, start: int, stop: int) -> Samples:
        if recording_id not in files:
            if len(files) >= OPEN_FILES:
                files.pop(next(iter(files)))[1].close()
            stack = ExitStack()
            files[recording_id] = (
                stack.enter_context(open_recording(paths[recording_id])),
                stack,
            )
        # Move it to the end: the first one is the one that was not asked for longest.
        files[recording_id] = files.pop(recording_id)
        return files[recording_id][0].read(channel, start, stop)

    try:
        yield read
    finally:
        for _, stack in files.values():
            stack.close()


@dataclass(frozen=True)
class WindowSet:
    """All windows of some recordings.

    Attributes
    ----------
    recordings : tuple of Candidate
    owner : array of shape (windows,)
        Position in ``recordings`` of the one that each window is cut from.
    start : array of shape (windows,)
        First sample of each window, at ``sample_rate_hz``.
    targets : array of shape (windows,)
        Position of the class of each window in the class names.
    is_part : bool
        Whether other windows of these recordings lie on another side of a random split.
    """

    recordings: tuple[Candidate, ...]
    owner: NDArray[np.int64]
    start: NDArray[np.int64]
    targets: NDArray[np.int64]
    channels: tuple[int, ...]
    window: int
    sample_rate_hz: float
    reader: Reader
    is_part: bool = False

    def __len__(self) -> int:
        return len(self.start)

    @property
    def nbytes(self) -> int:
        """Room that all windows would take in memory."""
        return len(self) * len(self.channels) * self.window * 4

    def known(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Quantities of the recording of each window; NaN where nothing is known.

        Parameters
        ----------
        names : sequence of str
            Such as ``severity``.

        Returns
        -------
        array of shape (windows, quantities)
        """
        rows = [[getattr(one, name) for name in names] for one in self.recordings]
        values = np.array(rows, dtype=np.float64).reshape(len(rows), len(names))
        return values[self.owner]

    def read(self, indices: Sequence[int] | NDArray[np.int64]) -> Windows:
        """The samples of some windows, in the unit of each channel.

        Returns
        -------
        array of shape (len(indices), channels, window), float32
        """
        out = np.empty((len(indices), len(self.channels), self.window), dtype=np.float32)
        for row, index in enumerate(indices):
            start = int(self.start[index])
            self._read_into(out[row], int(self.owner[index]), start)
        return out

    def recordings_of(self, indices: Sequence[int] | NDArray[np.int64]) -> list[Candidate]:
        """The recording that each of some windows is cut from."""
        return [self.recordings[self.owner[index]] for index in indices]

    def read_all(self) -> Windows:
        """Every window; each recording is read once."""
        out = np.empty((len(self), len(self.channels), self.window), dtype=np.float32)
        for position in range(len(self.recordings)):
            rows = np.flatnonzero(self.owner == position)
            if rows.size == 0:
                continue
            starts = self.start[rows]
            whole = np.empty((len(self.channels), starts[-1] + self.window), dtype=np.float32)
            self._read_into(whole, position, 0)
            cut = np.lib.stride_tricks.sliding_window_view(whole, self.window, axis=1)
            out[rows] = cut[:, starts].swapaxes(0, 1)
        return out

    def one_of_each(self, rng: np.random.Generator) -> WindowSet:
        """One window of each recording that has any, beginning anywhere.

        Where other windows of the recordings lie on another side, it is one of those here.

        Examples
        --------
        >>> recording = Candidate(7, "pump", "healthy", "b1", 5000, 1000.0)
        >>> read = lambda recording, channel, start, stop: np.arange(start, stop, dtype=float)
        >>> whole = windows_of([recording], ["healthy"], read, channels=[0], window=2048,
        ...                    hop=1024, sample_rate_hz=1000.0)
        >>> drawn = whole.one_of_each(np.random.default_rng(0))
        >>> len(drawn), drawn.start[0] <= 5000 - 2048
        (1, np.True_)
        """
        owner, firsts = np.unique(self.owner, return_index=True)
        if self.is_part:
            return self._one_of_these(owner, rng)
        starts = [
            rng.integers(0, self.length(position) - self.window, endpoint=True)
            for position in owner
        ]
        return replace(
            self,
            owner=owner,
            start=np.array(starts, dtype=np.int64),
            targets=self.targets[firsts],
        )

    def part(self, choice: RandomWindows, side: Side) -> WindowSet:
        """The windows that a random split drew to one side.

        Parameters
        ----------
        choice : RandomWindows
        side : Side

        Returns
        -------
        WindowSet
            With all recordings, and only the drawn windows.
        """
        rows = np.flatnonzero(draw_sides(self.targets, choice) == list(Side).index(side))
        return replace(
            self,
            owner=self.owner[rows],
            start=self.start[rows],
            targets=self.targets[rows],
            is_part=True,
        )

    def moved(self, starts: Sequence[int]) -> WindowSet:
        """Windows of the first recording that begin at other samples."""
        return replace(
            self,
            owner=np.zeros(len(starts), dtype=np.int64),
            start=np.array(starts, dtype=np.int64),
            targets=np.full(len(starts), self.targets[0]),
        )

    def _one_of_these(self, owner: NDArray[np.int64], rng: np.random.Generator) -> WindowSet:
        rows = np.array([rng.choice(np.flatnonzero(self.owner == one)) for one in owner])
        return replace(
            self, owner=self.owner[rows], start=self.start[rows], targets=self.targets[rows]
        )

    def length(self, position: int) -> int:
        """Samples of a recording at the rate of the windows."""
        recording = self.recordings[position]
        step = ratio(recording.sample_rate_hz, self.sample_rate_hz)
        return resampled_count(recording.sample_count, step)

    def _read_into(self, out: NDArray[np.float32], position: int, start: int) -> None:
        recording = self.recordings[position]
        stop = start + out.shape[1]
        step = ratio(recording.sample_rate_hz, self.sample_rate_hz)
        for row, channel in enumerate(self.channels):

            def read(a: int, b: int, channel: int = channel) -> Samples:
                return self.reader(recording.recording_id, channel, a, b)

            if step == 1:
                out[row] = read(start, stop)
            else:
                out[row] = read_resampled(read, recording.sample_count, step, start, stop)


def windows_of(
    recordings: Sequence[Candidate],
    class_names: Sequence[str],
    reader: Reader,
    *,
    channels: Sequence[int],
    window: int,
    hop: int,
    sample_rate_hz: float,
) -> WindowSet:
    """Where the windows of the recordings lie.

    Parameters
    ----------
    recordings : sequence of Candidate
    class_names : sequence of str
        A recording whose target is not among them gets the class -1: it can be predicted,
        not scored.
    reader : Reader
    channels : sequence of int
    window, hop : int
        In samples at ``sample_rate_hz``.
    sample_rate_hz : float
        Recordings with another rate are resampled when they are read.

    Returns
    -------
    WindowSet

    Raises
    ------
    TrainingError
        If not one window fits into any of the recordings.

    Examples
    --------
    >>> recording = Candidate(7, "pump", "healthy", "b1", 5000, 1000.0)
    >>> read = lambda recording, channel, start, stop: np.arange(start, stop, dtype=float)
    >>> found = windows_of([recording], ["healthy"], read, channels=[0], window=2048, hop=1024,
    ...                    sample_rate_hz=1000.0)
    >>> len(found), found.read([1])[0, 0, :3]
    (3, array([1024., 1025., 1026.], dtype=float32))
    """
    position = {name: place for place, name in enumerate(class_names)}
    owner, start, targets = [], [], []
    for place, recording in enumerate(recordings):
        step = ratio(recording.sample_rate_hz, sample_rate_hz)
        count = window_count(resampled_count(recording.sample_count, step), window, hop)
        owner.append(np.full(count, place))
        start.append(np.arange(count) * hop)
        targets.append(np.full(count, position.get(recording.target, -1)))
    if not sum(map(len, start)):
        raise TrainingError(
            f"No recording is as long as one window of {window} samples at {sample_rate_hz:g} Hz."
        )
    return WindowSet(
        tuple(recordings),
        np.concatenate(owner).astype(np.int64),
        np.concatenate(start).astype(np.int64),
        np.concatenate(targets).astype(np.int64),
        tuple(channels),
        window,
        sample_rate_hz,
        reader,
    )


def refuse_same_samples(sets: Mapping[Side, WindowSet]) -> None:
    """Refuse recordings on two sides that begin with the same samples.

    One measurement may come in two files, with other channels beside or cut shorter, which
    the hash of the whole content cannot tell. So the first windows are compared, as the
    classifier sees them; windows without any change are not, since a dead sensor is no copy.

    Parameters
    ----------
    sets : mapping of Side to WindowSet

    Raises
    ------
    TrainingError
        With the names of the two recordings.
    """
    seen: dict[bytes, tuple[Side, str]] = {}
    for side, windows in sets.items():
        _, firsts = np.unique(windows.owner, return_index=True)
        for index in firsts:
            samples = windows.read([int(index)])
            if np.ptp(samples) == 0:
                continue
            name = windows.recordings[windows.owner[index]].name
            key = hashlib.sha256(samples.tobytes()).digest()
            other, known = seen.setdefault(key, (side, name))
            if other is not side:
                raise TrainingError(
                    f"“{known}” in {SIDE_TITLES[other]} and “{name}” in {SIDE_TITLES[side]} begin"
                    " with the same samples. Take one of them out of the data set, or put both"
                    " into one group."
                )
