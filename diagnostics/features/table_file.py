"""A table of features as one HDF5 file: written as the windows come, read by rows or columns.

``features`` (windows, features) holds the numbers, its attributes ``columns`` and ``units``
what they are. Beside it one value for each window: ``recording_id``, ``first_sample``,
``start_s`` and ``stop_s`` in the recording, and ``label`` and ``group`` as places in the lists
``labels`` and ``groups``. A window without a label has the label "".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError, FileFormatError

FORMAT = 1
_ROWS = 1024
_WHOLE = ("recording_id", "first_sample", "label", "group")
_TIMES = ("start_s", "stop_s")


@dataclass(frozen=True, eq=False)
class TableRows:
    """Some windows of a table.

    ``values`` (rows, features) with NaN where a number is unknown; the others (rows,).
    """

    values: NDArray[np.float64]
    recording_ids: NDArray[np.int64]
    first_samples: NDArray[np.int64]
    starts_s: NDArray[np.float64]
    stops_s: NDArray[np.float64]
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    recordings: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where the windows of a block come from: one recording, one class, one group."""

    recording_id: int
    recording: str
    label: str
    group: str


@dataclass
class _Names:
    """Texts by their place, in the order in which they first came."""

    places: dict[str, int] = field(default_factory=dict)

    def place(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places))


class TableWriter:
    """Open by :func:`writing_table`. Keeps no more than a thousand windows."""

    def __init__(self, file: Any, columns: Sequence[str], units: Sequence[str]) -> None:
        if len(set(columns)) != len(columns) or len(columns) != len(units) or not columns:
            raise FeatureError("A table needs columns with different names and a unit for each.")
        self._file = file
        self._columns = tuple(columns)
        self._hash = hashlib.sha256(json.dumps([list(columns), list(units)]).encode())
        self._labels, self._groups = _Names(), _Names()
        self._recordings: dict[int, str] = {}
        self.windows_by_label: dict[str, int] = {}
        self.row_count = 0
        self._waiting: list[dict[str, NDArray[Any]]] = []
        values = file.create_dataset(
            "features",
            (0, len(columns)),
            "f8",
            maxshape=(None, len(columns)),
            chunks=(_ROWS, 1),
            track_times=False,
        )
        values.attrs["columns"] = json.dumps(list(columns))
        values.attrs["units"] = json.dumps(list(units), ensure_ascii=False)
        for name in (*_WHOLE, *_TIMES):
            kind = "i8" if name in _WHOLE else "f8"
            file.create_dataset(
                name,
                (0,),
                kind,
                maxshape=(None,),
                chunks=(_ROWS,),
                compression="gzip",
                compression_opts=1,
                shuffle=True,
                track_times=False,
            )

    @property
    def content_hash(self) -> str:
        """Of numbers, where they come from and how they were made; complete after the end."""
        return self._hash.hexdigest()

    @property
    def group_count(self) -> int:
        return len(self._groups.places)

    @property
    def recording_count(self) -> int:
        return len(self._recordings)

    def add(
        self,
        origin: Origin,
        values: NDArray[np.float64],
        first_samples: NDArray[np.int64],
        starts_s: NDArray[np.float64],
        stops_s: NDArray[np.float64],
    ) -> None:
        """Append windows of one recording.

        Parameters
        ----------
        origin : Origin
        values : array of shape (windows, features)
        first_samples, starts_s, stops_s : arrays of shape (windows,)

        Raises
        ------
        FeatureError
            If the shapes do not fit.
        """
        count = len(values)
        if values.shape != (count, len(self._columns)) or len(first_samples) != count:
            raise FeatureError(
                f"The table has {len(self._columns)} columns, got the shape {values.shape}."
            )
        said = (origin.recording_id, origin.recording, origin.label, origin.group, count)
        self._hash.update(json.dumps(said).encode())
        for array in (values.astype("<f8"), first_samples.astype("<i8"), starts_s, stops_s):
            self._hash.update(np.ascontiguousarray(array).tobytes())
        self._recordings[origin.recording_id] = origin.recording
        known = self.windows_by_label.get(origin.label, 0)
        self.windows_by_label[origin.label] = known + count
        self._waiting.append(
            {
                "features": values,
                "recording_id": np.full(count, origin.recording_id),
                "first_sample": first_samples,
                "label": np.full(count, self._labels.place(origin.label)),
                "group": np.full(count, self._groups.place(origin.group)),
                "start_s": starts_s,
                "stop_s": stops_s,
            }
        )
        self.row_count += count
        if sum(len(block["features"]) for block in self._waiting) >= _ROWS:
            self._flush()

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write what is left, and what is known about the whole table, as plain JSON values."""
        self._flush()
        self._hash.update(json.dumps(dict(about), sort_keys=True).encode())
        names = {
            "labels": list(self._labels.places),
            "groups": list(self._groups.places),
            "recordings": [[key, name] for key, name in self._recordings.items()],
            "about": dict(about),
        }
        # As data and not as attributes, which cannot be longer than 64 KiB.
        for name, content in names.items():
            text = np.void(json.dumps(content, ensure_ascii=False).encode())
            self._file.create_dataset(name, data=text, track_times=False)
        self._file.attrs["content_hash"] = self.content_hash

    def _flush(self) -> None:
        if not self._waiting:
            return
        for name in self._waiting[0]:
            block = np.concatenate([one[name] for one in self._waiting])
            data = self._file[name]
            before = data.shape[0]
            data.resize(before + len(block), axis=0)
            data[before:] = block
        self._waiting = []


@contextmanager
def writing_table(
    path: Path, columns: Sequence[str], units: Sequence[str]
) -> Iterator[TableWriter]:
    """A new file that windows are added to, ended by :meth:`TableWriter.finish`.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        Names of the features, as ``RMS@1``.
    units : sequence of str
        One for each; "" for a ratio.

    Raises
    ------
    FeatureError
        If a name is there twice, or the units do not fit.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.h5"
    >>> with writing_table(path, ["RMS@1"], ["g"]) as table:
    ...     first, times = np.array([0, 100]), np.array([0.0, 0.1])
    ...     table.add(Origin(7, "pump", "worn", "B1"), np.array([[1.0], [2.0]]), first,
    ...               times, times + 0.1)
    ...     table.finish({"window": 100})
    >>> with open_table(path) as table:
    ...     table.column("RMS@1"), table.rows([1]).labels, table.about
    (array([1., 2.]), ('worn',), {'window': 100})
    """
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["rotorscope_features"] = FORMAT
        yield TableWriter(file, columns, units)


@contextmanager
def open_table(path: Path) -> Iterator[TableFile]:
    """Open a file of :func:`writing_table` for reading.

    Raises
    ------
    FileFormatError
        If it is not such a file, or a broken one.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise FileFormatError("The stored table of features cannot be read.") from error
    with file:
        if file.attrs.get("rotorscope_features") != FORMAT or "about" not in file:
            raise FileFormatError("The stored table of features has another format than expected.")
        yield TableFile(file)


