from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.outgoing import posting
from services.outgoing.posting import post
from tests.receiving import Answer, receiving

NAME = "hooks.example.org"


@pytest.fixture
def allowed(server):
    """This machine may be reached."""
    server.config["OUTGOING_ALLOWED"] = ("127.0.0.1/32",)
    return server


@pytest.fixture
def receiver(allowed):
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for the name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def encrypted(allowed, certificate):
    """A receiver with TLS, and the names that it was asked for."""
    asked: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with receiving(context) as receiver:
        yield receiver, asked


def sent(url: str, **more):
    return post(url, b"{}", {"Content-Type": "application/json"}, **more)


def test_an_answer_comes_back(receiver):
    outcome = sent(receiver.url("/a?b=1"))
    assert (outcome.status, outcome.error, outcome.is_success) == (200, None, True)
    assert outcome.answer_start == "thank you"
    assert 0 < outcome.latency_ms < 5_000
    (got,) = receiver.received
    assert (got.path, got.body) == ("/a?b=1", b"{}")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert "accept-encoding" not in got.headers


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 429, 500, 503])
def test_only_200_to_299_is_a_success_and_no_redirect_is_followed(receiver, status):
    receiver.answers = [Answer(status, headers={"Location": receiver.url("/elsewhere")})]
    assert (sent(receiver.url()).status, sent(receiver.url()).is_success) == (status, False)
    assert {one.path for one in receiver.received} == {"/hook"}


def test_only_the_start_of_an_answer_is_kept_as_text(receiver):
    receiver.answers = [Answer(body=b"\x00\x1b[31m\xff<b>" + "½".encode() * 90_000)]
    outcome = sent(receiver.url())
    assert outcome.answer_start.startswith("\ufffd\ufffd[31m\ufffd<b>½½")
    assert len(outcome.answer_start) <= posting.MOST_READ


def test_an_answer_without_end_is_left(receiver):
    stop = threading.Event()

    def pour(connection):
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not stop.is_set():
            connection.sendall(b"x" * 4096)

    with listening(pour) as port:
        outcome = sent(f"http://127.0.0.1:{port}/", timeout_s=5)
    stop.set()
    assert (outcome.status, outcome.answer_start) == (200, "x" * posting.MOST_READ)


class listening:
    """A bare socket, for what no HTTP server would do."""

    def __init__(self, work):
        self.work = work
        self.socket = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self.serve, daemon=True).start()
        return self.socket.getsockname()[1]

    def serve(self):
        try:
            connection, _ = self.socket.accept()
            with connection:
                self.work(connection)
        except OSError:
            pass  # the other side has gone, or the test is over

    def __exit__(self, *_error):
        self.socket.close()


def test_the_time_is_over_however_slowly_bytes_drip(allowed):
    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(100):
            time.sleep(0.05)
            connection.sendall(b"x")

    with listening(drip) as port:
        begun = time.monotonic()
        outcome = sent(f"http://127.0.0.1:{port}/", timeout_s=0.4)
    assert (outcome.status, outcome.error) == (None, "No answer within 0.4 s.")
    assert time.monotonic() - begun < 2


def test_what_breaks_is_said_in_a_sentence(allowed):
    with listening(lambda connection: connection.recv(10)) as port:
        assert "broke" in sent(f"http://127.0.0.1:{port}/").error
    with listening(lambda connection: connection.sendall(b"SSH-2.0\r\n\r\n")) as port:
        assert "broke" in sent(f"http://127.0.0.1:{port}/").error
    assert "nobody answers" in sent(f"http://127.0.0.1:{port}/").error
    assert "https" in sent("http://example.org/").error


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        (["10.0.0.1"], "not public"),
        (["8.8.8.8", "169.254.169.254"], "not public"),
        (["::ffff:127.0.0.1"], "not public"),
        (["64:ff9b::7f00:1"], "not public"),
        (["fe80::1%lo"], "not public"),
        ([], "cannot be found"),
    ],
)
def test_a_name_that_leads_inside_is_refused_without_its_address(server, addresses, said):
    outcome = sent("https://example.org/", resolver=lambda host, port: addresses)
    assert said in outcome.error
    assert not any(address in outcome.error for address in addresses)


def test_a_name_is_looked_up_once_and_at_each_attempt(encrypted, monkeypatch, certificate):
    """Rebinding: what was allowed at one moment is looked at again at the next."""
    receiver, _ = encrypted
    monkeypatch.setattr(posting, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    answers = [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"]]
    asked = []

    def resolver(host, port):
        asked.append((host, port))
        return answers.pop(0)

    url = f"https://{NAME}:{receiver.port}/x"
    assert sent(url, resolver=resolver).status == 200
    assert "not public" in sent(url, resolver=resolver).error
    assert "not public" in sent(url, resolver=resolver).error
    assert asked == [(NAME, receiver.port)] * 3
    assert len(receiver.received) == 1


def test_tls_and_host_speak_of_the_name_and_the_connection_goes_to_the_address(
    encrypted, monkeypatch, certificate
):
    receiver, asked = encrypted
    monkeypatch.setattr(posting, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    url = f"https://{NAME}:{receiver.port}/x"
    assert sent(url, resolver=lambda *_: ["127.0.0.1"]).status == 200
    assert asked == [NAME]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_a_certificate_of_nobody_or_of_another_name_is_refused(encrypted, monkeypatch, certificate):
    receiver, _ = encrypted
    url = f"https://{NAME}:{receiver.port}/x"
    assert "certificate" in sent(url, resolver=lambda *_: ["127.0.0.1"]).error.lower()
    monkeypatch.setattr(posting, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    other = f"https://other.example.org:{receiver.port}/x"
    assert "certificate" in sent(other, resolver=lambda *_: ["127.0.0.1"]).error.lower()
    assert receiver.received == []


def test_another_address_of_the_host_is_tried(server, receiver):
    server.config["OUTGOING_ALLOWED"] = ("hooks.plant.example",)
    url = f"http://hooks.plant.example:{receiver.port}/x"
    outcome = sent(url, resolver=lambda *_: ["127.0.0.2", "127.0.0.1"])
    assert outcome.status == 200


def test_a_lookup_that_hangs_is_not_waited_for(server):
    let_go = threading.Event()

    def resolver(host, port):
        let_go.wait(10)
        return ["8.8.8.8"]

    outcome = sent("https://example.org/", resolver=resolver, timeout_s=0.2)
    let_go.set()
    assert "in time" in outcome.error


def test_a_name_that_is_not_there(server):
    def resolver(host, port):
        raise socket.gaierror("Name or service not known")

    assert "cannot be found" in sent("https://example.org/", resolver=resolver).error


def test_no_proxy_of_the_environment_is_asked(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert sent(receiver.url()).status == 200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("-5", None),
        ("soon", None),
        ("99999999999999", None),
        ("Mon, 01 Jan 99999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
    ],
)
def test_how_long_a_receiver_wants_us_to_wait(receiver, text, seconds):
    receiver.answers = [Answer(503, headers={"Retry-After": text})]
    assert sent(receiver.url()).retry_after_s == seconds


@pytest.mark.parametrize(("hours", "seconds"), [(1, 3600.0), (-1, 0.0)])
def test_until_when_a_receiver_wants_us_to_wait(receiver, hours, seconds):
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    receiver.answers = [Answer(503, headers={"Retry-After": moment})]
    assert sent(receiver.url()).retry_after_s == pytest.approx(seconds, abs=30)
