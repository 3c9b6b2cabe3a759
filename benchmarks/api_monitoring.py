"""A day of a million requests to the API: written in batches, shown on the page of admins."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
from plotly.utils import PlotlyJSONEncoder

import schema
from benchmarks.measure import Benchmark, Figure, at_most, main, percentile, seconds_of
from benchmarks.web import loaded_web
from callbacks import api_monitoring
from models import Role
from models.base import now
from services.actor import COMMAND_LINE, acting_as
from services.api_key_service import APIKeyService
from services.api_requests.log import Noted
from services.api_requests.writing import write
from services.runtime import unit_of_work
from services.user_service import UserService
from settings import Settings

REQUESTS, BATCH, ROUTES, KEYS = 1_000_000, 20_000, 40, 20
REPEAT, LIMIT_MS = 15, 300.0
STATUSES, SHARES = (200, 201, 404, 429, 500), (0.9, 0.05, 0.03, 0.015, 0.005)


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"DATA_FOLDER": folder})
        schema.upgrade(settings)
        server = loaded_web(settings)
        with server.app_context(), acting_as(COMMAND_LINE):
            seconds = _fill()
            shown = {
                hours: seconds_of(partial(_page, hours), repeat=REPEAT)
                for hours in ("1", "24", "168")
            }
        size = sum(path.stat().st_size for path in Path(folder).glob("rotorscope.db*"))
    words = {"1": "the last hour", "24": "the last day", "168": "the last 7 days"}
    return Benchmark(
        name="api_monitoring",
        title="Watching the API",
        method=(
            f"{REQUESTS:,} requests of one day to {ROUTES} routes by {KEYS} keys in SQLite. "
            "Counted is the whole callback of the page, with its JSON."
        ),
        figures=[
            *(
                at_most(
                    f"page of {words[hours]}, p95",
                    percentile(found, 95) * 1e3,
                    LIMIT_MS,
                    "ms",
                    n=REPEAT,
                )
                for hours, found in shown.items()
            ),
            Figure("requests written in a second", REQUESTS / seconds, "1/s", REQUESTS // BATCH),
            Figure("size of the database", size / 2**20, "MiB"),
        ],
        command="python -m benchmarks.api_monitoring",
    )


def _page(hours: str) -> int:
    return len(json.dumps(api_monitoring.show(None, hours), cls=PlotlyJSONEncoder))


def _fill() -> float:
    user_id = UserService.add_user("anna", Role.ADMIN)["id"]
    keys = [APIKeyService.generate_key(user_id, f"line {n}")["api_key_id"] for n in range(KEYS)]
    spent = 0.0
    for number in range(REQUESTS // BATCH):
        batch = _batch(number, keys, user_id)
        spent += seconds_of(partial(_store, batch), repeat=1, warm_up=0)[0]
    return spent


def _store(batch: list[Noted]) -> None:
    with unit_of_work() as session:
        write(session, batch)


def _batch(number: int, keys: list[int], user_id: int) -> list[Noted]:
    drawn = np.random.default_rng(number)
    share = BATCH / REQUESTS
    ages_s = (1 - number * share - drawn.random(BATCH) * share) * 86_000
    routes = drawn.zipf(1.3, BATCH) % ROUTES
    took_us = drawn.lognormal(8.5, 1.0, BATCH).astype(int)
    status = drawn.choice(STATUSES, BATCH, p=SHARES)
    moment = now()
    return [
        Noted(
            f"/route/{routes[n]}",
            "GET" if n % 3 else "POST",
            int(status[n]),
            int(took_us[n]),
            "192.0.2.7",
            "python-httpx/0.28.1",
            keys[int(routes[n]) % KEYS],
            user_id,
            f"{number:08x}{n:024x}",
            error_message="There is no such thing." if status[n] >= 400 else None,
            at=moment - timedelta(seconds=float(ages_s[n])),
        )
        for n in range(BATCH)
    ]


if __name__ == "__main__":
    main(run)
