"""``python -m diagnostics.streaming.compiling``: compile ahead what takes seconds to compile.

The result is kept in the folder that ``NUMBA_CACHE_DIR`` names, so that no stream waits for it.
"""

from __future__ import annotations

import numpy as np

from diagnostics.streaming.base import Settings
from diagnostics.streaming.registry import create, restore


def compile_all() -> None:
    """Use everything that is compiled, once."""
    settings = Settings(1, 10, 3.0, {"num_trees": 1, "tree_size": 16})
    detector = create("rrcf", settings)
    detector.judge(np.arange(20.0)[:, None])
    restore("rrcf", settings, detector.state())


if __name__ == "__main__":
    compile_all()
