"""Whether the processes behind streams stay as large as they are over ten million points.

``python -m benchmarks.streaming_memory [--points 1000000]``: about five minutes for each ten
million. A key may send ten million points an hour, so several take turns.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Benchmark, main
from benchmarks.streaming import WINDOW, begun_site, memory_grown
from tests.crash_streams.trial import make_key

POINTS = 10_000_000
POINTS_OF_A_KEY = 4_000_000


def run() -> Benchmark:
    count = POINTS
    if "--points" in sys.argv:
        count = int(sys.argv[sys.argv.index("--points") + 1])
    with tempfile.TemporaryDirectory(prefix="bench") as place:
        folder = Path(place) / "var"
        site = begun_site(folder)
        try:
            names = [f"pusher-{number}" for number in range(-(-count // POINTS_OF_A_KEY))]
            figures = memory_grown(site, count, [make_key(folder, name) for name in names])
        finally:
            site.up.stop()
    return Benchmark(
        name="streaming_memory",
        title="Memory of streams",
        method=(
            "“cli up” on an empty folder; one client sends points of five columns of noise in "
            f"batches of 1,000 into a session of rolling z-scores with a window of {WINDOW}, each "
            "batch when the one before is judged. Resident memory of all processes of a kind, "
            "after the first tenth of the points and after the last."
        ),
        figures=figures,
        command="python -m benchmarks.streaming_memory",
    )


if __name__ == "__main__":
    main(run)
