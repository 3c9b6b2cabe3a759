"""Requests to addresses that people type in, kept away from what only this network may reach.

A name is looked up here, every address that it has must be public or allowed by the operator, and
the connection is made to one of those addresses and no other: a name that leads elsewhere a
moment later changes nothing. No redirect is followed and no proxy of the environment is asked.
"""

from __future__ import annotations

import functools
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import certifi
import httpcore

from services.errors import Invalid
from services.outgoing.targets import (
    Address,
    NotPermitted,
    Target,
    literal,
    permitted,
    target_of,
)

# The addresses of a host, as text; OSError where there is none.
Resolver = Callable[[str, int], Sequence[str]]

TIMEOUT_S = 15.0
# For one of several addresses, so that a dead one does not use up the time of the others.
CONNECT_S = 5.0
MOST_READ = 4096
_UNREADABLE = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)


@dataclass(frozen=True)
class Outcome:
    """What came back; without an answer ``status`` is None and ``error`` a sentence."""

    status: int | None
    error: str | None
    latency_ms: float
    answer_start: str
    retry_after_s: float | None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def system_resolver(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolver: Resolver = system_resolver,
    timeout_s: float = TIMEOUT_S,
) -> Outcome:
    """Send once, and say what came of it; nothing that the network does raises."""
    begun = time.monotonic()
    try:
        target = target_of(url)
        network = _GuardedNetwork(target, _Deadline(begun + timeout_s), resolver)
        status, answered, start = _exchange(target, network, body, headers)
    except (NotPermitted, Invalid, httpcore.TimeoutException, *_BROKEN) as error:
        return Outcome(None, _sentence(error, timeout_s), _since(begun), "", None)
    return Outcome(status, None, _since(begun), start, _retry_after(answered.get("retry-after")))


@dataclass(frozen=True)
class _Deadline:
    at: float

    def left(self, most: float = TIMEOUT_S) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return min(left, most)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose whole life has one limit, however slowly bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        inner = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _GuardedNetwork(httpcore.NetworkBackend):
    """Connects to checked addresses only; the name is still what TLS and ``Host`` speak of."""

    def __init__(self, target: Target, deadline: _Deadline, resolver: Resolver) -> None:
        self._target, self._deadline, self._resolver = target, deadline, resolver
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._permitted(host, port)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port)

    def _connect(self, address: Address, port: int) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(str(address), port, self._deadline.left(CONNECT_S))
        return _TimedStream(stream, self._deadline)

    def _permitted(self, host: str, port: int) -> list[Address]:
        if literal(host):
            return permitted(host, [host])
        return permitted(host, _looked_up(self._resolver, host, port, self._deadline))


def _looked_up(resolver: Resolver, host: str, port: int, deadline: _Deadline) -> Sequence[str]:
    """Ask for the addresses in a thread of its own: the system's call takes no time-out."""
    found: list[Sequence[str]] = []

    def look() -> None:
        try:
            found.append(resolver(host, port))
        except (OSError, UnicodeError):  # not there, or no name for DNS
            found.append(())

    thread = threading.Thread(target=look, daemon=True, name="name lookup")
    thread.start()
    thread.join(deadline.left(CONNECT_S))
    if not found:
        raise NotPermitted("The name of the host could not be looked up in time.")
    return found[0]


def _exchange(
    target: Target, network: _GuardedNetwork, body: bytes, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], str]:
    sent: dict[bytes | str, bytes | str] = {
        "Host": target.origin,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    sent.update(headers)
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    with (
        httpcore.ConnectionPool(_tls(), network_backend=network) as pool,
        pool.stream("POST", url, headers=sent, content=body) as answer,
    ):
        answered = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in answer.headers
        }
        return answer.status, answered, _start_of(answer.iter_stream())


def _start_of(chunks: Iterable[bytes]) -> str:
    """The first of an answer as text that can be stored; the rest is not waited for."""
    read = b""
    for chunk in chunks:
        read += chunk
        if len(read) >= MOST_READ:
            break
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", read[:MOST_READ].decode(errors="replace"))


@functools.cache
def _tls() -> ssl.SSLContext:
    """The authorities that the system trusts, an operator's own among them, and the usual ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _sentence(error: Exception, timeout_s: float) -> str:
    if isinstance(error, NotPermitted | Invalid):
        return str(error)
    if isinstance(error, httpcore.TimeoutException):
        return f"No answer within {timeout_s:g} s."
    # What the system said is what the library's error is made of.
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of the host does not hold: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return "The host does not speak TLS as it should."
    if isinstance(error, httpcore.ConnectError):
        return "No connection: nobody answers there."
    return "The connection broke before there was an answer."


def _retry_after(text: str | None) -> float | None:
    """Seconds until another attempt is wanted, from a number or a date."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the numbers in a date may have any length
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _since(begun: float) -> float:
    return round((time.monotonic() - begun) * 1000, 1)
