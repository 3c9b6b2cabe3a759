"""Which addresses may be reached from here, of those that people type in.

What is closed follows the registries of special-purpose addresses (RFC 6890 and its updates).
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from services.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 2000
PORTS = {"https": 443, "http": 80}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# How browsers know that a host wants to be a number: decimal, octal or hexadecimal.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CLOSED_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # what Azure tells its machines, at an address that looks public
    )
)
# Only this part of IPv6 is the Internet. Outside lie loopback, local addresses, multicast, and
# those that hold one of IPv4: mapped, compatible, and NAT64 in 64:ff9b::/96 and 64:ff9b:1::/48.
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
# Inside: Teredo, benchmarks and ORCHID; documentation; 6to4.
_CLOSED_6 = tuple(
    ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_ISATAP = (0x00005EFE, 0x02005EFE)


class NotPermitted(Exception):
    """The address must not be reached; the text says so without telling the address."""


@dataclass(frozen=True)
class Target:
    """An address that may be written down; whether it may be reached is seen at each request."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def masked(self) -> str:
        """What may be shown: who knows the rest may write there."""
        return f"{self.scheme}://{self.origin}/***"


def target_of(url: str) -> Target:
    """The parts of a URL that may be used.

    Raises
    ------
    Invalid
        If it is no URL, leads to what is not public, or is not encrypted where it has to be.
    """
    text = url.strip()
    if not text or len(text) > LONGEST_URL or not re.fullmatch(r"[!-\[\]-~]+", text):
        raise Invalid(
            f"The URL must have 1 to {LONGEST_URL} letters of ASCII, without space or backslash."
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Invalid("This is not a URL. Write it as in https://example.org/path.") from error
    if parts.scheme not in PORTS or "@" in parts.netloc or "#" in text or port == 0:
        raise Invalid(
            "The URL must begin with https:// and have no user, no password and no fragment."
        )
    host = _host_of(parts.hostname or "", bracketed=parts.netloc.startswith("["))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    _check_written(parts.scheme, host)
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet, and of nobody in particular's own network."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in closed for closed in _CLOSED_4)
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _GLOBAL_6 and not any(address in closed for closed in _CLOSED_6)


def permitted(host: str, texts: Sequence[str]) -> list[Address]:
    """The addresses that a host has, all of them; one that is closed closes the others too.

    Raises
    ------
    NotPermitted
        If one of them must not be reached, or there is none.
    """
    try:
        addresses = [ipaddress.ip_address(text) for text in dict.fromkeys(texts)]
    except ValueError as error:
        raise _not_public() from error
    if not addresses:
        raise NotPermitted("The name of the host cannot be found.")
    if host not in _allowed_hosts():
        for address in addresses:
            if not _is_allowed(address) and not is_public(address):
                raise _not_public()
    return addresses


def literal(host: str) -> Address | None:
    """The address that a host is written as, if it is."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _host_of(host: str, *, bracketed: bool) -> str:
    try:
        if bracketed:
            return str(ipaddress.IPv6Address(host)) if "%" not in host else _no_host()
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return str(ipaddress.IPv4Address(host))  # refuses all other spellings
    except ValueError as error:
        raise Invalid("Write the address of the host in its usual form, or its name.") from error
    return host if len(host) <= 253 and _NAME.fullmatch(host) else _no_host()


def _no_host() -> str:
    raise Invalid("The URL names no host. Write it as in https://example.org/path.")


def _check_written(scheme: str, host: str) -> None:
    """What can be said of a host before its name is looked up."""
    address = literal(host)
    allowed = host in _allowed_hosts() or (address is not None and _is_allowed(address))
    if scheme == "http" and not allowed:
        raise Invalid("The URL must begin with https://, so that nobody on the way reads along.")
    if address is not None and not allowed and not is_public(address):
        raise Invalid(str(_not_public()))


def _not_public() -> NotPermitted:
    return NotPermitted(
        "This leads to an address that is not public. An admin can allow it in OUTGOING_ALLOWED."
    )


def _allowed_hosts() -> frozenset[str]:
    allowed: tuple[str, ...] = current_app.config["OUTGOING_ALLOWED"]
    return frozenset(allowed)


def _is_allowed(address: Address) -> bool:
    return any(address in network for network in _networks(current_app.config["OUTGOING_ALLOWED"]))


@functools.cache
def _networks(allowed: tuple[str, ...]) -> tuple[Network, ...]:
    found = []
    for entry in allowed:
        try:
            found.append(ipaddress.ip_network(entry))
        except ValueError:
            continue  # the name of a host
    return tuple(found)
