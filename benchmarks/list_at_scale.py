"""A data set of a hundred thousand recordings: its lists, details, differences and changes.

The rows are written in bulk; what is measured are the services that the pages and the API
call, and the callbacks of the pages through the whole application, as a browser asks them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

import schema
from benchmarks.measure import Benchmark, Figure, at_most, main, median, percentile, seconds_of
from benchmarks.web import loaded_web
from diagnostics.signals.signal import Unit, single_channel
from layouts.dataset import Ids
from layouts.dataset_content import Ids as Content
from layouts.dataset_recordings import Ids as Recordings
from layouts.dataset_versions import Ids as Versions
from layouts.datasets import Ids as List
from models import Bearing, Dataset, Machine, Origin, Recording, RecordingChannel, Role
from services.actor import COMMAND_LINE, Actor, acting_as
from services.authentication_service import AuthenticationService
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, StoredSamples, store_samples
from services.datasets.selection import Condition, RecordingFilter, Selection
from services.datasets.versions import Change, add_version
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.signal_view_service import SignalViewService
from services.user_service import UserService
from services.version_service import VersionService
from services.waveform_service import WaveformService
from settings import Settings

RECORDINGS, DATASETS, RELABELLED, IMPORTED = 100_000, 300, 1_000, 100
BEARINGS, MACHINES, LOADS = 60, 3, 4
LABELS = ("healthy", "inner", "outer", "ball", "imbalance", "misalignment", "looseness", "wear")
WARNING = {"code": "no_speed", "message": "The file does not say the speed.", "channel": None}
WARNED = 0.05
REPEAT, WRITES = 30, 3
LIMIT_MS, WRITE_LIMIT_S = 150.0, 2.0
MS = 1e3


@dataclass(frozen=True)
class Asked:
    """One thing that is asked for, and what it is called in the table."""

    name: str
    work: Callable[[], object]
    limited: bool = True


class Browser:
    """Asks for callbacks as a page in a browser does."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._listed = client.get("/_dash-dependencies").get_json()

    def ask(self, output: str, given: dict[str, Any]) -> Any:
        """What :meth:`send` gives, read."""
        return json.loads(self.send(output, given))

    def send(self, output: str, given: dict[str, Any]) -> bytes:
        """The answer of the callback whose first output is named; ``given`` by ``id.property``."""
        about = next(one for one in self._listed if one["output"].strip(".").startswith(output))
        inputs = [_value(one, given) for one in about["inputs"]]
        names = about["output"].strip(".").split("...")
        outputs = [
            dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names
        ]
        body = {
            "output": about["output"],
            "outputs": outputs if about["output"].startswith("..") else outputs[0],
            "inputs": inputs,
            "state": [_value(one, given) for one in about["state"]],
            "changedPropIds": [f"{one['id']}.{one['property']}" for one in inputs],
        }
        answer = self._client.post("/_dash-update-component", json=body)
        if answer.status_code != 200:
            raise RuntimeError(f"The page answered {answer.status_code}: {answer.text}")
        content: bytes = answer.data
        return content


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder:
        server, person = application_of(Path(folder))
        with server.app_context(), acting_as(person):
            dataset_id, spare = _fill(np.random.default_rng(1))
            browser = Browser(sign_in(server, person))
            figures = [
                figure
                for asked in (*_reads(dataset_id), *_pages(browser, dataset_id))
                for figure in _quick(asked)
            ]
            figures += [_bearable(asked) for asked in _writes(dataset_id, spare)]
    return Benchmark(
        name="list_at_scale",
        title="Lists and details of 100 000 recordings",
        method=(
            f"A data set of {RECORDINGS} recordings in {len(LABELS) + 1} classes (one without a "
            f"label), {BEARINGS} bearings and {LOADS} loads, with four attributes, a twentieth "
            f"with a warning; two versions that differ in {RELABELLED} labels; {DATASETS} data "
            "sets in the list. SQLite, rows written in bulk, seed 1, no cache. Each line is one "
            "call of a service or one request of the page through the whole application, "
            "without the network."
        ),
        figures=figures,
        command="python -m benchmarks.list_at_scale",
    )


