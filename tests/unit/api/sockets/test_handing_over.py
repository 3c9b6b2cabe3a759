from __future__ import annotations

import socket
import threading

import pytest

from api.sockets import handing_over
from api.sockets.handing_over import FILE_NAME, HandOver
from api.sockets.taking_over import listen_at, take

PATH = "/api/v1/anomaly/streaming/01ARZ3NDEKTSV4RRFFQ69G5FAV/ws"


def inner(environ, start_response):
    start_response("426 Upgrade Required", [])
    return [b"inner"]


def asked(folder, ours, path=PATH, upgrade="websocket"):
    environ = {"PATH_INFO": path, "HTTP_UPGRADE": upgrade, "REMOTE_ADDR": "192.0.2.7"}
    environ |= {"HTTP_SEC_WEBSOCKET_KEY": "abc", "gunicorn.socket": ours}
    told = []
    body = HandOver(inner, folder)(environ, lambda status, head: told.append(status))
    return told[0], b"".join(body)


@pytest.fixture
def connection():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_handshake_goes_to_the_other_process_with_its_connection(tmp_path, connection):
    ours, theirs = connection
    receiver = listen_at(tmp_path / FILE_NAME)
    receiver.setblocking(True)
    taken = []
    thread = threading.Thread(target=lambda: taken.append(take(receiver)))
    thread.start()
    status, body = asked(tmp_path, ours)
    thread.join()
    receiver.close()
    ((other, address, head),) = taken
    assert (status, body, address) == ("200 OK", b"", "192.0.2.7")
    assert head.startswith(f"GET {PATH} HTTP/1.1\r\n".encode())
    assert b"Sec-Websocket-Key: abc\r\n" in head
    with pytest.raises(OSError, match="Broken pipe"):
        ours.sendall(b"from the web")  # goes nowhere now
    other.sendall(b"from the gateway")
    assert theirs.recv(100) == b"from the gateway"
    other.close()


def test_without_the_other_process_the_application_answers(tmp_path, connection):
    assert asked(tmp_path, connection[0]) == ("426 Upgrade Required", b"inner")


@pytest.mark.parametrize(
    ("path", "upgrade"),
    [
        (PATH, ""),
        ("/api/v1/jobs", "websocket"),
        (f"{PATH}/x", "websocket"),
        (f"{PATH}\n", "websocket"),
        (f"/x HTTP/1.1\r\nX-Api-Key: y\r\n{PATH}", "websocket"),
    ],
)
def test_other_requests_stay(tmp_path, connection, monkeypatch, path, upgrade):
    sent = []
    monkeypatch.setattr(handing_over, "_send", lambda *given: sent.append(given))
    assert asked(tmp_path, connection[0], path, upgrade)[1] == b"inner"
    assert sent == []


def test_a_site_under_a_prefix_hands_over_too(tmp_path, connection, monkeypatch):
    sent = []
    monkeypatch.setattr(handing_over, "_send", lambda *given: sent.append(given))
    assert asked(tmp_path, connection[0], f"/rotor-1{PATH}") == ("200 OK", b"")
    assert len(sent) == 1
