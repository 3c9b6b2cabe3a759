"""The process that serves sockets: thousands of them, none of which holds a thread."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import redis.asyncio
from flask import Flask
from redis.exceptions import RedisError

from api.sockets import messages
from api.sockets.connection import SocketConnection
from api.sockets.handing_over import FILE_NAME
from api.sockets.messages import NOT_ALLOWED, UNKNOWN_SESSION, Sent
from api.sockets.taking_over import listen_at, take
from api.sockets.visitors import visitor_of
from services.api_keys import windows
from services.errors import NotFound, ServiceError
from services.streaming import pushing
from services.streaming.points import Points
from services.streaming.pushing import Accepted, Full, understood
from services.streaming.transport import (
    Batch,
    accept_arguments,
    alerts_channel,
    replies_channel,
    script,
    session_key,
)

CHECK_KEYS_EVERY_S = 30.0
MISSED_AFTER_S = 1.0
AGAIN_AFTER_S = 0.2
T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass
class OnTheWay:
    """An entry of the stream, and the messages that it was made of."""

    connection: SocketConnection
    sent: list[Sent]
    count: int
    begun_at: float
    accepted: Accepted | None = None
    alerts: list[dict[str, Any]] | None = None


class Gateway:
    """All sockets of this process, and its one connection to Valkey."""

    def __init__(self, server: Flask, url: str) -> None:
        self._server = server
        self._client: redis.asyncio.Redis = redis.asyncio.Redis.from_url(url, socket_timeout=5.0)
        self._accept: Any = self._client.register_script(script())
        # Silence is no failure there: without a time-out.
        self._listener: redis.asyncio.Redis = redis.asyncio.Redis.from_url(url)
        self._pubsub: Any = self._listener.pubsub()
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="asks")
        self.connections: set[SocketConnection] = set()
        self._listening: dict[str, set[SocketConnection]] = {}
        self._process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._on_the_way: dict[str, OnTheWay] = {}
        self._number = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, folder: Path, stop: asyncio.Event) -> None:
        """Serve sockets that the web process hands over, until ``stop`` is set."""
        receiver = listen_at(folder / FILE_NAME)
        loop = asyncio.get_running_loop()
        loop.add_reader(receiver, self._take_over, receiver)
        self._begin(self._listen())
        self._begin(self._look())
        await stop.wait()
        loop.remove_reader(receiver)
        receiver.close()
        for connection in list(self.connections):
            connection.close(1001, "The site is stopping.")
        for task in list(self._tasks):
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def forget(self, connection: SocketConnection) -> None:
        self.connections.discard(connection)
        listening = self._listening.get(connection.session_id, set())
        listening.discard(connection)
        if not listening and connection.session_id in self._listening:
            del self._listening[connection.session_id]
            self._begin(self._unsubscribe(connection.session_id))

    def sign_in(self, connection: SocketConnection, key: str) -> None:
        self._begin(self._sign_in(connection, key))

    def push(self, connection: SocketConnection) -> None:
        """Send on what waits; while one entry is being accepted, the next one gathers."""
        if connection.waiting and not connection.is_pushing:
            connection.is_pushing = True
            self._begin(self._push_all(connection))

    async def _push_all(self, connection: SocketConnection) -> None:
        try:
            while connection.waiting:
                taken, points = messages.joined(connection.waiting)
                del connection.waiting[: len(taken)]
                await self._push(connection, taken, points)
        finally:
            connection.is_pushing = False

    async def _push(self, connection: SocketConnection, taken: list[Sent], points: Points) -> None:
        assert connection.visitor is not None
        self._number += 1
        number = str(self._number)
        key_id = connection.visitor.actor.key_id
        batch = Batch(
            session_id=connection.session_id,
            count=len(points),
            numbers=len(points.values),
            payload=points.packed(),
            sender=f"key:{key_id}",
            reply=f"{self._process}/{number}",
            sent_as=taken[0].sent_as,
        )
        mine = OnTheWay(connection, taken, len(points), time.monotonic())
        self._on_the_way[number] = mine
        try:
            mine.accepted = understood(await self._accepted(batch), batch)
        except ServiceError as error:
            self._refuse(number, error.code, error)
        except (RedisError, OSError):
            self._refuse(number, "unavailable", None)
        else:
            if mine.alerts is not None:  # the verdict was quicker
                self._finish(number, mine.alerts)

    async def _accepted(self, batch: Batch) -> list[Any]:
        keys, arguments = accept_arguments(batch)
        for _ in range(2):
            answer = await self._accept(keys=keys, args=arguments)
            word = answer[0].decode()
            if word != "unknown":
                break
            await self._ask(lambda: pushing.open_again(batch.session_id))
        return [word, *answer[1:]]

    def _refuse(self, number: str, code: str, error: ServiceError | None) -> None:
        mine = self._on_the_way.pop(number, None)
        if mine is None:
            return
        told = error.message if error else "Valkey is away: it is not known what was accepted."
        more = {"retry_after_s": error.retry_after_s} if isinstance(error, Full) else {}
        for one in mine.sent:
            mine.connection.send(messages.error(code, told, one.id, **more))
        self._done(mine)
        if isinstance(error, NotFound):
            mine.connection.close(UNKNOWN_SESSION, error.message)

    def _judged(self, number: str, alerts: list[dict[str, Any]], error: str | None) -> None:
        mine = self._on_the_way.get(number)
        if mine is None:
            return
        if error is not None:
            self._refuse(number, "conflict", ServiceError(error))
        elif mine.accepted is None:
            mine.alerts = alerts
        else:
            self._finish(number, alerts)

    def _finish(self, number: str, alerts: list[dict[str, Any]]) -> None:
        """Acknowledge each message of an entry."""
        mine = self._on_the_way.pop(number)
        assert mine.accepted is not None
        flagged = {alert["sequence"] - mine.accepted.first for alert in alerts}
        begin = 0
        for one in mine.sent:
            places = range(begin, begin + len(one.points))
            has_alert = bool(flagged) and not flagged.isdisjoint(places)
            mine.connection.send(messages.ack(one, has_alert=has_alert))
            begin = places.stop
        self._done(mine)

    def _done(self, mine: OnTheWay) -> None:
        mine.connection.took_points(-mine.count)
        mine.connection.flush()

    async def _sign_in(self, connection: SocketConnection, key: str) -> None:
        session_id, address = connection.session_id, connection.address
        try:
            visitor = await self._ask(lambda: visitor_of(key, address, session_id))
        except NotFound as error:
            connection.close(UNKNOWN_SESSION, error.message)
            return
        except ServiceError as error:
            connection.close(NOT_ALLOWED, error.message)
            return
        if connection not in self.connections:
            return  # it left meanwhile
        if session_id not in self._listening:
            self._listening[session_id] = set()
            await self._subscribe(session_id)
        self._listening[session_id].add(connection)
        connection.admitted(visitor)

    async def _ask(self, question: Callable[[], T]) -> T:
        """What the services say, in a thread."""

        def answer() -> T:
            with self._server.app_context():
                return question()

        return await asyncio.get_running_loop().run_in_executor(self._threads, answer)

    async def _subscribe(self, session_id: str) -> None:
        try:
            await self._pubsub.subscribe(alerts_channel(session_id))
        except (RedisError, OSError):
            log.warning("Valkey is away; alerts are heard when it is back")

    async def _unsubscribe(self, session_id: str) -> None:
        try:
            await self._pubsub.unsubscribe(alerts_channel(session_id))
        except (RedisError, OSError):
            log.debug("Valkey is away")

    async def _listen(self) -> None:
        """Hear verdicts and alerts, for ever; after a break, subscribe anew."""
        mine = replies_channel(self._process)
        while True:
            try:
                channels = [mine, *map(alerts_channel, self._listening)]
                await self._pubsub.subscribe(*channels)
                async for message in self._pubsub.listen():
                    if message["type"] == "message":
                        self._hear(message["channel"].decode() == mine, message)
            except (RedisError, OSError):
                await asyncio.sleep(AGAIN_AFTER_S)
                await self._pubsub.aclose()
                self._pubsub = self._listener.pubsub()

    def _hear(self, is_verdict: bool, message: dict[str, Any]) -> None:
        told = json.loads(message["data"])
        if is_verdict:
            for number, alerts, error in told:
                self._judged(number, alerts, error)
            return
        session_id = message["channel"].decode().rpartition(":")[2]
        texts = [messages.alert(one) for one in told]
        for connection in self._listening.get(session_id, ()):
            for text in texts:
                connection.send(text)
            connection.flush()

    async def _look(self) -> None:
        """Every second: sockets that are too slow, verdicts that were missed, keys that ended."""
        check_at = time.monotonic() + CHECK_KEYS_EVERY_S
        while True:
            await asyncio.sleep(MISSED_AFTER_S)
            now = time.monotonic()
            for connection in list(self.connections):
                connection.look(now)
            try:
                await self._look_for_missed(now)
                await self._look_for_changed()
            except (RedisError, OSError, ServiceError):
                log.debug("Valkey is away")
            if now > check_at:
                check_at = now + CHECK_KEYS_EVERY_S
                for connection in list(self.connections):
                    if connection.visitor is not None:
                        self._begin(self._check_again(connection))

    async def _look_for_missed(self, now: float) -> None:
        late = [
            (number, mine, mine.accepted)
            for number, mine in self._on_the_way.items()
            if mine.accepted is not None and now - mine.begun_at > MISSED_AFTER_S
        ]
        for number, mine, accepted in late:
            session_id = mine.connection.session_id
            judged: Any = await self._client.hget(session_key(session_id), "judged")
            if int(judged or 0) >= accepted.first + accepted.count:
                alerts: Any = await self._ask(partial(pushing.alerts_of, session_id, accepted))
                self._judged(number, alerts, None)

    async def _look_for_changed(self) -> None:
        """Look again at keys that were revoked or changed since their sockets were let in."""
        known = [(one, one.visitor) for one in self.connections if one.visitor is not None]
        prefixes = {visitor.prefix for _, visitor in known}
        present = await self._ask(partial(windows.epochs, prefixes))
        for connection, visitor in known:
            if present.get(visitor.prefix, visitor.epoch) != visitor.epoch:
                self._begin(self._check_again(connection))

    async def _check_again(self, connection: SocketConnection) -> None:
        assert connection.visitor is not None
        key, address = connection.visitor.key, connection.address
        try:
            connection.visitor = await self._ask(
                lambda: visitor_of(key, address, connection.session_id)
            )
        except NotFound as error:
            connection.close(UNKNOWN_SESSION, error.message)
        except ServiceError as error:
            connection.close(NOT_ALLOWED, error.message)

    def _take_over(self, receiver: socket.socket) -> None:
        """The web process knocks: take a connection out of its hands."""
        taken = take(receiver)
        if taken is not None:
            self._begin(self._serve(*taken))

    async def _serve(self, connection: socket.socket, address: str, head: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, protocol = await loop.connect_accepted_socket(
            lambda: SocketConnection(self, address), connection
        )
        protocol.data_received(head)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("Something of a socket broke", exc_info=task.exception())
