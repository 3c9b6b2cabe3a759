from __future__ import annotations

import ipaddress

import pytest

from services.errors import Invalid
from services.outgoing.targets import NotPermitted, is_public, permitted, target_of

CLOSED = (
    # this host, loopback, private, CGNAT, link-local with metadata
    *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255"),
    *("172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"),
    *("100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.0.1", "169.254.169.254"),
    # special purposes, documentation, benchmarks, 6to4 relays, multicast, reserved, broadcast
    *("192.0.0.1", "192.0.0.192", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1"),
    *("198.19.255.255", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "168.63.129.16"),
    # the same in IPv6
    *("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1"),
    *("100::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"),
    # addresses of IPv4 inside: compatible, mapped, translated, NAT64, 6to4, Teredo, ISATAP
    *("::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1", "2001::1"),
    *("2607:f8b0::5efe:10.0.0.1", "2607:f8b0::200:5efe:127.0.0.1", "2001:20::1", "2001:2::1"),
)
OPEN = (
    *("8.8.8.8", "1.1.1.1", "93.184.215.14", "172.15.255.255", "172.32.0.1", "100.63.255.255"),
    *("100.128.0.1", "126.255.255.255", "128.0.0.1", "169.253.255.255", "192.0.1.1"),
    *("198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111"),
    *("2001:4860:4860::8888", "2a00:1450:4001::1", "2003::1"),
)


@pytest.mark.parametrize("text", CLOSED)
def test_what_is_not_the_internet_is_closed(server, text):
    assert not is_public(ipaddress.ip_address(text))
    with pytest.raises(NotPermitted):
        permitted("receiver.example", [text])
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(Invalid):
        target_of(f"https://{host}/hook")


@pytest.mark.parametrize("text", OPEN)
def test_public_addresses_are_open(server, text):
    assert is_public(ipaddress.ip_address(text))
    assert permitted("receiver.example", [text]) == [ipaddress.ip_address(text)]


def test_what_is_open_agrees_with_the_registries_of_the_standard_library():
    """Python's own list is another one's reading of the same registries."""
    for text in OPEN:
        assert ipaddress.ip_address(text).is_global
    for number in range(0, 2**32, 2**32 // 9973):
        address = ipaddress.IPv4Address(number)
        if is_public(address):
            assert address.is_global
            assert not address.is_multicast


@pytest.mark.parametrize(
    "url",
    [
        *("", "   ", "hook", "//example.org/x", "https:///x", "https://", "https:example.org"),
        *("ftp://example.org/", "file:///etc/passwd", "gopher://example.org:70/_x"),
        *("javascript:alert(1)", "data:text/plain,x", "https://user@example.org/"),
        *("https://user:word@example.org/", "https://example.org@127.0.0.1/"),
        *("https://example.org\\@127.0.0.1/", "https://exa mple.org/", "https://example.org/a b"),
        *(
            "https://example.org/\r\nHost: x",
            "https://example.org/\tx",
            "https://exa\u2024mple.org/",
        ),
        *(
            "https://example.org#@127.0.0.1/",
            "https://example.org:0/",
            "https://example.org:99999/",
        ),
        *("https://example.org:x/", "https://example..org/", "https://.example.org/"),
        *("https://example.org./", "https://-example.org/", "https://exam%70le.org/"),
        # other spellings of addresses
        *("https://2130706433/", "https://017700000001/", "https://0x7f000001/", "https://0/"),
        *("https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://127.1/", "https://127.0.1/"),
        *("https://127.0.0.1./", "https://127.0.0.01/", "https://8.8.8.8.8/", "https://8.8.8/"),
        *("https://256.1.1.1/", "https://example.0x10/", "https://1.2.3.4.5/"),
        *("https://[::1/", "https://[::1%25eth0]/", "https://[fe80::1%25lo]/", "https://::1/"),
        *("https://[v1.x]/", "https://\uff11\uff12\uff17.0.0.1/", "https://[127.0.0.1]/"),
        "https://example.org/" + "x" * 2000,
    ],
)
def test_odd_urls_are_refused(server, url):
    with pytest.raises(Invalid):
        target_of(url)


def test_a_url_is_taken_apart_and_masked(server):
    target = target_of(" https://Hooks.Example.org:8443/services/T0/B0/secret?x=1 ")
    assert (target.host, target.port) == ("hooks.example.org", 8443)
    assert target.path == "/services/T0/B0/secret?x=1"
    assert target.masked == "https://hooks.example.org:8443/***"
    assert target_of("https://example.org?x=1").path == "/?x=1"
    assert target_of("https://[2606:4700:4700:0::1111]/x").origin == "[2606:4700:4700::1111]"


def test_what_is_not_encrypted_needs_leave(server):
    with pytest.raises(Invalid, match="https"):
        target_of("http://example.org/")
    server.config["OUTGOING_ALLOWED"] = ("hooks.plant.example", "10.1.0.0/16")
    assert target_of("http://hooks.plant.example/x").port == 80
    assert target_of("http://10.1.2.3:8080/x").origin == "10.1.2.3:8080"
    for other in ("http://x.hooks.plant.example/", "http://10.2.0.1/", "https://10.2.0.1/"):
        with pytest.raises(Invalid):
            target_of(other)


def test_leave_is_for_names_or_for_networks(server):
    server.config["OUTGOING_ALLOWED"] = ("hooks.plant.example", "10.1.0.0/16", "fd00:1::/32")
    assert permitted("hooks.plant.example", ["192.168.1.1"])
    assert permitted("elsewhere.example", ["10.1.9.9", "fd00:1::5"])
    for text in ("10.2.0.1", "::ffff:10.1.9.9", "fd00:2::1"):
        with pytest.raises(NotPermitted):
            permitted("elsewhere.example", [text])


def test_one_closed_address_closes_the_others(server):
    with pytest.raises(NotPermitted):
        permitted("example.org", ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(NotPermitted, match="cannot be found"):
        permitted("example.org", [])
    with pytest.raises(NotPermitted):
        permitted("example.org", ["not an address"])
