"""Webhooks while the process that sends them is killed again and again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Benchmark, Figure, at_most, main
from models import Base
from server import create_server
from services import runtime
from settings import Settings
from tests.webhook_crash import attempt

COUNT = 500
KILL_AT = (100, 250, 400)


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "var"
        given = {"DATA_FOLDER": str(folder), "SECRET_KEY": "for-tests"}
        server = create_server(Settings.from_environment(given))
        with server.app_context():
            Base.metadata.create_all(runtime.engine())
        trial = attempt(server, folder, COUNT, KILL_AT)
        with server.app_context():
            runtime.engine().dispose()
    return Benchmark(
        "webhook_crash",
        "Webhooks when the sender is killed",
        f"{COUNT} deliveries wait for one receiver, a real HTTP server that takes 10 ms for each. "
        f"The sender gets SIGKILL when {', '.join(map(str, KILL_AT))} have arrived, and is "
        "started again; what it had leased waits until the lease has run out.",
        [
            Figure("deliveries", len(trial.queued), ""),
            Figure("kills", trial.kills, ""),
            at_most("lost", len(trial.lost), 0, ""),
            at_most("arrived that nobody sent", len(trial.unknown), 0, ""),
            at_most("arrived twice, with the same id", trial.duplicates, 2 * trial.kills, ""),
            Figure("until all had arrived", trial.seconds, "s"),
        ],
        "python -m benchmarks.webhook_crash",
    )


if __name__ == "__main__":
    main(run)
