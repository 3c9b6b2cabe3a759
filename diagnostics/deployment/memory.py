"""How much memory a model takes at its highest, in a process that does nothing else."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from diagnostics.errors import DeploymentError

BATCHES = (1, 32)
_PATIENCE_S = 120

PROGRAM = """
import sys
import numpy as np
import onnxruntime as ort

def kib(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))

path, *shape = sys.argv[1], *map(int, sys.argv[2:])
given = np.sin(np.arange(np.prod(shape), dtype=np.float32) / 7).reshape(shape)
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
options.log_severity_level = 3
before = kib("VmRSS")
session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
(taken,) = session.get_inputs()
given = given.astype("float64" if "double" in taken.type else "float32")
for _ in range(3):
    session.run(None, {taken.name: given})
print(kib("VmHWM") - before)
"""


def peak_memory(
    content: bytes, shape: tuple[int, ...], batches: Sequence[int] = BATCHES
) -> dict[str, int]:
    """Bytes beyond those of the runtime itself, by batch size, while a model is opened and run.

    Empty where the system does not tell of its processes as Linux does.

    Parameters
    ----------
    content : bytes
        Of an exported model.
    shape : tuple of int
        (channels, samples) of a window; (columns,) of a row of features.
    batches : sequence of int

    Raises
    ------
    DeploymentError
        If the model cannot be run.
    """
    found: dict[str, int] = {}
    if not sys.platform.startswith("linux"):
        return found
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(content)
        for batch in batches:
            command = [sys.executable, "-I", "-c", PROGRAM, str(path), str(batch)]
            done = subprocess.run(
                [*command, *map(str, shape)],
                capture_output=True,
                text=True,
                check=False,
                timeout=_PATIENCE_S,
            )
            if done.returncode != 0:
                raise DeploymentError("The memory of the model could not be measured.")
            found[str(batch)] = int(done.stdout) << 10
    return found
