"""Real servers that take mail: SMTP, with encryption or without, and the API of SendGrid."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.running import free_port

HOST = "127.0.0.1"


@dataclass
class Mailbox:
    """What has arrived. ``answers`` are given to the next mails instead of taking them."""

    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(BytesParser(policy=default).parsebytes(envelope.content))
        self.to += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


@contextmanager
def smtp_server(*, certificate: Path | None = None, login: str = "") -> Iterator[Mailbox]:
    """A server on a free port; with a certificate it wants STARTTLS, with a login that as well."""
    mailbox = Mailbox()
    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options |= {"tls_context": context, "require_starttls": True}
    if login:

        def authenticate(_server, _session, _envelope, _mechanism, given) -> AuthResult:
            right = isinstance(given, LoginPassword) and given.login.decode() == login
            return AuthResult(success=right, handled=right)

        options |= {"authenticator": authenticate, "auth_required": True}
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname=HOST, port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def make_certificate(folder: Path, host: str = HOST) -> Path:
    """A key with a certificate that it has signed itself; programs have to be told to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@dataclass
class SendGrid:
    """Requests that came. ``answers`` are given to the next ones: status and body."""

    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    url: str = ""


@contextmanager
def sendgrid_server() -> Iterator[SendGrid]:
    """Takes what SendGrid takes, on a free port."""
    grid = SendGrid()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._answer(json.loads(self.rfile.read(length)))

        def do_GET(self) -> None:
            self._answer({})

        def log_message(self, *_: Any) -> None:
            """Silent."""

        def _answer(self, body: dict[str, Any]) -> None:
            grid.requests.append((self.command, self.path, body))
            grid.keys.append(self.headers["Authorization"])
            status, told = grid.answers.pop(0) if grid.answers else (202, {})
            sent = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("X-Message-Id", "from-the-api")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    server = ThreadingHTTPServer((HOST, 0), Handler)
    grid.url = f"http://{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield grid
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
