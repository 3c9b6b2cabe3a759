"""Gunicorn's threads, of which none waits for who sends or leaves slowly.

A thread that waits for a request serves nobody else, and sixteen connections on which nothing
more comes would hold all of them. So a request gets a thread when its head and the beginning of
its body have arrived; until then the loop of the process looks after the connection, which costs
nothing. What is larger has a time in which to arrive, and each piece of an answer one to be taken.
Connections that end are left to the loop, too: gunicorn waits for the other side in the loop
itself, for two seconds each, in which the site answers to nobody.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from loading import loading

END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
# Who sends this waits for a word from us before the body.
ASKS_FIRST = re.compile(rb"\r\nexpect:", re.IGNORECASE)
# So much of a request is waited for before it gets a thread; gunicorn refuses longer heads.
MOST_AWAITED = 65_536
MOST_OF_BODY = 16_384
# For the part that is waited for, however it drips.
ARRIVAL_S = 20.0
# For the rest of a body, and then so many bytes a second, up to a limit.
BODY_S, BODY_BYTES_PER_S, LONGEST_BODY_S = 30.0, 16_384, 300.0
# For a piece of an answer to find room at the other end.
ANSWER_S = 30
# For the rest of a body that nobody has read.
DRAIN_S = 0.1
# Until a connection is closed that the other side keeps open.
LINGER_S = 2.0


def awaited(came: bytes) -> int:
    """How many bytes of a request must be there before it gets a thread.

    Examples
    --------
    >>> awaited(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n") > 30
    True
    >>> awaited(b"POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\n\\r\\nab")
    43
    """
    end = came.find(END_OF_HEAD)
    if end < 0:
        return min(len(came) + 1, MOST_AWAITED)
    head = came[: end + len(END_OF_HEAD)]
    length = LENGTH.search(head)
    body = 0 if length is None or ASKS_FIRST.search(head) else int(length.group(1))
    return len(head) + min(body, MOST_OF_BODY)


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no hints
    """Waits for many connections at once, in the loop that accepts them."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        # What the loop waits for, in the order of the times when it stops waiting.
        self._arriving: dict[TConn, float] = {}
        self._leaving: dict[TConn, float] = {}
        # How much had come when the loop last looked.
        self._known: dict[TConn, int] = {}
        # Requests that a thread is reading or answering.
        self._served: dict[TConn, float] = {}

    def load_wsgi(self) -> None:
        with loading():
            super().load_wsgi()

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection to a thread once there is enough to do."""
        if conn.sock.family not in (socket.AF_INET, socket.AF_INET6) or self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        held = conn.parser.unreader.buf.getvalue() if conn.parser is not None else b""
        count = self._still_awaited(conn, held)
        if count:
            self._wait_for(conn, count)
            return
        self._arriving.pop(conn, None)
        conn.data_ready = True
        super().enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Keep a connection for another request, or see it off without waiting for it here."""
        failed = fs.cancelled() or fs.exception() is not None
        if failed or fs.result():
            super().finish_request(conn, fs)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._see_off, conn))
        except (OSError, ValueError):
            self._close(conn)
        else:
            self._leaving[conn] = time.monotonic() + LINGER_S

    def handle(self, conn: TConn) -> Any:
        self._served[conn] = time.monotonic() + BODY_S  # of a head that is longer than awaited
        try:
            return super().handle(conn)
        finally:
            self._served.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request; its body has until then to arrive."""
        length = next((int(v) for n, v in req.headers if n.upper() == "CONTENT-LENGTH"), None)
        allowed = BODY_S if length is None else BODY_S + length / BODY_BYTES_PER_S
        self._served[conn] = time.monotonic() + min(allowed, LONGEST_BODY_S)
        conn.sock.settimeout(ANSWER_S)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            self.log.debug("Ended a connection on which nothing moved.")
            return False

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> bool:
        """Use a connection again if what nobody wanted to read of a body is there already."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + DRAIN_S))

    def murder_pending(self) -> None:
        """End what has waited too long; the loop calls this once a second."""
        super().murder_pending()
        moment = time.monotonic()
        for conn in _late(self._arriving, moment) + _late(self._leaving, moment):
            self._close(conn)
        for conn in _late(self._served, moment):
            self._served.pop(conn, None)
            with suppress(OSError):  # wakes a thread that reads; an answer still goes out
                conn.sock.shutdown(socket.SHUT_RD)

    def _still_awaited(self, conn: TConn, held: bytes) -> int:
        """With how many bytes of what has not been read to look again; 0 when that is enough."""
        known = self._known.pop(conn, -1)
        conn.sock.setblocking(False)  # the loop is here, and waits in no call
        try:
            came = conn.sock.recv(MOST_AWAITED, socket.MSG_PEEK)
        except BlockingIOError:
            return 1
        except OSError:
            return 0
        # Woken without anything new: the other side has ended, and a thread will see that.
        if len(came) in (0, known) or len(held) + len(came) >= awaited(held + came):
            return 0
        self._known[conn] = len(came)
        return len(came) + 1

    def _wait_for(self, conn: TConn, count: int) -> None:
        """Look at the connection again when so many bytes are there."""
        self._arriving.setdefault(conn, time.monotonic() + ARRIVAL_S)
        try:
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
            self.poller.register(conn.sock, EVENT_READ, partial(self._look_again, conn))
        except (OSError, ValueError):
            self._close(conn)

    def _look_again(self, conn: TConn, _client: Any) -> None:
        self.poller.unregister(conn.sock)
        with suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        self.enqueue_req(conn)

    def _see_off(self, conn: TConn, _client: Any) -> None:
        """Read away what still comes: closed before, the end of the answer could be lost."""
        try:
            gone = not conn.sock.recv(MOST_AWAITED)
        except BlockingIOError:
            return
        except OSError:
            gone = True
        if gone:
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        for kept in (self._arriving, self._leaving, self._known):
            kept.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def _late(since: dict[TConn, float], moment: float) -> list[TConn]:
    return [conn for conn, until in list(since.items()) if until < moment]