def _reads(dataset_id: int) -> Iterator[Asked]:
    def page(sort: str = "name", offset: int = 0, **given: Any) -> Callable[[], object]:
        chosen = RecordingFilter(**given)

        return partial(
            RecordingService.page_of_recordings,
            dataset_id,
            None,
            100,
            offset,
            chosen,
            sort,
            descending=sort != "name",
        )

    def conditions(*given: Condition) -> dict[str, Any]:
        return {"conditions": given}

    yield Asked(
        "List of data sets",
        lambda: (DatasetService.list_datasets(), DatasetService.count_datasets()),
    )
    yield Asked(
        "Details: versions, statistics",
        lambda: (
            DatasetService.get_dataset_details(dataset_id),
            DatasetService.get_dataset_statistics(dataset_id),
        ),
    )
    yield Asked("Classes against loads", lambda: DatasetService.get_crossing(dataset_id))
    yield Asked("Warnings by kind", lambda: DatasetService.list_warnings(dataset_id))
    yield Asked("First page of recordings, by name", page())
    yield Asked("Page at recording 99 000, by name", page(offset=99_000))
    yield Asked("Page at recording 50 000, by name", page(offset=50_000))
    yield Asked("Sorted by speed", page("speed_rpm"))
    yield Asked("Sorted by bearing", page("bearing"))
    yield Asked("Sorted by an attribute", page("attribute.severity"))
    yield Asked("Text search, many found", page(search="inner"))
    yield Asked("Text search, one found", page(search="_099998"))
    yield Asked("One class", page(label="ball"))
    yield Asked("With warnings", page(only_warned=True))
    yield Asked(
        "One kind of warning", page(**conditions(Condition("warning", "equals", "no_speed")))
    )
    yield Asked(
        "One bearing, speeds in a range",
        page(
            **conditions(
                Condition("bearing", "equals", "bearing 07"),
                Condition("speed_rpm", "between", 1720, 1760),
            )
        ),
    )
    yield Asked(
        "One value of an attribute",
        page(**conditions(Condition("attribute.size_mil", "equals", "14"))),
    )
    yield Asked(
        "Differences of two versions", lambda: VersionService.diff_versions(dataset_id, 1, 2)
    )
    yield Asked("A page of what differs", lambda: VersionService.list_changes(dataset_id, 1, 2))
    yield Asked(
        "Preview: 3 waveforms of each class",
        lambda: DatasetService.get_dataset_preview(dataset_id),
        limited=False,
    )
    yield Asked(
        "Recordings to choose from by a text", lambda: SignalViewService.list_choices(dataset_id)
    )


def _pages(browser: Browser, dataset_id: int) -> Iterator[Asked]:
    """The callbacks that a page calls, by their first output."""
    view: dict[str, Any] = {"dataset": dataset_id, "version": None, "filters": {}, "opened": ""}
    block = {"startRow": 0, "endRow": 100, "sortModel": [], "filterModel": {}}
    shown = {f"{Ids.view}.data": view, f"{Ids.version}.value": 2, f"{Ids.stamp}.data": 0}
    compared = {**shown, f"{Versions.older}.value": 1, f"{Versions.newer}.value": 2}
    wanted = {**block, "filterModel": {"label": {"type": "equals", "filter": "ball"}}}
    counted = {f"{Content.rows}.value": "label", f"{Content.columns}.value": "load"}
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("list of data sets", f"{List.grid}.getRows", {f"{List.grid}.getRowsRequest": block}),
        ("head and versions", f"{Ids.head}.children", shown),
        ("counts and warnings", f"{Content.warnings}.children", shown),
        ("classes against loads", f"{Content.crossing}.children", {**shown, **counted}),
        (
            "first block of recordings",
            f"{Recordings.grid}.getRows",
            {**shown, f"{Recordings.grid}.getRowsRequest": block},
        ),
        (
            "first block of one class",
            f"{Recordings.grid}.getRows",
            {**shown, f"{Recordings.grid}.getRowsRequest": wanted},
        ),
        ("differences of two versions", f"{Versions.diff}.children", compared),
    )
    for name, output, given in asked:
        yield Asked(f"Page: {name}", partial(browser.ask, output, given))


def _writes(dataset_id: int, spare: list[StoredSamples]) -> Iterator[Asked]:
    turns = iter(range(10_000))
    some = Selection(
        chosen=RecordingFilter(conditions=(Condition("name", "equals", "ball_000003"),))
    )

    def one() -> object:
        return VersionService.relabel_selected(dataset_id, some, f"label {next(turns)}", "")

    def imported() -> object:
        batch = [spare.pop() for _ in range(IMPORTED)]
        return DatasetService.add_recordings(dataset_id, batch, "more")

    def restored() -> object:
        return VersionService.restore_version(dataset_id, 1 + next(turns) % 2)

    yield Asked("Relabel one recording", one)
    yield Asked(f"Import {IMPORTED} recordings", imported)
    yield Asked("Restore an older version", restored)
    yield Asked(
        "Sample statistics by class, first time", lambda: WaveformService.get_statistics(dataset_id)
    )


def _quick(asked: Asked) -> list[Figure]:
    seconds = seconds_of(asked.work, repeat=REPEAT)
    if not asked.limited:
        return [Figure(f"{asked.name}, p50", median(seconds) * MS, "ms", REPEAT)]
    return [
        Figure(f"{asked.name}, p50", median(seconds) * MS, "ms", REPEAT),
        at_most(f"{asked.name}, p95", percentile(seconds, 95) * MS, LIMIT_MS, "ms", n=REPEAT),
    ]


def _bearable(asked: Asked) -> Figure:
    seconds = seconds_of(asked.work, repeat=WRITES, warm_up=0)
    return at_most(asked.name, max(seconds), WRITE_LIMIT_S, "s", n=WRITES, note="the slowest")


def application_of(folder: Path) -> tuple[Flask, Actor]:
    """The web of an installation of its own, and an analyst of it."""
    settings = Settings.from_environment({"DATA_FOLDER": str(folder), "SECRET_KEY": "benchmark"})
    schema.upgrade(settings)
    server = loaded_web(settings)
    server.config["WTF_CSRF_ENABLED"] = False
    with server.app_context(), acting_as(COMMAND_LINE):
        user_id = UserService.add_user("analyst", Role.ANALYST)["id"]
    return server, Actor(user_id, Role.ANALYST, frozenset(), "page")


