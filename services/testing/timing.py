"""Time single predictions of a network, and answers of this site."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from diagnostics.progress import Progress, Report
from models import Experiment
from services.errors import Invalid, NotFound, Unavailable
from services.runtime import unit_of_work

# The site's own addresses that may be asked, since nobody has to be signed in for them.
OPEN_PATHS = ("/healthz", "/readyz")


def own_address(address: str) -> str:
    """An address of this site that anybody may ask, built anew from our own.

    Raises
    ------
    Invalid
        If it is another.
    """
    own = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    path = urlsplit(own).path
    for open_path in OPEN_PATHS:
        if address in (own + open_path, path + open_path, open_path):
            return own + open_path
    raise Invalid(
        f"Only addresses of this site are timed: {' and '.join(own + one for one in OPEN_PATHS)}."
    )


def request(address: str) -> Callable[[], object]:
    import httpx

    def ask() -> object:
        try:
            return httpx.get(address, timeout=10.0, follow_redirects=False).status_code
        except httpx.HTTPError as error:
            raise Unavailable(f"{address} does not answer.") from error

    return ask


def prediction(key: str) -> Callable[[], object]:
    with unit_of_work(writing=False) as session:
        row = session.execute(
            select(Experiment.id, Experiment.config).where(Experiment.checkpoint_key == key)
        ).first()
    from services.xai_service import XAIService

    model = None if row is None else XAIService.load_model(row.id)
    if row is None or model is None:
        raise NotFound("No network of an experiment has such a checkpoint.")
    import torch

    first = next(model.parameters())  # how many channels it takes, and on which device
    window = torch.zeros(1, int(first.shape[1]), int(row.config["window"]), device=first.device)

    def predict() -> object:
        with torch.inference_mode():
            return model(window)

    return predict


def times(
    work: Callable[[], object], count: int, stage: str, report: Report
) -> dict[str, float | int]:
    """Milliseconds of each call; the first is not counted, since it warms up."""
    work()
    took: list[float] = []
    for number in range(count):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1e3)
        report(Progress(stage, number + 1, count))
    took.sort()
    return {
        "count": count,
        "median_ms": round(took[count // 2], 3),
        "p95_ms": round(took[min(count - 1, int(0.95 * count))], 3),
        "longest_ms": round(took[-1], 3),
    }
