"""One immutable HDF5 file per recording: samples in chunks, and their extremes at coarser steps.

A picture has a few thousand columns, a recording has millions of samples. Leaving samples
out would lose the one spike that matters, and reading them all is too slow; so the extremes
of every 64 samples, and of every 4 cells of the level before, are stored beside the samples
when the file is written. A view of any range then reads a few thousand numbers.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError, SignalError
from diagnostics.signals.signal import Channel, Samples, Signal, Unit

FORMAT = 1
CELL = 64
"""Samples that one cell of the finest level covers."""
STEP = 4
"""Cells that one cell of the next level covers."""
CHUNK = 32_768
BLOCK = CHUNK * 16
# gzip 1 takes 10 to 20 % less room than lzf, every program that reads HDF5 can unpack it,
# and a view reads so little that the slower unpacking is not felt.
STORAGE: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
_PACKERS = min(4, os.cpu_count() or 1)
_LEAST_PACKED = 1024
"""Values of a level of the pyramid below which its table of chunks takes more than is saved."""


@dataclass(frozen=True)
class MinMax:
    """The extremes of consecutive stretches of one channel.

    Stretch ``i`` reaches from ``first_sample[i]`` to the sample before ``first_sample[i + 1]``.
    """

    first_sample: NDArray[np.int64]
    minimum: Samples
    maximum: Samples


def content_hash(signal: Signal) -> str:
    """What the signal says, as 64 hexadecimal digits; the same for the same signal.

    It covers type, shape and values of the samples, the sampling rate, and names and units of
    the channels, not the bytes of the file, which change with the library that packs them.

    Parameters
    ----------
    signal : Signal

    Returns
    -------
    str
        SHA-256.

    Examples
    --------
    >>> from diagnostics.signals.signal import single_channel
    >>> one = single_channel(np.ones(4), 10.0, Unit.VELOCITY)
    >>> other = single_channel(np.ones(4), 11.0, Unit.VELOCITY)
    >>> len(content_hash(one)), content_hash(one) == content_hash(other)
    (64, False)
    """
    head = {
        "dtype": signal.samples.dtype.name,
        "shape": signal.samples.shape,
        "sample_rate_hz": float(signal.sample_rate_hz),
        "channels": [(channel.name, channel.unit.value) for channel in signal.channels],
    }
    digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for row in signal.samples:
        digest.update(np.ascontiguousarray(row).data)
    return digest.hexdigest()


def write_recording(signal: Signal, path: Path) -> None:
    """Keep the signal in a new file; the name appears when all of it is there.

    Parameters
    ----------
    signal : Signal
    path : Path
        Ends in ``.h5``; its folder exists. A file of that name is replaced.

    Examples
    --------
    >>> import tempfile
    >>> from diagnostics.signals.signal import single_channel
    >>> file = Path(tempfile.mkdtemp()) / "pump.h5"
    >>> write_recording(single_channel(np.arange(8.0), 4.0, Unit.VELOCITY), file)
    >>> with open_recording(file) as recording:
    ...     recording.read(0, 2, 5)
    array([2., 3., 4.])
    """
    import h5py

    temporary = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with h5py.File(temporary, "w") as file, ThreadPoolExecutor(_PACKERS) as packers:
            _describe(file, signal)
            samples = _dataset(file, "samples", signal.samples.shape, signal.samples.dtype, CHUNK)
            finest = _write_samples(signal, samples, packers)
            _write_pyramid(file, finest)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def open_recording(path: Path) -> Iterator[RecordingFile]:
    """Open a file that :func:`write_recording` made, for reading.

    Parameters
    ----------
    path : Path

    Yields
    ------
    RecordingFile

    Raises
    ------
    FileFormatError
        If it is not such a file, or a broken one.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise FileFormatError("The stored recording cannot be read.") from error
    with file:
        if file.attrs.get("rotorscope_format") != FORMAT:
            raise FileFormatError("The stored recording has another format than expected.")
        yield RecordingFile(file)