class TableFile:
    """An open table. It reads what is asked for, not the whole."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._values = file["features"]
        self.columns: tuple[str, ...] = tuple(json.loads(self._values.attrs["columns"]))
        self.units: tuple[str, ...] = tuple(json.loads(self._values.attrs["units"]))
        self.labels: tuple[str, ...] = tuple(self._list("labels"))
        self.groups: tuple[str, ...] = tuple(self._list("groups"))
        self.about: dict[str, Any] = self._list("about")
        self._recordings = {int(key): str(name) for key, name in self._list("recordings")}

    @property
    def row_count(self) -> int:
        return int(self._values.shape[0])

    def column(self, name: str) -> NDArray[np.float64]:
        """The numbers of one feature, shape (windows,).

        Raises
        ------
        FeatureError
            If the table has no such column.
        """
        if name not in self.columns:
            raise FeatureError(f"The table has no feature “{name!s:.80}”.")
        found: NDArray[np.float64] = self._values[:, self.columns.index(name)]
        return found

    def of_windows(self, name: str) -> NDArray[Any]:
        """``recording_id``, ``first_sample``, ``label``, ``group``, ``start_s`` or ``stop_s``.

        Labels and groups are places in :attr:`labels` and :attr:`groups`.
        """
        found: NDArray[Any] = self._file[name][:]
        return found

    def recording_names(self, ids: NDArray[np.int64]) -> list[str]:
        """The names of recordings by their ids."""
        return [self._recordings.get(int(one), "") for one in ids]

    def rows(self, places: Sequence[int] | NDArray[np.intp]) -> TableRows:
        """The windows at some places, in the order in which they are asked for.

        Parameters
        ----------
        places : sequence of int
            From 0, each below :attr:`row_count`.
        """
        asked = np.asarray(places, dtype=np.intp)
        # The library reads rising places only, each once.
        rising, back = np.unique(asked, return_inverse=True)

        def read(name: str) -> NDArray[Any]:
            if not len(rising):
                return self._file[name][:0]  # type: ignore[no-any-return]
            if len(rising) == rising[-1] - rising[0] + 1:
                return self._file[name][rising[0] : rising[-1] + 1][back]  # type: ignore[no-any-return]
            return self._file[name][rising][back]  # type: ignore[no-any-return]

        ids = read("recording_id")
        return TableRows(
            read("features"),
            ids,
            read("first_sample"),
            read("start_s"),
            read("stop_s"),
            tuple(self.labels[code] for code in read("label")),
            tuple(self.groups[code] for code in read("group")),
            tuple(self.recording_names(ids)),
        )

    def blocks(self, size: int = 4096) -> Iterator[TableRows]:
        """All windows in their order, some at a time."""
        for start in range(0, self.row_count, size):
            yield self.rows(np.arange(start, min(start + size, self.row_count)))

    def _list(self, name: str) -> Any:
        return json.loads(bytes(self._file[name][()]).decode())
