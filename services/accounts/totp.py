"""Codes of an authenticator by time (RFC 6238), and the picture by which it learns the secret."""

from __future__ import annotations

import base64
import hmac
import io
import re
import time

import pyotp

SECRET_LENGTH = 32
DIGITS, PERIOD_S = 6, 30
WINDOW = 1  # time steps before and after the present one: clocks differ, and people type slowly
ISSUER = "Rotorscope"
CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def new_secret() -> str:
    """A secret for one person, in Base32."""
    secret: str = pyotp.random_base32(SECRET_LENGTH)
    return secret


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed.

    Examples
    --------
    >>> grouped("JBSWY3DPEHPK3PXP")
    'JBSW Y3DP EHPK 3PXP'
    """
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def bare(code: str) -> str:
    """A code without the gap that some authenticators show in the middle."""
    return "".join(code.split())


def is_code(text: str) -> bool:
    """Whether it looks as an authenticator's code does."""
    return CODE.fullmatch(bare(text)) is not None


def present_step() -> int:
    return int(time.time()) // PERIOD_S


def step_of(secret: str, code: str) -> int | None:
    """The time step near the present one that a code belongs to, or None. Constant in time."""
    typed, here = bare(code).encode(errors="replace"), present_step()
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD_S)
    found = None
    for step in range(here - WINDOW, here + WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed):
            found = step
    return found


def picture(secret: str, account: str) -> str:
    """A QR code for an authenticator: PNG in Base64."""
    import qrcode  # draws with Pillow, which few requests need

    totp = pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD_S)
    address = totp.provisioning_uri(name=account, issuer_name=ISSUER)
    file = io.BytesIO()
    qrcode.make(address, box_size=5, border=4).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
