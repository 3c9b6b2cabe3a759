"""An installation whose mail goes to a real server."""

from __future__ import annotations

import pytest

from services.mail import outgoing
from services.notification_service import NotificationService
from services.valkey import valkey
from tests.mailbox import HOST, smtp_server

FROM = "rotorscope@example.com"


@pytest.fixture
def box(server):
    with smtp_server() as box:
        server.config["PUBLIC_URL"] = "https://rotorscope.example.com"
        config = {
            "smtp_host": HOST,
            "smtp_port": box.port,
            "username": "",
            "password": "",
            "default_from_email": FROM,
            "default_from_name": "Rotorscope",
            "security": "none",
        }
        NotificationService.initialize({"provider": "smtp", "config": config}, valkey().client)
        assert outgoing.is_set_up()
        yield box
