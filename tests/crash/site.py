"""A running site, and somebody in front of it who does not give up."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from models import JobStatus, Role
from services import runtime
from services.actor import COMMAND_LINE, Actor, acting_as
from services.job_service import ENDED, JobService, JobView
from services.user_service import UserService
from tests.beside import beside
from tests.running import Up, free_port, start

NAME, PASSWORD = "boss", "purple gasket meadow 41"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CHUNK_BYTES = 16 << 10
PATIENCE_S = 120.0
AGAIN_AFTER_S = 0.3
# A heartbeat comes every five seconds, on a busy machine later.
STALE_AFTER_S = 12


@dataclass
class Site:
    """``up`` and its processes, the same services in this process, and a browser."""

    up: Up
    server: Flask
    browser: Browser

    def wait(self, job_id: int, seconds: float = 600.0) -> JobView:
        """The job when it has ended."""
        end = time.monotonic() + seconds
        while (job := JobService.get_job(job_id))["status"] not in ENDED:
            if time.monotonic() > end:
                raise TimeoutError(f"job {job_id} has not ended within {seconds:g} s: {job}")
            time.sleep(0.2)
        return job

    def result(self, job_id: int) -> dict[str, Any]:
        """What a job came to that meets no accident."""
        job = self.wait(job_id)
        if job["status"] is not JobStatus.DONE:
            raise RuntimeError(f"{job['title']} is {job['status']}: {job['error']}")
        return job["result"] or {}


class Browser:
    """Sends again what got no answer, as a page does; looks first whether it had an effect."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.sent_again = 0

    def sign_in(self) -> None:
        token = TOKEN.search(self._client.get("/sign-in").text)
        form = {"name": NAME, "password": PASSWORD, "csrf_token": token[1]}
        answer = self._client.post("/sign-in", data=form)
        if answer.status_code != 302:
            raise RuntimeError(f"nobody can sign in: {answer.status_code}")

    def upload(self, file_name: str, content: bytes) -> str:
        """The id of the upload of a file whose name no other has."""
        upload = self._until(lambda: self._begun(file_name) or self._begin(file_name, content))
        upload_id = str(upload["id"])
        while upload["received"] < upload["size"]:
            upload = self._until(lambda: self._append(upload_id, content))
        return upload_id

    def _begin(self, file_name: str, content: bytes) -> dict[str, Any]:
        return self._json("POST", "/api/v1/uploads", json=_announced(file_name, content))

    def _begun(self, file_name: str) -> dict[str, Any] | None:
        mine = self._json("GET", "/api/v1/uploads")["items"]
        return next((one for one in mine if one["file_name"] == file_name), None)

    def _append(self, upload_id: str, content: bytes) -> dict[str, Any]:
        received = self._json("GET", f"/api/v1/uploads/{upload_id}")["received"]
        chunk = content[received : received + CHUNK_BYTES]
        return self._json(
            "PUT",
            f"/api/v1/uploads/{upload_id}/content?offset={received}",
            content=chunk,
            headers={"X-Content-SHA256": hashlib.sha256(chunk).hexdigest()},
        )

    def _json(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        token = self._client.cookies.get("_csrf_token", "")
        headers = {"X-CSRFToken": token, **given.pop("headers", {})}
        answer = self._client.request(method, path, headers=headers, **given)
        answer.raise_for_status()
        return answer.json()

    def _until(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return ask()
            except (httpx.TransportError, httpx.HTTPStatusError):
                if time.monotonic() > end:
                    raise
                self.sent_again += 1
                time.sleep(AGAIN_AFTER_S)


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """A fresh site with one admin, who acts in this process, too; stopped in good order."""
    os.environ["STALE_AFTER_S"] = str(STALE_AFTER_S)
    up = start(folder, free_port())
    try:
        up.wait_until_ready()
        server = beside(up)
        with server.app_context():
            admin = _make_admin()
            with httpx.Client(base_url=up.url, timeout=10) as client, acting_as(admin):
                browser = Browser(client)
                browser.sign_in()
                yield Site(up, server, browser)
            runtime.engine().dispose()
    finally:
        if up.process.poll() is None:
            up.stop()


def _make_admin() -> Actor:
    with acting_as(COMMAND_LINE):
        link = UserService.create_setup_link()
        UserService.accept_link(link, NAME, PASSWORD)
        user = UserService.find_user(NAME)
    return Actor(user["id"], Role.ADMIN, frozenset(), "page", NAME)


def _announced(file_name: str, content: bytes) -> dict[str, Any]:
    return {"file_name": file_name, "size": len(content)}
