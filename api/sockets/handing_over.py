"""From the web process to the process that serves sockets, connection and all.

A socket that stays open would hold one of the web's threads for as long, and sixteen of them the
whole site. So the web process sends the open connection itself to a process that can hold
thousands, and lets go of it: programs find sockets at the same address as everything else.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Response

from api.errors import problem

# As a whole: what comes decoded could hold ends of lines, and it becomes the head of a request.
ADDRESS = re.compile(r"(?:/[\w.~-]+)*/api/v1/anomaly/streaming/([\w-]{1,64})/ws", re.ASCII)
FILE_NAME = "sockets.sock"
PATIENCE_S = 2.0
# What the WSGI server calls the connection.
CONNECTION = "gunicorn.socket"
LONGEST_HEAD = 32_768

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class HandOver:
    """Stands before the application, and takes handshakes of WebSockets out."""

    def __init__(self, inner: Wsgi, folder: Path) -> None:
        self._inner, self._place = inner, str(folder / FILE_NAME)

    def __call__(
        self, asked: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        connection = asked.get(CONNECTION)
        found = ADDRESS.fullmatch(asked.get("PATH_INFO", ""))
        wanted = asked.get("HTTP_UPGRADE", "").lower() == "websocket"
        if not found or not wanted or connection is None:
            return self._inner(asked, start_response)
        try:
            _send(self._place, connection, asked)
        except OSError:  # nobody serves sockets; routes for requests answer to requests alone
            plain = {name: value for name, value in asked.items() if name != "HTTP_UPGRADE"}
            return self._inner(plain, start_response)
        _let_go(connection)
        # Goes to nobody; the server takes it for the end of the connection.
        start_response("200 OK", [("Content-Length", "0"), ("Connection", "close")])
        return []


def refuse() -> Response:
    """What is answered to a request that was not handed over."""
    answer = problem(
        426,
        "upgrade_required",
        "Here is a WebSocket: open it with a client for WebSockets. If you did, the process that "
        "serves them is away; “python -m cli stream-gateway” starts it.",
    )
    answer.headers["Upgrade"] = "websocket"
    return answer


def _send(place: str, connection: socket.socket, asked: dict[str, Any]) -> None:
    told = {"from": asked.get("REMOTE_ADDR", ""), "head": _head(asked)}
    message = json.dumps(told).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sender:
        sender.settimeout(PATIENCE_S)
        sender.connect(place)
        socket.send_fds(sender, [message], [connection.fileno()])
        if sender.recv(1) != b"k":  # it has it; or our end would be the last one
            raise OSError("not taken")


def _head(asked: dict[str, Any]) -> str:
    """The request as it came, as far as a handshake needs it."""
    lines = [f"GET {asked['PATH_INFO']} HTTP/1.1"]
    for name, value in asked.items():
        if name.startswith("HTTP_"):
            lines.append(f"{name[5:].replace('_', '-').title()}: {value}")
    head = "\r\n".join([*lines, "", ""])
    if len(head) > LONGEST_HEAD:
        raise OSError("too long a head")
    return head


def _let_go(connection: socket.socket) -> None:
    """Put another socket where the connection was, for the server to write to and to close."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        os.dup2(ours.fileno(), connection.fileno(), inheritable=False)
