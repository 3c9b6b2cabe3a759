"""One socket: handshake, who is there, messages in, answers out."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from api.sockets import messages
from api.sockets.handing_over import ADDRESS
from api.sockets.messages import NOT_ALLOWED, TOO_SLOW, Sent
from services.errors import Invalid, ServiceError

if TYPE_CHECKING:
    from api.sockets.gateway import Gateway
    from api.sockets.visitors import Visitor

SIGN_IN_WITHIN_S = 10.0
# Points that a socket may have on their way; then it is not read until some are accepted.
MOST_ON_THE_WAY = 5_000
# What may wait to be read by a slow reader, and for how long.
MOST_UNREAD = 4 * 2**20
UNREAD_FOR_S = 10.0
FAREWELL_S = 5.0
PING_EVERY_S, SILENT_FOR_S = 20.0, 60.0


class SocketConnection(asyncio.Protocol):
    """Frames are answered together: what came in one piece goes out in one piece."""

    def __init__(self, gateway: Gateway, address: str) -> None:
        self._gateway, self.address = gateway, address
        self._protocol = ServerProtocol(max_size=messages.LARGEST_MESSAGE)
        self.transport: asyncio.Transport
        self.session_id = ""
        self.visitor: Visitor | None = None
        self.waiting: list[Sent] = []
        self.on_the_way = 0
        self.is_pushing = False
        self._text: list[bytes] = []
        self._early: list[str] = []
        self._is_signing_in = False
        self.begun_at = self._heard_at = time.monotonic()
        self._unread_since: float | None = None
        self._pinged_at = self.begun_at

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN

    @property
    def is_leaving(self) -> bool:
        return self._protocol.state in (State.CLOSING, State.CLOSED)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=2**18)
        self._gateway.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.receive_eof()
        self._gateway.forget(self)

    def data_received(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._open(event)
            elif isinstance(event, Frame):
                self._frame(event)
        self.flush()
        self._gateway.push(self)

    def pause_writing(self) -> None:
        self._unread_since = time.monotonic()

    def resume_writing(self) -> None:
        self._unread_since = None

    def send(self, text: str) -> None:
        """Put a message among those that go out with the next :meth:`flush`."""
        if self.is_open:
            self._protocol.send_text(text.encode())

    def flush(self) -> None:
        parts = self._protocol.data_to_send()
        data = b"".join(parts)
        if data and not self.transport.is_closing():
            self.transport.write(data)
        if b"" in parts:  # both sides have said farewell
            self.transport.close()

    def close(self, code: int, reason: str) -> None:
        try:
            self._protocol.send_close(code, reason)
        except InvalidState:
            self.transport.abort()
            return
        self.flush()
        # Who does not answer the farewell is left all the same.
        asyncio.get_running_loop().call_later(FAREWELL_S, self.transport.abort)

    def look(self, now: float) -> None:
        """Every second: is somebody there, who they say, and reading?"""
        if self.is_leaving:
            return
        unread = self.transport.get_write_buffer_size()
        too_long = self._unread_since is not None and now - self._unread_since > UNREAD_FOR_S
        if unread > MOST_UNREAD or too_long:
            self.close(TOO_SLOW, "You read too slowly.")
        elif self.visitor is None and now - self.begun_at > SIGN_IN_WITHIN_S:
            self.close(NOT_ALLOWED, "No key was shown in time.")
        elif now - self._heard_at > SILENT_FOR_S:
            self.transport.abort()
        elif self.is_open and now - max(self._heard_at, self._pinged_at) > PING_EVERY_S:
            self._pinged_at = now
            self._protocol.send_ping(b"")
            self.flush()

    def admitted(self, visitor: Visitor) -> None:
        """The key is good: go on with what came meanwhile."""
        self.visitor = visitor
        early, self._early = self._early, []
        for text in early:
            self._take(text)
        self.flush()
        self._gateway.push(self)

    def took_points(self, change: int) -> None:
        """Count points on their way, and read no more while there are many."""
        self.on_the_way += change
        if not self.transport.is_closing():
            if self.on_the_way > MOST_ON_THE_WAY:
                self.transport.pause_reading()
            elif not self.transport.is_reading():
                self.transport.resume_reading()

    def _open(self, request: Request) -> None:
        found = ADDRESS.fullmatch(request.path.partition("?")[0])
        self.session_id = found[1] if found else ""
        self._protocol.send_response(self._protocol.accept(request))
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        key = token.strip() if kind.lower() == "bearer" else request.headers.get("X-API-Key", "")
        if key and self.is_open:
            self._sign_in(key)

    def _sign_in(self, key: str) -> None:
        self._is_signing_in = True
        self._gateway.sign_in(self, key)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            self.send(messages.error("invalid", "Messages are text."))
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            self._text.append(bytes(frame.data))
            if frame.fin:
                text, self._text = b"".join(self._text), []
                self._message(text)
            elif sum(map(len, self._text)) > messages.LARGEST_MESSAGE:
                self._text = []
                self.close(1009, "A message is too long.")

    def _message(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.send(messages.error("invalid", "Messages are UTF-8."))
            return
        if self.visitor is not None:
            self._take(text)
        elif self._is_signing_in:
            self._early.append(text)
            self.took_points(len(text) // 100)  # bounds what can come early
        else:
            self._first(text)

    def _first(self, text: str) -> None:
        """Who did not show a key in the handshake does it now."""
        try:
            message = messages.read(text)
        except Invalid:
            message = {}
        key = message.get("key")
        if message.get("type") == "auth" and isinstance(key, str):
            self._sign_in(key)
        else:
            self.close(NOT_ALLOWED, 'Show a key first: {"type": "auth", "key": …}.')

    def _take(self, text: str) -> None:
        message: dict[str, Any] = {}
        try:
            message = messages.read(text)
            if message["type"] == "ping":
                self.send(messages.pong(message.get("id")))
            elif message["type"] != "auth":
                assert self.visitor is not None
                self.visitor.check_may_push()
                one = messages.sent(message)
                self.waiting.append(one)
                self.took_points(len(one.points))
        except ServiceError as problem:
            self.send(messages.error(problem.code, problem.message, message.get("id")))
