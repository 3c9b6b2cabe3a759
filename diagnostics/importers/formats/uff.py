"""Universal files (UFF, UNV), data set 58: measured functions, as text or binary (58b)."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits

_MARK = b"    -1"
_LOOKED_AT = 4096
_TIME = 17
_TIME_RESPONSES = (0, 1)
_REAL = (2, 4)
_DIRECTIONS = {1: "+X", 2: "+Y", 3: "+Z", -1: "-X", -2: "-Y", -3: "-Z"}
_FACTS = ("id1", "id2", "id3", "id4", "id5")


def open_uff(path: Path, limits: Limits) -> Contents:
    """The time records of a universal file; other functions are named and left out.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Contents
        The rate follows from the spacing of the abscissa, the unit from the label of the
        ordinate. Records are read when they are asked for.

    Raises
    ------
    FileFormatError
        If the file is of another kind or broken.
    """
    import pyuff

    _check_ends(path)
    found = Collector(limits)
    try:
        file = pyuff.UFF(str(path))
        kinds = [int(kind) for kind in file.get_set_types()]
    except Exception as error:  # pyuff raises nothing more specific
        raise FileFormatError("The universal file is broken or cut off.") from error
    limits.check_variables(len(kinds))
    for number, kind in enumerate(kinds):
        if kind == 58:
            _add(found, file, number)
    if 58 not in kinds:
        raise FileFormatError("The universal file has no measured function (data set 58).")
    return found.contents()


def _check_ends(path: Path) -> None:
    """The library takes no notice of a last record that lacks its end."""
    with path.open("rb") as file:
        if _MARK not in file.read(_LOOKED_AT):
            raise FileFormatError("This is no universal file, whatever its name says.")
        file.seek(-min(_LOOKED_AT, path.stat().st_size), 2)
        if not file.read().rstrip().endswith(_MARK.strip()):
            raise FileFormatError("The universal file is cut off.")


def _add(found: Collector, file: Any, number: int) -> None:
    head = _set(file, number, header_only=True)
    name = _name(head, number)
    count = int(head["num_pts"])
    note = _why_not(head)
    if note:
        found.unread(name, (count,), "function", note)
        return
    rate, unit = None, None
    step = float(head["abscissa_inc"])
    if math.isfinite(step) and step > 0:
        rate = round(1 / step, 6), f"spacing of the abscissa of {name}"
    word = str(head["ordinate_axis_units_lab"]).strip()
    if word and word.upper() != "NONE":
        unit = word, f"label of the ordinate of {name}"
    for key in _FACTS:
        text = str(head.get(key, "")).strip()
        if text and text.upper() != "NONE":
            found.scalar(f"{name}.{key}", text)
    read = partial(_values, file, number, count)
    found.array(name, (count,), "float64", read, rate=rate, unit=unit)


def _why_not(head: dict[str, Any]) -> str:
    if head["ord_data_type"] not in _REAL:
        return "complex values are no time record"
    if head["func_type"] not in _TIME_RESPONSES or head["abscissa_spec_data_type"] not in (
        0,
        _TIME,
    ):
        return "it is no time record but a function of something else"
    return "" if head["abscissa_spacing"] == 1 else "its samples are not evenly spaced"


def _name(head: dict[str, Any], number: int) -> str:
    node = head.get("rsp_node", 0)
    direction = _DIRECTIONS.get(head.get("rsp_dir", 0), "")
    return f"{number + 1} node {node} {direction}".strip()


def _values(file: Any, number: int, count: int) -> NDArray[Any]:
    values = np.asarray(_set(file, number, header_only=False)["data"], dtype=np.float64)
    if len(values) != count:
        raise FileFormatError(
            f"Record {number + 1} has {len(values):,} values, expected {count:,}: it is cut off."
        )
    return values


def _set(file: Any, number: int, *, header_only: bool) -> dict[str, Any]:
    try:
        found: dict[str, Any] = file.read_sets(number, header_only=header_only)
        int(found["num_pts"]), float(found["abscissa_inc"])
    except Exception as error:  # pyuff raises nothing more specific
        raise FileFormatError(f"Record {number + 1} of the universal file is broken.") from error
    return found
