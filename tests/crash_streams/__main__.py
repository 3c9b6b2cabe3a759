"""``python -m tests.crash_streams --points 100000``: kill what holds a stream, and count."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash_streams.trial import Trial, attempt

KILLS = ("stream-worker", "web", "valkey") * 3
RECOVERED_WITHIN_S = 5.0


def problems(trial: Trial) -> list[str]:
    """What did not go as it should, in sentences."""
    found = []
    if trial.counted != trial.points:
        found.append(f"{trial.points} points were acknowledged and {trial.counted} counted.")
    if trial.lost_alerts:
        found.append(f"{len(trial.lost_alerts)} alerts are lost.")
    if trial.doubled_alerts:
        found.append(f"{trial.doubled_alerts} alerts are there twice.")
    if trial.changed_ids:
        found.append(f"{trial.changed_ids} alerts have another id than was told.")
    if trial.slowest_s > RECOVERED_WITHIN_S:
        found.append(f"It took {trial.slowest_s:.1f} s to recover.")
    return found


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--points", type=int, default=100_000)
    reader.add_argument("--batch", type=int, default=100)
    given = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="streams-") as place:
        trial = attempt(Path(place) / "var", given.points, given.batch, KILLS)
    told = [
        f"{trial.points} points in {trial.seconds:.0f} s, {len(trial.kills)} kills, "
        f"{trial.sent_again} batches sent again",
        f"{trial.counted} points counted; {len(trial.alerts)} alerts, {len(trial.planted)} planted",
        "recovered after " + ", ".join(
            f"{seconds:.1f} s ({name})"
            for name, seconds in zip(trial.kills, trial.recoveries_s, strict=True)
        ),
        *problems(trial),
    ]  # fmt: skip
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return 1 if problems(trial) else 0


if __name__ == "__main__":
    sys.exit(main())
