"""One trial: points are pushed, processes are killed, and everything is counted."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from models import Role
from server import create_server
from services import runtime
from services.actor import COMMAND_LINE, acting_as
from services.api_key_service import APIKeyService
from services.user_service import UserService
from settings import Settings
from tests.crash_streams.pushing import ROOT, Pusher, is_planted
from tests.running import Up, command_of, free_port, start, wait_for

# What is killed, by the words in the command line.
VICTIMS = {"stream-worker": "stream-worker", "web": "gunicorn", "valkey": "valkey"}
SCOPES = ["anomaly:read", "anomaly:write"]
WINDOW = 100


@dataclass
class Trial:
    """What was sent and what the site has in the end."""

    points: int
    kills: list[str]
    seconds: float
    counted: int
    planted: set[int]
    alerts: list[dict[str, Any]]
    acknowledged_alerts: dict[int, str]
    sent_again: int
    recoveries_s: list[float]

    @property
    def alerted(self) -> list[int]:
        return [int(alert["data_point"]["number"]) for alert in self.alerts]

    @property
    def lost_alerts(self) -> set[int]:
        return self.planted - set(self.alerted)

    @property
    def doubled_alerts(self) -> int:
        return len(self.alerted) - len(set(self.alerted))

    @property
    def changed_ids(self) -> int:
        """Alerts that were told under another id than they are kept under."""
        kept = {int(one["data_point"]["number"]): one["id"] for one in self.alerts}
        return sum(kept.get(number) != told for number, told in self.acknowledged_alerts.items())

    @property
    def slowest_s(self) -> float:
        return max(self.recoveries_s, default=0.0)


def attempt(folder: Path, count: int, size: int, kills: Sequence[str]) -> Trial:
    """Push ``count`` points in batches of ``size``, and kill on the way what ``kills`` names."""
    up = start(folder, free_port(), WEB_PROCESSES="1")
    try:
        up.wait_until_ready()
        for words in VICTIMS.values():
            up_has(up, words)
        key = make_key(folder)
        with httpx.Client(
            base_url=up.url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as client:
            made = client.post(f"{ROOT}/start", json={"window_size": WINDOW, "threshold": 5.0})
            session_id = made.json()["id"]
            pusher = Pusher(up.url, key, session_id, count, size)
            begun = time.monotonic()
            recoveries = _kill_on_the_way(up, pusher, kills)
            return _looked(client, pusher, kills, begun, recoveries)
    finally:
        if up.process.poll() is None:
            up.stop()


def up_has(up: Up, words: str) -> list[psutil.Process]:
    """The processes of a kind; waits for the first."""

    def find() -> list[psutil.Process]:
        children = psutil.Process(up.process.pid).children(recursive=True)
        return [child for child in children if words in command_of(child)]

    return wait_for(find)


def _kill_on_the_way(up: Up, pusher: Pusher, kills: Sequence[str]) -> list[float]:
    """The seconds from each kill to the next batch that was acknowledged."""
    thread = pusher.start()
    found = []
    step = pusher.count // (len(kills) + 1)
    for number, name in enumerate(kills, 1):
        _until(pusher, number * step)
        for victim in up_has(up, VICTIMS[name]):
            _kill(victim)
        killed_at, before = time.monotonic(), pusher.acknowledged
        # One may have been answered before the kill; the second was not.
        _until(pusher, before + 2 * pusher.size)
        found.append(time.monotonic() - killed_at)
    thread.join()
    if pusher.error is not None:
        raise pusher.error
    return found


def _until(pusher: Pusher, number: int) -> None:
    while pusher.acknowledged < min(number, pusher.count) and pusher.error is None:
        time.sleep(0.005)


def _kill(victim: psutil.Process) -> None:
    try:
        victim.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return  # it died with the one before


def _looked(
    client: httpx.Client, pusher: Pusher, kills: Sequence[str], begun: float, found: list[float]
) -> Trial:
    seconds = time.monotonic() - begun
    status = client.get(f"{ROOT}/{pusher.session_id}/status").json()
    alerts: list[dict[str, Any]] = []
    while True:
        page = client.get(
            f"{ROOT}/{pusher.session_id}/alerts", params={"limit": 100, "offset": len(alerts)}
        ).json()
        alerts += page["data"]
        if len(alerts) >= page["total"] or not page["data"]:
            break
    return Trial(
        points=pusher.count,
        kills=list(kills),
        seconds=seconds,
        counted=status["statistics"]["number"]["count"],
        planted={number for number in range(pusher.count) if is_planted(number)},
        alerts=alerts,
        acknowledged_alerts=pusher.alerts,
        sent_again=pusher.sent_again,
        recoveries_s=found,
    )


def make_key(folder: Path, name: str = "pusher") -> str:
    """A key that may push, of a new admin of the site in the folder."""
    server = create_server(Settings.from_environment({"DATA_FOLDER": str(folder)}))
    with server.app_context(), acting_as(COMMAND_LINE):
        user = UserService.add_user(name, Role.ADMIN)
        key = APIKeyService.generate_key(user["id"], name, rate_limit=10_000, scopes=SCOPES)
        runtime.engine().dispose()
    return key["key"]


def revoke_key(folder: Path, name: str) -> None:
    """Revoke the keys of a user of the site in the folder."""
    server = create_server(Settings.from_environment({"DATA_FOLDER": str(folder)}))
    with server.app_context(), acting_as(COMMAND_LINE):
        user = UserService.find_user(name)
        for key in APIKeyService.list_user_keys(user["id"]):
            APIKeyService.revoke_key(key.id, user["id"])
        runtime.engine().dispose()
