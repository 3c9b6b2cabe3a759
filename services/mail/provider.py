"""What every way of sending mail promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypedDict

UNKNOWN = "unknown"
FROM_NAME = "LSTM Dashboard"


class SentMail(TypedDict):
    """What became of one try.

    ``is_final``: another try would end the same way. ``is_away``: nothing can be sent at the
    moment, whatever it is.
    """

    success: bool
    message_id: str | None
    error: str | None
    is_final: bool
    is_away: bool


class EmailProvider(ABC):
    """Sends one mail at a time. ``name`` is what the log calls it."""

    name: str

    @abstractmethod
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
        """Hand a mail over; whether it was taken, or why not. It raises nothing for that."""

    @abstractmethod
    def get_message_status(self, message_id: str) -> str:
        """What became of a mail that was taken; ``unknown`` where nobody says."""


def taken(message_id: str) -> SentMail:
    return {
        "success": True,
        "message_id": message_id,
        "error": None,
        "is_final": True,
        "is_away": False,
    }


def refused(error: str, *, is_final: bool = False, is_away: bool = False) -> SentMail:
    return {
        "success": False,
        "message_id": None,
        "error": " ".join(error.split())[:500],
        "is_final": is_final,
        "is_away": is_away,
    }