class RecordingFile:
    """An open recording. It reads what is asked for, not the whole."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._samples = file["samples"]
        self.sample_rate_hz = float(file.attrs["sample_rate_hz"])
        names, units = (json.loads(file.attrs[key]) for key in ("channel_names", "units"))
        self.channels = tuple(
            Channel(name, Unit(unit)) for name, unit in zip(names, units, strict=True)
        )

    @property
    def sample_count(self) -> int:
        """Samples of each channel."""
        return int(self._samples.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self._samples.dtype
        return dtype

    def read(self, channel: int, start: int, stop: int) -> Samples:
        """Samples ``start`` to ``stop - 1`` of a channel.

        Parameters
        ----------
        channel : int
            Position, from 0.
        start, stop : int
            Cut to the length of the recording.

        Returns
        -------
        array of shape (stop - start,)
            In the unit of the channel.

        Raises
        ------
        SignalError
            If there is no such channel, or no sample in the range.
        """
        start, stop = self._range(channel, start, stop)
        samples: Samples = self._samples[channel, start:stop]
        return samples

    def read_all(self) -> Signal:
        """The whole recording, in memory."""
        return Signal(self._samples[:], self.sample_rate_hz, self.channels)

    def copy_samples(self, group: Any, name: str) -> None:
        """Put the samples into a group of another open HDF5 file, packed as they are.

        Parameters
        ----------
        group : h5py.Group
        name : str
            Of the new array there, shape (channels, samples).
        """
        self._samples.file.copy(self._samples, group, name=name)

    def envelope(self, channel: int, start: int, stop: int, points: int) -> MinMax:
        """The extremes of at most ``points`` stretches that together cover the range exactly.

        No sample of the range is left out and none outside it is counted, so a single spike
        is in the picture at every zoom. With as many points as samples, minimum and maximum
        are the samples.

        Parameters
        ----------
        channel : int
            Position, from 0.
        start, stop : int
            Cut to the length of the recording.
        points : int
            At least 1.

        Returns
        -------
        MinMax
            Arrays of shape (stretches,), in the unit of the channel.

        Raises
        ------
        SignalError
            If there is no such channel, or no sample in the range.
        """
        start, stop = self._range(channel, start, stop)
        span = stop - start
        cell = self._coarsest_cell(span, points)
        if cell is None:
            return _extremes(self._samples[channel, start:stop], start, min(points, span))
        return self._from_pyramid(channel, start, stop, min(points, span), cell)

    def _range(self, channel: int, start: int, stop: int) -> tuple[int, int]:
        if not 0 <= channel < len(self.channels):
            raise SignalError(
                f"There is no channel {channel}; the recording has {len(self.channels)}."
            )
        start, stop = max(0, start), min(stop, self.sample_count)
        if start >= stop:
            raise SignalError(
                f"There are no samples from {start} to {stop}; "
                f"the recording has {self.sample_count}."
            )
        return start, stop

    def _coarsest_cell(self, span: int, points: int) -> int | None:
        """The widest cells that still fit twice into a stretch; None to use the samples."""
        fitting = [cell for cell in self._cells() if 2 * cell * points <= span]
        return max(fitting, default=None)

    def _cells(self) -> list[int]:
        return [int(name) for name in self._file["minmax"]]

    def _from_pyramid(self, channel: int, start: int, stop: int, points: int, cell: int) -> MinMax:
        count = self.sample_count
        first = -(-start // cell)
        # The last cell of the recording may be a short one; it counts as whole.
        last = -(-stop // cell) if stop == count else stop // cell
        cells = self._file["minmax"][str(cell)][channel, first:last]
        edges = first + np.linspace(0, last - first, points, endpoint=False).astype(np.int64)
        minimum = np.minimum.reduceat(cells[:, 0], edges - first)
        maximum = np.maximum.reduceat(cells[:, 1], edges - first)
        # What the cells at both ends would count too much or too little comes from the samples.
        for at, lower, upper in ((0, start, first * cell), (-1, last * cell, stop)):
            if lower < upper:
                rest = self._samples[channel, lower:upper]
                minimum[at] = min(minimum[at], rest.min())
                maximum[at] = max(maximum[at], rest.max())
        starts = edges * cell
        starts[0] = start
        return MinMax(starts, minimum, maximum)


def _describe(file: Any, signal: Signal) -> None:
    file.attrs["rotorscope_format"] = FORMAT
    file.attrs["sample_rate_hz"] = float(signal.sample_rate_hz)
    file.attrs["channel_names"] = json.dumps([c.name for c in signal.channels], ensure_ascii=False)
    file.attrs["units"] = json.dumps([c.unit.value for c in signal.channels], ensure_ascii=False)


def _dataset(file: Any, name: str, shape: tuple[int, ...], dtype: Any, chunk: int) -> Any:
    chunks = (1, min(chunk, shape[1]), *shape[2:])
    return file.create_dataset(name, shape, dtype, chunks=chunks, track_times=False, **STORAGE)


def _write_samples(signal: Signal, target: Any, packers: Executor) -> Samples:
    """Write the samples and return their finest level, shape (channels, cells, 2)."""
    channels, count = signal.samples.shape
    length = target.chunks[1]
    finest = np.empty((channels, -(-count // CELL), 2), dtype=signal.samples.dtype)
    for channel, row in enumerate(signal.samples):
        for start in range(0, count, BLOCK):
            block = np.ascontiguousarray(row[start : start + BLOCK])
            chunks = [block[at : at + length] for at in range(0, block.size, length)]
            # One alone is packed here: starting a thread for it takes longer than is won.
            at_once = packers.map if len(chunks) > 1 else map
            packed = at_once(partial(_packed, length=length), chunks)
            cells = finest[channel, start // CELL : -(-(start + block.size) // CELL)]
            edges = np.arange(0, block.size, CELL)
            np.minimum.reduceat(block, edges, out=cells[:, 0])
            np.maximum.reduceat(block, edges, out=cells[:, 1])
            for number, content in enumerate(packed):
                target.id.write_direct_chunk((channel, start + number * length), content)
    return finest


def _packed(values: Samples, length: int) -> bytes:
    """A chunk as HDF5 would pack it, but without the lock that makes it pack one at a time.

    That is: filled up to its length, first bytes of all values first, deflated; see
    :data:`STORAGE`.
    """
    if values.size < length:
        values = np.concatenate([values, np.zeros(length - values.size, values.dtype)])
    shuffled = np.ascontiguousarray(values.view(np.uint8).reshape(length, -1).T)
    return zlib.compress(shuffled.data, STORAGE["compression_opts"])


def _write_pyramid(file: Any, level: Samples) -> None:
    group = file.create_group("minmax", track_times=False)
    cell = CELL
    while True:
        if level.size < _LEAST_PACKED:
            group.create_dataset(str(cell), data=level, track_times=False)
        else:
            _dataset(group, str(cell), level.shape, level.dtype, CHUNK // 4)[:] = level
        if level.shape[1] <= STEP:
            return
        edges = np.arange(0, level.shape[1], STEP)
        level = np.stack(
            [
                np.minimum.reduceat(level[:, :, 0], edges, axis=1),
                np.maximum.reduceat(level[:, :, 1], edges, axis=1),
            ],
            axis=-1,
        )
        cell *= STEP


def _extremes(samples: Samples, start: int, points: int) -> MinMax:
    edges = np.linspace(0, samples.size, points, endpoint=False).astype(np.int64)
    return MinMax(
        start + edges, np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    )
