"""The receiver in ``docs/how-to/webhooks.md`` receives."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.webhook_service import WebhookService
from tests.running import free_port, wait_for

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "webhooks.md"


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def start(tmp_path):
    """Start the example with a secret."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (tmp_path / "receiver.py").write_text(code)
    started = []

    def start(secret: str, port: int) -> subprocess.Popen[str]:
        given = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
        command = [sys.executable, str(tmp_path / "receiver.py")]
        process = subprocess.Popen(
            command, env=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        started.append(process)
        wait_for(lambda: listens(port) or None)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_example_takes_what_is_signed_and_nothing_else(server, analyst, start):
    server.config["OUTGOING_ALLOWED"] = ("127.0.0.1/32",)
    port, owner = free_port(), analyst.user_id
    url = f"http://127.0.0.1:{port}/"
    made = WebhookService.create_webhook(owner, "webhook", url, "example", ["job.failed"])
    example = start(made["secret"], port)
    assert WebhookService.test_webhook(made["id"], owner)["status"] == 204
    assert example.stdout.readline().startswith("webhook.test {'title': 'Test of a webhook'")
    WebhookService.rotate_secret(made["id"], owner)
    assert WebhookService.test_webhook(made["id"], owner)["status"] == 204
    other = WebhookService.create_webhook(owner, "webhook", url, "other", ["job.failed"])
    assert WebhookService.test_webhook(other["id"], owner)["status"] == 401
