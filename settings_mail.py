"""Settings of mail; ``settings.py`` reads them from the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

MAIL_ADDRESS = re.compile(r"[^\s@<>,;:\"()]+@[\w.-]+")
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class MailSettings:
    """How mail leaves: ``provider`` is empty where there is none."""

    provider: str
    from_address: str
    from_name: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_username: str
    smtp_ca_file: str
    sendgrid_url: str
    smtp_password: str = field(repr=False)
    sendgrid_api_key: str = field(repr=False)

    @property
    def config(self) -> dict[str, object]:
        """The arguments of the provider's constructor."""
        sender = {"default_from_email": self.from_address, "default_from_name": self.from_name}
        if self.provider == "smtp":
            return {
                "smtp_host": self.smtp_host,
                "smtp_port": self.smtp_port,
                "username": self.smtp_username,
                "password": self.smtp_password,
                "security": self.smtp_security,
                "ca_file": self.smtp_ca_file,
                **sender,
            }
        if self.provider == "sendgrid":
            return {"api_key": self.sendgrid_api_key, "base_url": self.sendgrid_url, **sender}
        return {}

    @property
    def problem(self) -> str:
        """Why nothing could be sent with these, in a sentence; empty when they will do."""
        if not self.provider:
            return ""
        if not MAIL_ADDRESS.fullmatch(self.from_address):
            return (
                "MAIL_FROM must be the address that mail comes from, such as "
                f"rotorscope@example.com, but is “{self.from_address}”."
            )
        if self.provider == "sendgrid":
            return "" if self.sendgrid_api_key else "MAIL_PROVIDER=sendgrid needs SENDGRID_API_KEY."
        return self._problem_of_smtp

    @property
    def _problem_of_smtp(self) -> str:
        if not self.smtp_host:
            return "MAIL_PROVIDER=smtp needs SMTP_HOST."
        if self.smtp_security == "none" and self.smtp_username:
            return (
                "SMTP_SECURITY=none would send SMTP_USERNAME and SMTP_PASSWORD in the clear. Use "
                "starttls or tls, or a server that asks for no name."
            )
        if self.smtp_ca_file and not Path(self.smtp_ca_file).is_file():
            return f"The file {self.smtp_ca_file} of SMTP_CA_FILE is not there."
        return ""
