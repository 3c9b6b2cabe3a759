"""The worker with one thread, which slow clients must not have."""

from __future__ import annotations

import http.client
import os
import selectors
import socket
import threading
from contextlib import suppress

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

import web_worker
from web_worker import PatientWorker

PATIENCE_S = 60  # of a test that is about to fail


def answer(environ, start_response):
    unread = environ["PATH_INFO"] == "/unread"
    body = b"" if unread else environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body) + 2))])
    return [b"ok", body]


@pytest.fixture
def worker():
    config = Config()
    config.set("threads", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = PatientWorker(1, os.getppid(), [listener], None, 30, config, Logger(config))
        made.tpool, made.poller = made.get_thread_pool(), selectors.DefaultSelector()
        made.method_queue.init()
        made.wsgi, made.address = answer, listener.getsockname()
        config.set("graceful_timeout", 1)
        loop = threading.Thread(target=made.run)
        loop.start()
        yield made
        made.handle_exit(None, None)
        loop.join()
        made.tmp.close()


@pytest.fixture
def connect(worker):
    opened = []

    def open_one(sent: bytes) -> socket.socket:
        opened.append(socket.create_connection(worker.address, timeout=PATIENCE_S))
        opened[-1].sendall(sent)
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def ask(worker, body: bytes | None = None, **headers: str) -> bytes:
    asking = http.client.HTTPConnection(*worker.address, timeout=PATIENCE_S)
    asking.request("GET" if body is None else "POST", "/", body, headers)
    with asking.getresponse() as response:
        got = response.read()
    asking.close()
    return got


def answered(connection: socket.socket) -> bytes:
    response = http.client.HTTPResponse(connection)
    response.begin()
    assert response.status == 200
    return response.read()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
    ],
    ids=["nothing", "head", "body"],
)
def test_who_sends_slowly_has_no_thread(worker, connect, sent):
    for _ in range(3):
        connect(sent)
    assert ask(worker) == b"ok"


def test_a_body_that_nobody_reads_is_not_waited_for(worker, connect):
    head = b"POST /unread HTTP/1.1\r\nContent-Length: 99999\r\n\r\n"
    unread = [connect(head + bytes(web_worker.MOST_OF_BODY)) for _ in range(PATIENCE_S // 4)]
    assert ask(worker) == b"ok"
    assert [answered(one) for one in unread] == [b"ok"] * len(unread)


def test_who_stays_after_the_answer_holds_up_nobody(worker, connect):
    staying = [connect(b"GET / HTTP/1.0\r\n\r\n") for _ in range(PATIENCE_S)]
    assert ask(worker) == b"ok"
    assert [answered(one) for one in staying] == [b"ok"] * PATIENCE_S


def test_what_comes_in_parts_is_answered(worker, connect):
    slow = connect(b"POST / HTTP/1.1\r\nHo")
    for part in (b"st: x\r\nContent-Length: 3\r\n\r", b"\n", b"ab"):
        assert ask(worker) == b"ok"  # the loop has seen what came before
        slow.sendall(part)
    slow.sendall(b"c")
    assert answered(slow) == b"okabc"


def test_several_requests_and_a_large_one_go_over_one_connection(worker, connect, monkeypatch):
    monkeypatch.setattr(web_worker, "ANSWER_S", 2 * PATIENCE_S)
    both = connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nX-A: ")
    assert answered(both) == b"ok"
    # It has the beginning of the next one read, and waits for the rest of it in no thread.
    assert ask(worker) == b"ok"
    both.sendall(b"b\r\n\r\n")
    assert answered(both) == b"ok"
    large = bytes(10 * web_worker.MOST_OF_BODY)
    assert ask(worker, large) == b"ok" + large


def test_who_asks_before_sending_a_body_is_told_to(worker, connect):
    asking = connect(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
    assert asking.recv(1024).startswith(b"HTTP/1.1 100")


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n"]
)
def test_who_leaves_early_leaves_nothing(worker, connect, sent):
    connect(sent).shutdown(socket.SHUT_WR)
    assert ask(worker) == b"ok"


def test_what_does_not_arrive_is_given_up(worker, connect, monkeypatch):
    monkeypatch.setattr(web_worker, "ARRIVAL_S", 0.0)
    with suppress(ConnectionResetError):
        assert connect(b"GET / HT").recv(1) == b""


def test_a_large_body_that_does_not_arrive_is_given_up(worker, connect, monkeypatch):
    monkeypatch.setattr(web_worker, "LONGEST_BODY_S", 0.0)
    head = b"POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n"
    assert connect(head + bytes(web_worker.MOST_OF_BODY)).recv(1024)
    assert ask(worker) == b"ok"
