"""What serving costs over the bare runtime, how much it bears, and whether a swap loses requests.

Networks with weights that nobody trained: what they say is of no use, and how long they take is
the same. The client runs on the same cores as the web processes.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from typing import Any

import numpy as np

from benchmarks.api_overhead import Site, api_key, site
from benchmarks.measure import (
    Benchmark,
    Figure,
    at_least,
    at_most,
    main,
    median,
    percentile,
    seconds_once,
)
from diagnostics.deployment.export import OPSET, export_network
from diagnostics.deployment.manifest import INPUT, OUTPUT, Manifest
from diagnostics.deployment.session import DeployedModel, open_model
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.networks.network import build_network
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser
from models import ModelVariant
from server import create_server
from services.actor import COMMAND_LINE, Actor, acting_as
from services.deployment.serving_service import ModelServingService
from services.runtime import artefacts, unit_of_work
from tests import factories

CLASSES, RATE_HZ = ("ball", "inner race", "outer race"), 12_000.0
SMALL, LARGE = 2_048, 20_480
CALLS, WARM_UP = 400, 40
CONNECTIONS, LOAD_S = 4, 15.0
FLOOD, FLOOD_S = 48, 6.0
SWAPS, SWAP_EVERY_S = 40, 0.2
NETWORKS = {"cnn1d": SMALL, "resnet18": LARGE}


@dataclass
class Answers:
    """Status and seconds of each request; a connection that broke has the status 0."""

    status: Counter[int] = field(default_factory=Counter)
    seconds: dict[int, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int, seconds: float) -> None:
        with self.lock:
            self.status[status] += 1
            self.seconds.setdefault(status, []).append(seconds)

    def ms(self, percent: float, *statuses: int) -> float:
        found = [one for status in statuses for one in self.seconds.get(status, [])]
        return percentile(found, percent) * 1e3 if found else float("nan")


def run() -> Benchmark:
    with site() as one:
        files = _publish(one)
        key = api_key(one)
        figures: list[Figure] = []
        for name, window in NETWORKS.items():
            figures += _overhead(one, key, name, window, open_model(files[name]))
        for part in (_load, _flood, _swaps):
            figures += part(one, key)
    return Benchmark(
        name="serving",
        title="Served models",
        method=(
            "Two processes of gunicorn, Valkey the embedded one, SQLite; the client on the same"
            f" cores. A window as float32 ({SMALL} samples for cnn1d, {LARGE} for resnet18) by one"
            " connection that stays open, in turn with the bare call of ONNX Runtime in the"
            f" client, one thread each. Load: {CONNECTIONS} connections, {LOAD_S:g} s."
            f" Too much: {FLOOD} connections that ask again at once, {FLOOD_S:g} s. Swaps: the"
            f" alias moves {SWAPS} times between two versions under {CONNECTIONS} connections."
            " Weights are as the networks begin; key, rights and log of requests as in operation."
        ),
        figures=figures,
        command="python -m benchmarks.serving",
    )


def _overhead(
    one: Site, key: str, name: str, window: int, model: DeployedModel
) -> Iterator[Figure]:
    """End to end, beside the runtime alone."""
    given = np.random.default_rng(0).normal(size=(1, 1, window)).astype(np.float32)
    ask = _asker(one, key, name, given.tobytes())
    bare: list[float] = []
    whole: list[float] = []
    for number in range(WARM_UP + CALLS):
        alone = seconds_once(lambda: model.session.run([OUTPUT], {INPUT: given}))
        served = seconds_once(ask)
        if number >= WARM_UP:
            bare.append(alone)
            whole.append(served)
    yield Figure(f"{name}: bare call, p50", median(bare) * 1e3, "ms", CALLS)
    yield Figure(f"{name}: end to end, p50", median(whole) * 1e3, "ms", CALLS)
    yield Figure(f"{name}: end to end, p99", percentile(whole, 99) * 1e3, "ms", CALLS)
    added = (median(whole) - median(bare)) * 1e3
    yield Figure(f"{name}: added to the bare call, p50", added, "ms", CALLS)
    ratio = median(whole) / median(bare)
    yield at_most(f"{name}: end to end over bare, p50", ratio, 1.3, "×", n=CALLS)


def _load(one: Site, key: str) -> Iterator[Figure]:
    found = _together(one, key, CONNECTIONS, LOAD_S)
    good = found.status[200]
    yield at_least("cnn1d: predictions in a second", good / LOAD_S, 60, "1/s", n=good)
    for percent in (50, 95, 99):
        yield Figure(f"cnn1d under load: p{percent}", found.ms(percent, 200), "ms", good)
    yield at_most("cnn1d under load: not answered", sum(found.status.values()) - good, 0, "")


def _flood(one: Site, key: str) -> Iterator[Figure]:
    found = _together(one, key, FLOOD, FLOOD_S)
    refused = found.status[503] + found.status[429]
    other = sum(found.status.values()) - refused - found.status[200]
    yield Figure("too much: answered", found.status[200] / FLOOD_S, "1/s", found.status[200])
    yield Figure("too much: refused by 429 or 503", refused / FLOOD_S, "1/s", refused)
    yield Figure("too much: until refused, p50", found.ms(50, 503, 429), "ms", refused)
    yield Figure("too much: until refused, p99", found.ms(99, 503, 429), "ms", refused)
    yield at_most("too much: other answers", other, 0, "")
    after = _together(one, key, 1, 2.0)
    yield at_least("afterwards: answered", after.status[200] / 2, 1, "1/s", n=after.status[200])
    wrong = sum(after.status.values()) - after.status[200]
    yield at_most("afterwards: refused", wrong, 0, "")


def _swaps(one: Site, key: str) -> Iterator[Figure]:
    server = create_server(one.settings)
    stop = threading.Event()
    found = Answers()
    threads = _askers(one, key, CONNECTIONS, stop.is_set, found)
    with server.app_context(), acting_as(_owner(one)):
        for number in range(SWAPS):
            time.sleep(SWAP_EVERY_S)
            ModelServingService.set_alias("cnn1d", "production", 2 - number % 2)
    stop.set()
    for thread in threads:
        thread.join()
    good = found.status[200]
    lost = sum(found.status.values()) - good
    yield at_most("swapped under load: requests lost", lost, 0, "", n=good + lost)
    yield Figure("swapped under load: p99", found.ms(99, 200), "ms", good)


def _together(one: Site, key: str, count: int, seconds: float) -> Answers:
    end = time.monotonic() + seconds
    found = Answers()
    for thread in _askers(one, key, count, lambda: time.monotonic() > end, found):
        thread.join()
    return found


def _askers(
    one: Site, key: str, count: int, over: Callable[[], bool], found: Answers
) -> list[threading.Thread]:
    content = np.zeros(SMALL, dtype=np.float32).tobytes()

    def go() -> None:
        ask = _asker(one, key, "cnn1d", content, check=False)
        while not over():
            begun = time.perf_counter()
            try:
                status = ask()
            except (OSError, HTTPException) as error:
                status = 0
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
            found.add(status, time.perf_counter() - begun)

    threads = [threading.Thread(target=go) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def _asker(
    one: Site, key: str, name: str, content: bytes, *, check: bool = True
) -> Callable[[], int]:
    connection = HTTPConnection("127.0.0.1", one.port, timeout=30)
    headers = {"X-API-Key": key, "Content-Type": "application/octet-stream"}
    address = f"/api/v1/models/{name}/predict?sample_rate_hz={RATE_HZ:g}&unit=g"

    def ask() -> int:
        try:
            connection.request("POST", address, content, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException):
            connection.close()  # the next request opens it anew
            raise
        assert not check or answer.status == 200, text
        return answer.status

    return ask


def _publish(one: Site) -> dict[str, bytes]:
    """The files of the networks; cnn1d has two versions."""
    files = {name: _exported(name, window) for name, window in NETWORKS.items()}
    second = _exported("cnn1d", SMALL, seed=1)
    with create_server(one.settings).app_context(), acting_as(_owner(one)):
        with unit_of_work() as session:
            experiment = factories.experiment(session, owner_id=one.user_id).id
            kept = {name: _keep(session, experiment, one.user_id, f) for name, f in files.items()}
            kept_too = _keep(session, experiment, one.user_id, second)
        for name, variant in [*kept.items(), ("cnn1d", kept_too)]:
            ModelServingService.publish(name, variant)
        for name in NETWORKS:
            ModelServingService.set_alias(name, "production", 1)
    return files


def _owner(one: Site) -> Actor:
    return replace(COMMAND_LINE, user_id=one.user_id)


def _keep(session: Any, experiment_id: int, owner_id: int, content: bytes) -> int:
    row = ModelVariant(
        experiment_id=experiment_id,
        owner_id=owner_id,
        kind="fp32",
        artefact_key=artefacts().put("deployments", ".onnx", content),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        checkpoint_hash="",
        manifest=open_model(content).manifest.to_dict(),
        agreement={},
        measured={},
    )
    session.add(row)
    session.flush()
    return row.id


def _exported(name: str, window: int, seed: int = 0) -> bytes:
    card = classifier(name)
    parameters = {one.name: one.default for one in card.parameters}
    network = build_network(card, parameters, 1, len(CLASSES), seed=seed).eval()
    normaliser = Normaliser(Normalisation.WINDOW)
    about = About(name, {**parameters}, CLASSES, (0,), window, RATE_HZ, normaliser)
    manifest = Manifest(
        variant="fp32",
        classifier=name,
        class_names=CLASSES,
        units=("g",),
        channels=1,
        window=window,
        sample_rate_hz=RATE_HZ,
        normalisation=normaliser.kind.value,
        temperature=1.0,
        experiment_id=1,
        checkpoint_hash="",
        data_hash="",
        opset=OPSET,
    )
    return export_network(FittedNetwork(network, about), manifest)


if __name__ == "__main__":
    main(run)
