"""The other end of :mod:`api.sockets.handing_over`: take connections that the web process sends."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path

LONGEST_MESSAGE = 65_536
PATIENCE_S = 1.0

log = logging.getLogger(__name__)


def listen_at(place: Path) -> socket.socket:
    """A socket in the file system that only our own user may knock at."""
    place.unlink(missing_ok=True)
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    receiver.bind(str(place))
    place.chmod(0o600)
    receiver.listen(64)
    receiver.setblocking(False)
    return receiver


def take(receiver: socket.socket) -> tuple[socket.socket, str, bytes] | None:
    """A connection, the address of who is at its other end, and the head of its request."""
    try:
        sender, _ = receiver.accept()
    except OSError:
        return None
    with sender:
        sender.settimeout(PATIENCE_S)
        try:
            data, files, _, _ = socket.recv_fds(sender, LONGEST_MESSAGE, 1)
            told = json.loads(data)
            connection = socket.socket(fileno=files[0])
            sender.send(b"k")
        except (OSError, ValueError, IndexError):
            log.warning("A connection could not be taken over")
            return None
    connection.setblocking(False)
    return connection, told["from"], told["head"].encode()
