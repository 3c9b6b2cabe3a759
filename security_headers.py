"""What every answer says about how browsers may use it."""

from __future__ import annotations

from collections.abc import Iterable

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# Of answers that are no page: nothing may be loaded for them.
NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
STRICT_TRANSPORT = "max-age=31536000"


def content_security_policy(script_hashes: Iterable[str] = ()) -> str:
    """Only our own scripts run; plotly and the grid write styles of their own."""
    scripts = " ".join(["'self'", *script_hashes])
    return (
        f"default-src 'self'; img-src 'self' data: blob:; script-src {scripts};"
        " style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self';"
        " form-action 'self'; frame-ancestors 'none'"
    )
