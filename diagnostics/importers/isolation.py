"""Files of formats that compiled code reads are read by another process.

HDF5, Parquet, sound files, spreadsheets and the like are read by libraries in C, C++ and Rust that
were not written for files of strangers: a crafted one may crash them, take all memory or never
end. They run in a child with limits for memory and time, which has none of this process's secrets
in its environment. When it dies, the file is refused with a sentence and the next one gets a new
child. One child serves the files of a batch, since starting it takes longer than reading most
files.

What the child finds comes back as JSON, numbers as bytes through the same pipe: they are in no
file that somebody would have to remove, and the child never holds more than one array.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Contents, Limits, Variable
from diagnostics.importers.declared import Declared
from diagnostics.signals.signal import Unit

HEAD = struct.Struct("<I")
_LONGEST_HEAD = 256 << 20
_MODULE = "diagnostics.importers.isolated"
_ROOT = Path(__file__).parents[2]
_PIPE_BYTES = 1 << 20
_STARTING_S = 60.0
_STOPPED = (
    "Its reader stopped on this file, so it was left out: it is damaged or made to do harm. "
    "Save it again with the program that it comes from."
)
_ENVIRONMENT = {
    # One thread and no plug-ins: every thread takes address space, plug-ins are foreign code.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "HDF5_PLUGIN_PRELOAD": "::",
    "LC_ALL": "C.UTF-8",
}


@dataclass(frozen=True)
class _File:
    """What the child needs to find an array again, even a new child."""

    importer: str
    path: str
    identity: tuple[int, int]
    """Device and number of the file: what lies there later under the same path is another."""
    limits: Limits
    seconds: float


class _Ended(Exception):
    """The child is gone; ``idle`` when it had nothing to do and left by itself."""

    def __init__(self, *, idle: bool) -> None:
        self.idle = idle


class _TooSlow(Exception):
    pass


def open_apart(importer: str, path: Path, limits: Limits) -> Contents:
    """What a file holds, seen by the child.

    Parameters
    ----------
    importer : str
        Name of an importer.
    path : Path
    limits : Limits

    Returns
    -------
    Contents
        Its arrays are read by the child when they are asked for.

    Raises
    ------
    FileFormatError
        As the importer does, or if the child died of the file or took too long.
    """
    state = path.stat()
    seconds = limits.seconds + state.st_size / limits.bytes_per_second
    identity = state.st_dev, state.st_ino
    file = _File(importer, _seen_by_child(path), identity, limits, seconds)
    found, _ = _ask(file, {"do": "open"})
    return Contents(
        variables=tuple(
            Variable(v["name"], tuple(v["shape"]), v["dtype"], v["note"])
            for v in found["variables"]
        ),
        scalars=found["scalars"],
        arrays={name: partial(_array, file, name) for name in found["arrays"]},
        notes=tuple(found["notes"]),
        declared={name: _declared(value) for name, value in found["declared"].items()},
        parts={name: partial(_part, file, name) for name in found["parts"]},
        texts={name: partial(_texts, file, name) for name in found["texts"]},
    )


def close() -> None:
    """End the child, if there is one."""
    with _lock:
        if _child is not None:
            _child.end()


def _seen_by_child(path: Path) -> str:
    """The path; one of a descriptor of this process says whose it is."""
    place = str(path.absolute())
    own = "/proc/self/fd/"
    return f"/proc/{os.getpid()}/fd/{path.name}" if place.startswith(own) else place


def _declared(value: Mapping[str, Any]) -> Declared:
    declared = Declared(**value)
    return replace(declared, unit=Unit(declared.unit) if declared.unit else None)


def _array(file: _File, name: str) -> NDArray[Any]:
    return _numbers(file, {"do": "array", "name": name})


def _part(file: _File, name: str, start: int, stop: int) -> NDArray[Any]:
    return _numbers(file, {"do": "part", "name": name, "start": start, "stop": stop})


def _texts(file: _File, name: str) -> tuple[str, ...]:
    found, _ = _ask(file, {"do": "texts", "name": name})
    return tuple(found["texts"])


def _numbers(file: _File, request: dict[str, Any]) -> NDArray[Any]:
    _, values = _ask(file, request)
    if values is None:
        raise FileFormatError(_STOPPED)
    return values


def _ask(file: _File, request: dict[str, Any]) -> tuple[dict[str, Any], NDArray[Any] | None]:
    """The answer of the child; a new one is started when there is none."""
    global _child
    request = {**request, **asdict(file)}
    with _lock:
        for _ in range(2):
            if _child is not None and not _child.is_alive():
                _child.end()
                _child = None
            _child = _child or _Child()
            try:
                answer, values = _child.ask(request, file)
            except _Ended as ended:
                if ended.idle:  # it left while the question was on its way
                    continue
                raise FileFormatError(_STOPPED) from None
            except _TooSlow:
                raise FileFormatError(
                    f"Reading the file took more than {file.seconds:,.0f} s, so it was given up. "
                    "Split it, or save it in another format."
                ) from None
            if "error" in answer:
                raise FileFormatError(answer["error"])
            return answer, values
    raise FileFormatError(_STOPPED)


class _Child:
    """A process that reads files, and the pipes to it."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={**_ENVIRONMENT, "TMPDIR": tempfile.gettempdir()},
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        with suppress(OSError, AttributeError):  # only a matter of speed
            fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._is_new = True

    def is_alive(self) -> bool:
        """Whether it can be asked by this process; a fork has to start its own."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(
        self, request: dict[str, Any], file: _File
    ) -> tuple[dict[str, Any], NDArray[Any] | None]:
        # The child counts its own processor time; this is for one that waits for ever.
        deadline = time.monotonic() + 2 * file.seconds + (_STARTING_S if self._is_new else 0)
        try:
            self._send(json.dumps(request).encode() + b"\n")
            head = json.loads(self._read(HEAD.unpack(self._read(HEAD.size, deadline))[0], deadline))
            self._is_new = False
            values = None
            if "dtype" in head:
                values = self._receive(head, file.limits, deadline)
        except BaseException:
            # Whatever it was, what is still in the pipe belongs to no question.
            self.end()
            raise
        return head, values

    def end(self) -> None:
        """Let go of the child; a fork leaves it to its parent."""
        if self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
        self._in.close()
        self._out.close()

    def _send(self, content: bytes) -> None:
        try:
            self._in.write(content)
        except BrokenPipeError:
            self._gone()

    def _receive(self, head: dict[str, Any], limits: Limits, deadline: float) -> NDArray[Any]:
        dtype, shape = np.dtype(head["dtype"]), tuple(head["shape"])
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        # Numbers that were scaled are wider than those in the file.
        limits.check_bytes(size // 8, "An array")
        values: NDArray[Any] = np.empty(shape, dtype=dtype)
        self._fill(values.reshape(-1).view(np.uint8).data, deadline)
        return values.T if head["turned"] else values

    def _read(self, size: int, deadline: float) -> bytes:
        if size > _LONGEST_HEAD:
            self._gone()
        content = bytearray(size)
        self._fill(memoryview(content), deadline)
        return bytes(content)

    def _fill(self, view: memoryview, deadline: float) -> None:
        while len(view):
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(1000 * left):
                raise _TooSlow
            count = os.readv(self._out.fileno(), [view])
            if not count:
                self._gone()
            view = view[count:]

    def _gone(self) -> None:
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            raise _TooSlow
        raise _Ended(idle=code == 0)


_child: _Child | None = None
_lock = threading.Lock()
_forget: Callable[[], None] = atexit.register(close)
