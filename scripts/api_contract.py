"""Try the API against its own description: ``python -m scripts.api_contract``.

A web process of its own on a small, filled database is asked by Schemathesis, with a key that may
do everything. It looks for answers of 500 on, for statuses, headers and bodies that the OpenAPI
document does not describe, and for operations that answer without a key. Sessions of streams run
meanwhile and take the points that it sends.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import click
import httpx
from sqlalchemy.orm import Session

import embedded_valkey
import schema
from models import APIKey, Experiment, ExperimentCounterpart, Role, User
from server import create_server
from services import runtime
from services.actor import Actor, acting_as
from services.api_key_service import MOST_RATE_OF_ADMIN, APIKeyService
from services.api_keys import scopes
from services.runtime import unit_of_work
from settings import Settings
from tests import filled
from tests.running import free_port

ROOT = Path(__file__).parents[1]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SEED = 6
# Some end while they are tried; most tries meet one of them.
SESSIONS = 20
MEETS_A_SESSION = 0.8
CONFIGURATION = "schemathesis.toml"
# Far from the small numbers that are tried: DELETE /keys/… must not end the run.
KEY_ID = 8_675_309
STARTS_WITHIN_S = 180


@dataclass(frozen=True)
class Site:
    url: str
    key: str
    folder: Path


@contextmanager
def running_site() -> Iterator[Site]:
    """A web process, a stream worker and Valkey on a filled database, and a key of an admin."""
    with tempfile.TemporaryDirectory(prefix="contract") as name, ExitStack() as ends:
        folder, port = Path(name), free_port()
        given = {"DATA_FOLDER": str(folder), "PORT": str(port), "LOG_LEVEL": "WARNING"}
        settings = Settings.from_environment(given)
        key = _fill(settings)
        valkey = ends.enter_context(_process(embedded_valkey.program(settings).arguments, {}))
        web, judge = (
            ends.enter_context(_process([sys.executable, "-m", "cli", name], given))
            for name in ("web", "stream-worker")
        )
        _wait_for(port)
        site = Site(f"http://127.0.0.1:{port}", key, folder)
        (folder / CONFIGURATION).write_text(_configuration(_start_sessions(site)))
        yield site
        for process in (web, judge, valkey):
            process.terminate()


def command(
    site: Site, examples: int, report: Path | None = None, only: str | None = None
) -> list[str]:
    """How Schemathesis is called; ``only`` is a pattern of addresses."""
    more = [] if report is None else ["--report", "junit", f"--report-junit-path={report}"]
    if only is not None:
        more.append(f"--include-path-regex={only}")
    return [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={site.folder / CONFIGURATION}",
        "run",
        f"{site.url}/api/v1/openapi.json",
        f"--header=Authorization: Bearer {site.key}",
        f"--checks={','.join(CHECKS)}",
        "--phases=fuzzing",
        f"--max-examples={examples}",
        f"--seed={SEED}",
        "--generation-database=none",
        "--continue-on-failure",
        "--workers=1",
        "--request-timeout=60",
        "--no-shrink",
        "--warnings=off",
        "--no-color",
        *more,
    ]


@click.command()
@click.option("--examples", default=50, show_default=True, help="Tries for each operation.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a JUnit file.")
@click.option("--only", help="Pattern of the addresses to try, such as /streaming/.")
def main(examples: int, report: Path | None, only: str | None) -> None:
    """Try the API against its own description."""
    with running_site() as site:
        tried = command(site, examples, report, only)
        done = subprocess.run(tried, cwd=site.folder, check=False)
        click.echo(f"Points that sessions of streams took: {points_taken(site)}")
    sys.exit(done.returncode)


def points_taken(site: Site) -> int:
    """How many points the sessions that are still there have taken."""
    with asking(site) as client:
        found = client.get("/anomaly/streaming/sessions?limit=100").raise_for_status().json()
    return sum(int(one["total_points"]) for one in found["data"])


def asking(site: Site) -> httpx.Client:
    """A client with the key of the site."""
    headers = {"Authorization": f"Bearer {site.key}"}
    return httpx.Client(base_url=f"{site.url}/api/v1", headers=headers, timeout=60)


def _start_sessions(site: Site) -> list[str]:
    with asking(site) as client:
        started = [client.post("/anomaly/streaming/start", json={}) for _ in range(SESSIONS)]
        return [str(one.raise_for_status().json()["id"]) for one in started]


def _configuration(sessions: Sequence[str]) -> str:
    """Addresses of streams name a running session, most of the time."""
    return (
        f"[dictionaries.sessions]\nvalues = {list(sessions)}\n\n[parameters]\n"
        f'"path.session_id" = {{ dictionary = "sessions", probability = {MEETS_A_SESSION} }}\n'
    )


def _fill(settings: Settings) -> str:
    schema.upgrade(settings)
    with create_server(settings).app_context():
        with unit_of_work() as session:
            filled.fill(session)
            _leave_out_nonsense(session)
            owner = session.query(User).filter(User.role == Role.ADMIN).first()
            assert owner is not None
            acting = Actor(owner.id, owner.role, frozenset(), "page", owner.name)
        with acting_as(acting):
            made = APIKeyService.generate_key(
                owner_id := int(acting.user_id or 0),
                "contract",
                rate_limit=MOST_RATE_OF_ADMIN,
                scopes=list(scopes.ALL),
            )
        with unit_of_work() as session:
            row = session.get_one(APIKey, made["api_key_id"])
            assert row.user_id == owner_id
            row.id = KEY_ID
        runtime.engine().dispose()
    return made["key"]


def _leave_out_nonsense(session: Session) -> None:
    """Files and numbers that only stand for some, which no running installation has."""
    session.query(ExperimentCounterpart).delete()
    for experiment in session.query(Experiment).filter(Experiment.summary.is_not(None)):
        experiment.summary = None
        experiment.predictions_key = experiment.report_key = experiment.checkpoint_key = None


@contextmanager
def _process(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    given = ["env", *(f"{name}={value}" for name, value in environment.items()), *arguments]
    with subprocess.Popen(given, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        finally:
            connection.close()


if __name__ == "__main__":
    main()
