"""Features by tsfel, timed in a process of its own: see ``benchmarks.feature_speed``.

Called with a file of windows, the sampling rate, and pairs ``what:function``, where ``what`` is
``signal`` or ``envelope``. For each line on its input it computes them once and answers with
the milliseconds of the processor that one window took.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import hilbert

OF_RATE = ("fundamental_frequency", "spectral_centroid", "spectral_spread", "spectral_entropy")


def main(file: str, rate_hz: str, *wanted: str) -> None:
    windows = np.load(file).astype(np.float64)
    pairs = [one.split(":") for one in wanted]
    features = [(what, _feature(name, float(rate_hz))) for what, name in pairs]
    for _ in sys.stdin:
        begun = time.process_time()
        for window in windows:
            given = {"signal": window, "envelope": np.abs(hilbert(window))}
            for what, compute in features:
                compute(given[what])
        took = (time.process_time() - begun) * 1000 / len(windows)
        sys.stdout.write(f"{took}\n")
        sys.stdout.flush()


def _feature(name: str, rate_hz: float) -> Callable[[NDArray[np.float64]], object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tsfel.feature_extraction import features
    function: Callable[..., object] = getattr(features, name)
    if name in OF_RATE:
        return lambda samples: function(samples, rate_hz)
    return function


if __name__ == "__main__":
    main(*sys.argv[1:])
