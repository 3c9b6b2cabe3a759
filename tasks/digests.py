"""Writing digests, as a job that somebody asked for; the beat does it by itself."""

from __future__ import annotations

from diagnostics.progress import Progress, Report
from services.email_digest_service import EmailDigestService


def send_digests(report: Report) -> dict[str, int]:
    count = EmailDigestService.write_due()
    report(Progress("write digests", 1, 1, log=f"{count} digests wait for the sender of mail."))
    return {"digests": count}