def sign_in(server: Flask, person: Actor) -> FlaskClient:
    """A browser in which a person has signed in."""
    started = AuthenticationService.create_session(person.user_id or 0)
    if started is None:
        raise RuntimeError("The user of the benchmark could not sign in.")
    client = server.test_client()
    with client.session_transaction() as browser:
        browser["_user_id"] = started["token"]
        browser["_fresh"] = True
    return client


def _fill(rng: np.random.Generator) -> tuple[int, list[StoredSamples]]:
    """The large data set, and stored samples to import into it."""
    samples = rng.standard_normal(2_048)
    stored = store_samples(
        single_channel(samples, 20_480.0, Unit.ACCELERATION_G), About("one", Origin.GENERATED)
    )
    for number in range(DATASETS - 1):
        _dataset(f"data set {number:03d}", stored, rng, 2)
    dataset_id = _dataset("a hundred thousand", stored, rng, RECORDINGS)
    with unit_of_work(writing=False):
        page = RecordingService.list_recordings(dataset_id, limit=500)
        page += RecordingService.list_recordings(dataset_id, limit=500, offset=50_000)
    chosen = Selection(tuple(one["id"] for one in page[:RELABELLED]))
    VersionService.relabel_selected(dataset_id, chosen, "seen again", "looked at again")
    spare = [
        StoredSamples(
            About(f"new {number}", Origin.GENERATED, label="ball"),
            rng.bytes(32).hex(),
            stored.artefact_key,
            stored.sample_rate_hz,
            stored.sample_count,
            stored.channels,
            stored.summaries,
        )
        for number in range(WRITES * IMPORTED)
    ]
    return dataset_id, spare


def _dataset(name: str, stored: StoredSamples, rng: np.random.Generator, count: int) -> int:
    dataset_id = DatasetService.create(name, "Rows of a benchmark.", Origin.GENERATED)
    with unit_of_work() as session:
        dataset = session.get_one(Dataset, dataset_id)
        if name == "a hundred thousand":
            _places(session, dataset.owner_id)
        rows = [_row(number, dataset, stored, rng, placed=count > 2) for number in range(count)]
        ids = list(session.scalars(insert(Recording).returning(Recording.id), rows))
        session.execute(
            insert(RecordingChannel),
            [
                {
                    "recording_id": recording_id,
                    "position": 0,
                    "name": "drive end",
                    "unit": Unit.ACCELERATION_G,
                    "minimum": -4.0,
                    "maximum": 4.0,
                    "mean": 0.0,
                    "rms": rms,
                    "skewness": 0.0,
                    "kurtosis": 3.0,
                }
                for recording_id, rms in zip(ids, rng.uniform(0.5, 2, count), strict=True)
            ],
        )
        labels = {key: _label(number) for number, key in enumerate(ids)}
        add_version(session, dataset, Change(added=labels), "written in bulk")
    return dataset_id


def _places(session: Any, owner_id: int) -> None:
    machines = [
        {"name": f"rig {n}", "owner_id": owner_id, "description": ""} for n in range(MACHINES)
    ]
    session.execute(insert(Machine), machines)
    bearings = [
        {"name": f"bearing {n:02d}", "machine_id": n % MACHINES + 1} for n in range(BEARINGS)
    ]
    session.execute(insert(Bearing), bearings)


def _label(number: int) -> str | None:
    return (*LABELS, None)[number % (len(LABELS) + 1)]


def _row(
    number: int, dataset: Dataset, stored: StoredSamples, rng: np.random.Generator, *, placed: bool
) -> dict[str, Any]:
    load, bearing = int(rng.integers(LOADS)), int(rng.integers(BEARINGS))
    warnings = [WARNING] if rng.uniform() < WARNED else []
    return {
        "dataset_id": dataset.id,
        "name": f"{_label(number) or 'unknown'}_{number:06d}",
        "origin": Origin.GENERATED,
        "sample_rate_hz": stored.sample_rate_hz,
        "sample_count": stored.sample_count,
        "content_hash": rng.bytes(32).hex(),
        "artefact_key": stored.artefact_key,
        "source_file": f"part_{number // 1_000}.h5",
        "importer": "synthesis",
        "speed_rpm": float(rng.integers(1_700, 1_800)),
        "speed_source": "generated",
        "load": f"{load} hp",
        "bearing_id": bearing + 1 if placed else None,
        "attributes": {
            "load_hp": load,
            "size_mil": float(rng.choice((7, 14, 21))),
            "severity": round(float(rng.uniform()), 4),
            "severity_level": str(rng.choice(("mild", "moderate", "severe"))),
        },
        "warnings": warnings,
        "warning_count": len(warnings),
        "owner_id": dataset.owner_id,
    }


def _value(asked: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    return {**asked, "value": given.get(f"{asked['id']}.{asked['property']}")}


if __name__ == "__main__":
    main(run)
