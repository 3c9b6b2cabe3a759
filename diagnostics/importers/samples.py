"""The samples of a proposed recording, put together from the arrays of its file."""

from __future__ import annotations

import numpy as np

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Contents, as_rows
from diagnostics.importers.preview import ProposedChannel, ProposedRecording
from diagnostics.signals.signal import Samples


def samples_of(contents: Contents, recording: ProposedRecording) -> Samples:
    """One row for each channel; no more than one array is held beside the result.

    Parameters
    ----------
    contents : Contents
    recording : ProposedRecording

    Returns
    -------
    array of shape (channels, samples), float32 or float64
        In the units of the file, scaled where :class:`Contents` says so.

    Raises
    ------
    FileFormatError
        If an array cannot be read or has another length than the others.
    """
    if any(channel.recording is not None for channel in recording.channels):
        return np.stack([_one_of_many(contents, channel) for channel in recording.channels])
    wanted: dict[str, list[int]] = {}
    for position, channel in enumerate(recording.channels):
        wanted.setdefault(channel.variable, []).append(position)
    samples: Samples = np.empty((0, 0))
    for name, positions in wanted.items():
        rows = contents.rows(name)
        taken = [recording.channels[position].row for position in positions]
        if len(wanted) == 1 and taken == list(range(len(rows))):
            return rows
        samples = _room_for(samples, rows, recording, name)
        with np.errstate(invalid="ignore"):  # a damaged file may hold a signalling NaN
            for position, row in zip(positions, taken, strict=True):
                samples[position] = rows[row]
    return samples


def _room_for(samples: Samples, rows: Samples, recording: ProposedRecording, name: str) -> Samples:
    """The result so far, or a new one, of a type that holds these rows too."""
    if not samples.size:
        return np.empty((len(recording.channels), rows.shape[1]), dtype=rows.dtype)
    if rows.shape[1] != samples.shape[1]:
        raise FileFormatError(
            f"{name} has {rows.shape[1]:,} samples, other channels of the recording have "
            f"{samples.shape[1]:,}. Take them as recordings of their own."
        )
    return samples if samples.dtype == rows.dtype else samples.astype(np.float64)


def _one_of_many(contents: Contents, channel: ProposedChannel) -> Samples:
    """A channel of one of the recordings that an array holds, and nothing else of it."""
    at = channel.recording or 0
    values = contents.matrix(channel.variable, at, at + 1)[0]
    channels: Samples = as_rows(values, channel.variable)[channel.row]
    return channels
