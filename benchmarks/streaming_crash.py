"""Points on their way while everything that holds them is killed again and again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Benchmark, Figure, at_most, main
from tests.crash_streams.__main__ import KILLS, RECOVERED_WITHIN_S
from tests.crash_streams.trial import Trial, attempt

POINTS, BATCH = 100_000, 100


def run() -> Benchmark:
    with tempfile.TemporaryDirectory(prefix="streams-") as place:
        trial = attempt(Path(place) / "var", POINTS, BATCH, KILLS)
    return Benchmark(
        "streaming_crash",
        "Streams when processes are killed",
        f"{POINTS:,} numbered points in batches of {BATCH} go to a running site, Valkey with "
        "appendfsync always. Stream worker, web and Valkey get SIGKILL in turn, three times each; "
        "a batch that was not answered is sent again under the same key. Recovered: the second "
        "batch is answered after the kill, for the first may have been under way.",
        figures(trial),
        "python -m benchmarks.streaming_crash",
    )


def figures(trial: Trial) -> list[Figure]:
    """What was lost, doubled and waited for."""
    slowest: dict[str, list[float]] = {}
    for name, seconds in zip(trial.kills, trial.recoveries_s, strict=True):
        slowest.setdefault(name, []).append(seconds)
    return [
        Figure("points acknowledged", trial.points, ""),
        Figure("kills", len(trial.kills), ""),
        Figure("batches sent again", trial.sent_again, ""),
        at_most("points lost or counted twice", abs(trial.points - trial.counted), 0, ""),
        Figure("alerts", len(trial.alerts), "", note=f"{len(trial.planted)} planted"),
        at_most("planted alerts lost", len(trial.lost_alerts), 0, ""),
        at_most("alerts twice", trial.doubled_alerts, 0, ""),
        at_most("alerts under another id than was told", trial.changed_ids, 0, ""),
        *(
            at_most(
                f"{name} killed: recovered after, slowest",
                max(found),
                RECOVERED_WITHIN_S,
                "s",
                n=len(found),
            )
            for name, found in slowest.items()
        ),
        Figure("all of it", trial.seconds, "s"),
    ]


if __name__ == "__main__":
    main(run)
