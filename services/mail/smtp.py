"""Mail over SMTP, encrypted and with the server's certificate checked."""

from __future__ import annotations

import enum
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from services.mail.provider import FROM_NAME, UNKNOWN, EmailProvider, SentMail, refused, taken

TIMEOUT_S = 15.0
# Codes from here on mean that the server will not change its mind.
FINAL = 500


class Security(enum.StrEnum):
    """``starttls``: encrypted before anything is told; ``tls``: from the first byte."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SMTPProvider(EmailProvider):
    """``ca_file`` holds the certificates to believe beside those of the system."""

    name = "smtp"

    def __init__(
        self,
        smtp_host: str,
        smtp_port: int,
        username: str,
        password: str,
        default_from_email: str,
        default_from_name: str = FROM_NAME,
        *,
        security: str = Security.STARTTLS,
        ca_file: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._host, self._port = smtp_host, smtp_port
        self._username, self._password = username, password
        self._from = (default_from_name, default_from_email)
        self._security, self._timeout_s = Security(security), timeout_s
        self._context = ssl.create_default_context()
        if ca_file:
            self._context.load_verify_locations(ca_file)

    def send(
        self,
        to_email: str,
        subject: str,
        html_body: str,
        text_body: str,
        from_email: str | None = None,
        from_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> SentMail:
        sender = (from_name or self._from[0], from_email or self._from[1])
        try:
            message = compose(sender, to_email, subject, html_body, text_body, headers or {})
        except (ValueError, IndexError) as error:  # the parser of addresses raises both
            return refused(f"The mail cannot be written: {error}", is_final=True)
        try:
            smtp = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            return refused(f"The mail server cannot be used: {_words(error)}", is_away=True)
        try:
            smtp.send_message(message, sender[1], [to_email])
        except (smtplib.SMTPException, OSError) as error:
            return refused(_words(error), is_final=_code(error) >= FINAL)
        finally:
            with suppress(smtplib.SMTPException, OSError):  # it is taken, or not, by now
                smtp.quit()
        return taken(str(message["Message-ID"]))

    def get_message_status(self, message_id: str) -> str:
        """Always ``unknown``: SMTP tells nothing after a mail was taken."""
        return UNKNOWN

    def _connect(self) -> smtplib.SMTP:
        where = (self._host, self._port)
        if self._security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                *where, timeout=self._timeout_s, context=self._context
            )
        else:
            smtp = smtplib.SMTP(*where, timeout=self._timeout_s)
        try:
            if self._security is Security.STARTTLS:
                smtp.starttls(context=self._context)  # raises where the server cannot
            if self._username:
                smtp.login(self._username, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def compose(
    sender: tuple[str, str],
    to_email: str,
    subject: str,
    html_body: str,
    text_body: str,
    headers: Mapping[str, str],
) -> EmailMessage:
    """The mail as it travels.

    Raises
    ------
    ValueError, IndexError
        If an address is none, or a header would have a second line.
    """
    message = EmailMessage(policy=SMTP)
    name, address = sender
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=to_email)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(datetime.now(UTC))
    for header, value in headers.items():
        message[header] = value
    if "Message-ID" not in message:
        message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message.set_content(text_body)
    message.add_alternative(html_body, subtype="html")
    return message


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _words(error: Exception) -> str:
    """What the server said, without the address that it was said about."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = error.recipients.values()
        return "; ".join(f"{code} {_text(said)}" for code, said in answers)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
