"""TDMS files of LabVIEW and its relatives: groups of channels, each with its own rate."""

from __future__ import annotations

import math
import weakref
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits, plain_text

_BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    OverflowError,
    MemoryError,
    ArithmeticError,
    RuntimeError,
    NotImplementedError,
    AssertionError,
)
_UNITS = ("unit_string", "NI_UnitDescription")


def open_tdms(path: Path, limits: Limits) -> Contents:
    """The channels of a TDMS file as ``group.channel``, scaled as its properties say.

    The rate follows from ``wf_increment`` and the unit from ``unit_string`` of each channel.

    Parameters
    ----------
    path : Path
    limits : Limits
        Of each channel; the file may be larger.

    Returns
    -------
    Contents
        Channels are read when they are asked for.

    Raises
    ------
    FileFormatError
        If the file is of another kind, broken or cut off.
    """
    import struct

    found = Collector(limits)
    try:
        tdms = _open(path)
        _properties(found, "", tdms.properties)
        for group in tdms.groups():
            _properties(found, f"{group.name}.", group.properties)
            for channel in group.channels():
                _add(found, tdms, channel, limits)
        cut_off = tdms.file_status.incomplete_final_segment
    except (*_BROKEN, struct.error) as error:
        raise FileFormatError("The TDMS file is broken or cut off.") from error
    notes = ["The last part of the file is incomplete and was left out."] if cut_off else []
    return found.contents(*notes)


def _open(path: Path) -> Any:
    from nptdms import TdmsFile

    file = path.open("rb")
    if file.read(4) != b"TDSm":
        file.close()
        raise FileFormatError("This is not a TDMS file, whatever its name says.")
    file.seek(0)
    try:
        tdms = TdmsFile.open(file)
    except BaseException:
        file.close()
        raise
    weakref.finalize(tdms, file.close)
    return tdms


def _add(found: Collector, tdms: Any, channel: Any, limits: Limits) -> None:
    name = f"{channel.group_name}.{channel.name}"
    shape, dtype = (len(channel),), channel.dtype
    if dtype is None or dtype.kind not in "fiub":
        kind = "text" if dtype is not None and dtype.kind in "OSU" else str(dtype)
        note = "a column of text is not read" if kind == "text" else f"{kind} is not read"
        found.unread(name, shape, kind, note)
        return
    rate, unit = None, None
    step = channel.properties.get("wf_increment")
    if isinstance(step, float) and math.isfinite(step) and step > 0:
        rate = _rate(step), f"wf_increment of {name}"
    for key in _UNITS:
        word = channel.properties.get(key)
        if isinstance(word, str) and word.strip() and unit is None:
            unit = word, f"{key} of {name}"
    read = partial(_values, tdms, channel.group_name, channel.name, limits)
    found.array(name, shape, str(dtype), read, rate=rate, unit=unit)


def _rate(step_s: float) -> float:
    """1 / 25,600 s is no number that a computer holds, 25,600 Hz is."""
    rate = 1 / step_s
    return float(round(rate)) if abs(rate - round(rate)) < 1e-9 * rate else rate


def _properties(found: Collector, prefix: str, properties: dict[str, Any]) -> None:
    for key, value in properties.items():
        if isinstance(value, str | float | int | np.number) and value != "":
            found.scalar(f"{prefix}{key}", value if isinstance(value, str) else float(value))


def _values(tdms: Any, group: str, channel_name: str, limits: Limits) -> NDArray[Any]:
    import struct

    channel = tdms[group][channel_name]
    count = len(channel)
    name = plain_text(channel.name)
    limits.check_bytes(count * channel.dtype.itemsize, name)
    values: NDArray[Any] = np.empty(count, dtype=channel.dtype)
    done = 0
    try:
        for chunk in channel.data_chunks():
            block = chunk[:]
            values[done : done + len(block)] = block
            done += len(block)
    except (*_BROKEN, struct.error) as error:
        raise FileFormatError(f"The channel {name} is broken or cut off.") from error
    if done != count:
        raise FileFormatError(f"The channel {name} has {done:,} of {count:,} values.")
    return values
