"""Who does not read what is told: closed with 4008, so that nothing piles up in the gateway."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from api.sockets.connection import MOST_UNREAD, UNREAD_FOR_S, SocketConnection

ADDRESS = "ws://site.test/api/v1/anomaly/streaming/01ARZ3NDEKTSV4RRFFQ69G5FAV/ws"
ALERT = "x" * 50_000
MUCH, SOME = MOST_UNREAD // len(ALERT) + 100, 40


class Gateway:
    """What a connection asks of its gateway, without Valkey."""

    def __init__(self) -> None:
        self.connections: set[SocketConnection] = set()

    def forget(self, connection: SocketConnection) -> None:
        self.connections.discard(connection)

    def push(self, connection: SocketConnection) -> None:
        assert connection.waiting == []


class Listener:
    """A program at the other end, which reads only when it is told to."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end, self.protocol, self.heard = end, ClientProtocol(parse_uri(ADDRESS)), 0
        self.protocol.send_request(self.protocol.connect())

    async def greet(self) -> None:
        for data in self.protocol.data_to_send():
            await asyncio.get_running_loop().sock_sendall(self._end, data)

    async def read_until(self, messages: int) -> int | None:
        """The code that it was closed with, or None once so many messages were read."""
        while self.heard < messages and self.protocol.close_rcvd is None:
            self.protocol.receive_data(await asyncio.get_running_loop().sock_recv(self._end, 2**20))
            self.heard += len(self.protocol.events_received())
        return self.protocol.close_rcvd.code if self.protocol.close_rcvd else None


async def told(alerts: int, seconds: float, *, reads: bool) -> int | None:
    """With which code a listener is closed after so many alerts and seconds."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**14)
    with theirs:
        gateway, listener = Gateway(), Listener(theirs)
        _, connection = await asyncio.get_running_loop().connect_accepted_socket(
            lambda: SocketConnection(gateway, "192.0.2.7"), ours
        )
        await listener.greet()
        await listener.read_until(1)  # the handshake is answered
        for _ in range(alerts):
            connection.send(ALERT)
        connection.flush()
        if reads:
            await listener.read_until(1 + alerts)
        # Of a socket that says nothing and shows no key other things are said, after longer.
        connection.begun_at += seconds
        connection.look(time.monotonic() + seconds)
        code = None
        if not connection.is_open:
            code = await listener.read_until(2 + alerts)
        connection.transport.abort()
        await asyncio.sleep(0)
        assert gateway.connections == set()
        return code


@pytest.mark.parametrize(
    ("alerts", "seconds", "reads", "code"),
    [
        (MUCH, 0.0, False, 4008),
        (SOME, UNREAD_FOR_S + 1.0, False, 4008),
        (SOME, 0.0, False, None),
        (MUCH, UNREAD_FOR_S + 1.0, True, None),
    ],
)
def test_a_listener_that_reads_too_slowly_is_closed(alerts, seconds, reads, code):
    assert asyncio.run(told(alerts, seconds, reads=reads)) == code
