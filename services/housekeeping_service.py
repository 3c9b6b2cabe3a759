"""Take away what nobody needs any more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from models import AccountLink, LoginAttempt, Notice, UserSession
from models.base import now
from services import actor
from services.datasets.recording_store import delete_orphans
from services.explanation_cache import ExplanationCache
from services.runtime import unit_of_work
from services.upload_service import UploadService

KEEP_SESSIONS = timedelta(days=30)
KEEP_ATTEMPTS = timedelta(days=180)
KEEP_NOTICES = timedelta(days=90)


class HousekeepingService:
    """Delete rows that are past their use."""

    @staticmethod
    def clean_up() -> dict[str, int]:
        """How many rows of each kind went."""
        actor.admin()
        moment = now()
        old = {
            "sessions": delete(UserSession).where(UserSession.expires_at < moment - KEEP_SESSIONS),
            "links": delete(AccountLink).where(AccountLink.expires_at < moment - KEEP_SESSIONS),
            "sign-in attempts": delete(LoginAttempt).where(
                LoginAttempt.created_at < moment - KEEP_ATTEMPTS
            ),
            "notices": delete(Notice).where(
                Notice.created_at < moment - KEEP_NOTICES, Notice.read_at.is_not(None)
            ),
        }
        with unit_of_work() as session:
            gone = {
                name: len(session.scalars(rows.returning(rows.table.c.id)).all())
                for name, rows in old.items()
            }
        return {
            **gone,
            "uploads": UploadService.delete_old(),
            "explanations": ExplanationCache.clear_old_explanations(),
            "stored files without a recording": delete_orphans(),
        }
