"""Sockets of streams on a running site: over the web's own port, served by another process."""

from __future__ import annotations

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from api.sockets.handing_over import FILE_NAME
from tests.crash_streams.pushing import ROOT
from tests.crash_streams.trial import make_key, revoke_key, up_has
from tests.running import free_port, start, wait_for


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sockets") / "var"


@pytest.fixture(scope="module")
def site(folder):
    up = start(folder, free_port())
    try:
        up.wait_until_ready()
        up_has(up, "stream-worker")
        wait_for((folder / FILE_NAME).exists)
        headers = {"Authorization": f"Bearer {make_key(folder)}"}
        with httpx.Client(base_url=up.url, headers=headers, timeout=30) as client:
            yield client
    finally:
        up.stop()


def said_and_heard(socket, message):
    socket.send(json.dumps(message))
    return json.loads(socket.recv(timeout=30))


def opened(site, session_id: str, **headers: str):
    address = f"ws{str(site.base_url).rstrip('/')[4:]}{ROOT}/{session_id}/ws"
    return connect(address, additional_headers=headers)


def test_points_over_a_socket_are_acknowledged_and_alerts_told_to_all(site):
    session_id = site.post(f"{ROOT}/start", json={}).json()["id"]
    key = site.headers["Authorization"]
    with opened(site, session_id, Authorization=key) as one, opened(site, session_id) as other:
        other.send(json.dumps({"type": "auth", "key": key.partition(" ")[2]}))
        other.send(json.dumps({"type": "ping"}))
        assert json.loads(other.recv(timeout=30)) == {"type": "pong"}
        points = [{"data": {"g": 1 + 0.1 * (n % 7)}} for n in range(30)]
        one.send(json.dumps({"type": "batch", "data_points": points, "id": "first"}))
        acked = {"type": "ack", "id": "first", "has_alert": False}
        assert json.loads(one.recv(timeout=30)) == acked
        for number in range(200):
            one.send(json.dumps({"type": "data", "data": {"g": 1.3}, "id": number}))
        acks = [json.loads(one.recv(timeout=30)) for _ in range(200)]
        assert [ack["id"] for ack in acks] == list(range(200))
        one.send(json.dumps({"type": "data", "data": {"g": 99}, "id": "spike"}))
        told = [json.loads(one.recv(timeout=30)) for _ in range(2)]
        assert {"type": "ack", "id": "spike", "has_alert": True} in told
        heard = json.loads(other.recv(timeout=30))
        assert (heard["type"], heard["alert"]["data_point"]) == ("alert", {"g": 99.0})
        one.send("nonsense")
        assert json.loads(one.recv(timeout=30))["code"] == "invalid"
        site.post(f"{ROOT}/{session_id}/pause")
        one.send(json.dumps({"type": "data", "data": {"g": 1}, "id": "late"}))
        refused = json.loads(one.recv(timeout=30))
        assert (refused["type"], refused["code"], refused["id"]) == ("error", "conflict", "late")
    assert site.get(f"{ROOT}/{session_id}/status").json()["total_points"] == 231


@pytest.mark.parametrize(("headers", "code"), [({}, 4003), ({"X-API-Key": "sk_none"}, 4003)])
def test_who_shows_no_good_key_is_sent_away(site, headers, code):
    session_id = site.post(f"{ROOT}/start", json={}).json()["id"]
    with (
        opened(site, session_id, **headers) as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        said_and_heard(socket, {"type": "ping"})
    assert closed.value.rcvd.code == code


def test_an_unknown_session_is_told_after_the_handshake(site):
    key = site.headers["Authorization"]
    unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    with (
        opened(site, unknown, Authorization=key) as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        socket.recv(timeout=30)
    assert closed.value.rcvd.code == 4004


def test_a_key_that_is_revoked_closes_its_sockets(site, folder):
    session_id = site.post(f"{ROOT}/start", json={}).json()["id"]
    key = make_key(folder, "leaver")
    with opened(site, session_id, Authorization=f"Bearer {key}") as socket:
        assert said_and_heard(socket, {"type": "ping"}) == {"type": "pong"}
        revoke_key(folder, "leaver")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd.code == 4003


def test_thirty_open_sockets_stop_no_page(site):
    session_id = site.post(f"{ROOT}/start", json={}).json()["id"]
    key = site.headers["Authorization"]
    sockets = [opened(site, session_id, Authorization=key) for _ in range(30)]
    try:
        assert site.get("/healthz").status_code == 200
        for socket in sockets:
            socket.__enter__().send(json.dumps({"type": "ping"}))
            assert json.loads(socket.recv(timeout=30)) == {"type": "pong"}
    finally:
        for socket in sockets:
            socket.__exit__(None, None, None)
