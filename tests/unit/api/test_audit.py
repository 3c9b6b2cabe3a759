from __future__ import annotations

import pytest

from models import Role
from services.actor import acting_as
from services.user_service import UserService
from tests.conftest import sign_in


@pytest.fixture
def admins_client(client, admin):
    sign_in(client, admin)
    with acting_as(admin):
        UserService.add_user("anna", Role.VIEWER)
    return client


def test_admin_reads_and_exports_what_happened(admins_client):
    answer = admins_client.get("/api/v1/events?type=user.&actor=user&limit=1")
    assert (answer.status_code, answer.json["total"]) == (200, 1)
    assert answer.json["items"][0]["object_name"] == "anna"
    table = admins_client.get("/api/v1/events.csv?since=2020-01-01T00:00:00Z")
    assert table.headers["Content-Disposition"] == "attachment; filename=audit-log.csv"
    assert len(table.text.splitlines()) == 2


@pytest.mark.parametrize("query", ["since=yesterday", "since=2026-01-01T00:00:00", "limit=0"])
def test_wrong_questions_are_refused(admins_client, query):
    assert admins_client.get(f"/api/v1/events?{query}").status_code == 422


def test_analysts_are_refused(client):
    assert client.get("/api/v1/events").status_code == 403
    assert client.get("/api/v1/events.csv").status_code == 403
