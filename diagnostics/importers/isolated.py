"""The process that reads files for :mod:`diagnostics.importers.isolation`.

It is started as ``python -m diagnostics.importers.isolated``, reads questions from its input and
writes answers to its output until the input ends or nobody asks for a while.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import select
import signal
import sys
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Contents, Limits
from diagnostics.importers.formats.registry import IMPORTERS
from diagnostics.importers.formats.text_lines import is_packed
from diagnostics.importers.isolation import HEAD

_FORGET_AFTER_S = 5.0
"""The last file stays open for so long; its disk space with it, should it be deleted."""
_LEAVE_AFTER_S = 60.0
_BLOCK = 1 << 20
_LIBRARIES = 2 << 30
"""Address space for the program and its libraries, of which they use a part."""
_OPENED = {importer.name: importer.open for importer in IMPORTERS}
_TOO_LARGE = "The file takes more memory than one file may. Split it, or save it in another format."


@dataclass
class _Last:
    """The file that was opened last, since its arrays are asked for next."""

    key: tuple[Any, ...] = ()
    contents: Contents | None = None
    unpacked: IO[bytes] | None = None

    def forget(self) -> None:
        if self.unpacked is not None:
            self.unpacked.close()
        self.key, self.contents, self.unpacked = (), None, None


def main() -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    # Libraries that print would garble the answers.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl+C reaches the whole group; a worker finishes its job first, and needs its reader.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    last = _Last()
    while _asked(last):
        line = sys.stdin.buffer.readline()
        if not line:
            return
        request = json.loads(line)
        limits = Limits(**request["limits"])
        _limit(limits, request["seconds"])
        head, values = _answer(request, limits, last)
        _write(answers, head, values)
        del values


def _asked(last: _Last) -> bool:
    if select.select([0], [], [], _FORGET_AFTER_S)[0]:
        return True
    last.forget()
    return bool(select.select([0], [], [], _LEAVE_AFTER_S)[0])


def _limit(limits: Limits, seconds: float) -> None:
    """Memory, processor time and sizes of files from here on."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    for what, soft in (
        (resource.RLIMIT_CPU, until),
        (resource.RLIMIT_AS, _LIBRARIES + 3 * limits.bytes),
        (resource.RLIMIT_FSIZE, limits.bytes + _BLOCK),
    ):
        resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))


def _answer(
    request: Mapping[str, Any], limits: Limits, last: _Last
) -> tuple[dict[str, Any], NDArray[Any] | None]:
    try:
        contents = _opened(request, limits, last)
        if request["do"] == "open":
            return _description(contents), None
        if request["do"] == "texts":
            return {"texts": contents.texts[request["name"]]()}, None
        if request["do"] == "part":
            values = contents.parts[request["name"]](request["start"], request["stop"])
        else:
            values = contents.arrays[request["name"]]()
    except FileFormatError as error:
        return {"error": str(error)}, None
    except FileNotFoundError:
        return {"error": "The file is not there any more. Upload it again."}, None
    except MemoryError:
        last.forget()
        return {"error": _TOO_LARGE}, None
    if values.dtype.kind not in "fiub":
        return {"error": f"{request['name']} holds {values.dtype}, expected real numbers."}, None
    # Columns first, as MATLAB writes them, goes as it is and is turned on the other side.
    turned = values.ndim > 1 and values.flags.f_contiguous and not values.flags.c_contiguous
    values = np.ascontiguousarray(values.T if turned else values)
    return {"dtype": values.dtype.str, "shape": values.shape, "turned": bool(turned)}, values


def _opened(request: Mapping[str, Any], limits: Limits, last: _Last) -> Contents:
    path = Path(request["path"])
    state = path.stat()
    identity = [state.st_dev, state.st_ino]
    if identity != request["identity"]:
        raise FileNotFoundError
    key = (request["importer"], path, *identity, state.st_mtime_ns, state.st_size, limits)
    if last.contents is None or last.key != key:
        last.forget()
        if is_packed(path):
            last.unpacked = _unpack(path, limits)
            path = Path(f"/proc/self/fd/{last.unpacked.fileno()}")
        last.contents = _OPENED[request["importer"]](path, limits)
        last.key = key
    return last.contents


def _unpack(path: Path, limits: Limits) -> IO[bytes]:
    """The file without gzip, in a file without a name, so that nothing can be left behind."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open while it is read
    written = 0
    try:
        with gzip.open(path) as packed:
            while block := packed.read(_BLOCK):
                written += len(block)
                limits.check_bytes(written, "The file")
                target.write(block)
    except (OSError, EOFError, zlib.error) as error:
        target.close()
        raise FileFormatError("The gzip file is broken or cut off.") from error
    except FileFormatError:
        target.close()
        raise
    target.flush()
    return target


def _description(contents: Contents) -> dict[str, Any]:
    return {
        "variables": [asdict(variable) for variable in contents.variables],
        "scalars": dict(contents.scalars),
        "arrays": list(contents.arrays),
        "parts": list(contents.parts),
        "texts": list(contents.texts),
        "declared": {name: asdict(value) for name, value in contents.declared.items()},
        "notes": contents.notes,
    }


def _write(answers: IO[bytes], head: dict[str, Any], values: NDArray[Any] | None) -> None:
    content = json.dumps(head).encode()
    answers.write(HEAD.pack(len(content)) + content)
    answers.flush()
    if values is not None:
        answers.write(values.reshape(-1).view(np.uint8).data)
        answers.flush()


if __name__ == "__main__":
    main()
