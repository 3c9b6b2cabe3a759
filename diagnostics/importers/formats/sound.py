"""WAV and FLAC files, as sound cards and many handheld loggers write them."""

from __future__ import annotations

import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import MAX_CHANNELS, Contents, Limits

_SINGLE = ("PCM_S8", "PCM_U8", "PCM_16", "FLOAT", "ULAW", "ALAW")
_FLOATING = ("FLOAT", "DOUBLE")
_BLOCK = 1 << 18
_RIFF_SIZE_UNKNOWN = (0, 0xFFFFFFFF)


def open_sound(path: Path, limits: Limits) -> Contents:
    """The channels of a WAV or FLAC file, and the sampling rate of its header.

    Whole numbers are given as parts of full scale, -1 to 1: a sound file does not say what full
    scale means, so no unit is declared. Floating-point files are given as they are.

    Parameters
    ----------
    path : Path
    limits : Limits
        Of all channels together; the file may be larger.

    Returns
    -------
    Contents

    Raises
    ------
    FileFormatError
        If the file is of another kind, broken or cut off.
    """
    import soundfile

    _check_length(path)
    try:
        info = soundfile.info(str(path))
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise FileFormatError("This is no WAV or FLAC file, or it is broken.") from error
    if info.format not in ("WAV", "WAVEX", "RF64", "FLAC", "W64"):
        raise FileFormatError(f"This is a file of the kind {info.format}, expected WAV or FLAC.")
    if not 1 <= info.channels <= MAX_CHANNELS:
        raise FileFormatError(
            f"The file has {info.channels} channels; at most {MAX_CHANNELS} are read."
        )
    found = Collector(limits)
    rate = float(info.samplerate), "header"
    dtype = "float32" if info.subtype in _SINGLE else "float64"
    shape = (info.frames,) if info.channels == 1 else (info.frames, info.channels)
    read = partial(_samples, path, shape, dtype, limits)
    found.array("signal", shape, dtype, read, rate=rate)
    if info.subtype in _FLOATING:
        return found.contents("Values as they stand in the file; it does not say their unit.")
    return found.contents(
        "Values are parts of full scale (-1 to 1); the file does not say what full scale means."
    )


def _check_length(path: Path) -> None:
    """The reader takes what is there of a WAV file that was cut off, and does not say so."""
    with path.open("rb") as file:
        start = file.read(12)
    if len(start) == 12 and start[:4] == b"RIFF" and start[8:] == b"WAVE":
        (size,) = struct.unpack("<I", start[4:8])
        there = path.stat().st_size - 8
        if size not in _RIFF_SIZE_UNKNOWN and size > there:
            raise FileFormatError(
                f"The WAV file says that it has {size:,} bytes but has {there:,}: it is cut off."
            )


def _samples(path: Path, shape: tuple[int, ...], dtype: str, limits: Limits) -> NDArray[Any]:
    import soundfile

    limits.check_bytes(int(np.prod(shape)) * np.dtype(dtype).itemsize, "The sound")
    values = np.empty(shape, dtype=dtype)
    done = 0
    try:
        with soundfile.SoundFile(str(path)) as file:
            while done < shape[0]:
                block = file.read(out=values[done : done + _BLOCK])
                if not len(block):
                    break
                done += len(block)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise FileFormatError("The sound file is broken or cut off.") from error
    if done != shape[0]:
        raise FileFormatError(
            f"The sound file says that it has {shape[0]:,} samples but has {done:,}: it is cut off."
        )
    return values
