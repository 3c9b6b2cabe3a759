"""Who is at the other end of a socket: asked in a thread, since it waits for the database."""

from __future__ import annotations

from dataclasses import dataclass

from models import Role
from services.actor import Actor, acting_as
from services.api_keys import scopes, secrets, windows
from services.api_keys.admission import admit
from services.errors import Forbidden, NotFound, ServiceError
from services.streaming_service import StreamingService

READ, WRITE = "anomaly:read", "anomaly:write"


@dataclass(frozen=True)
class Visitor:
    """A key that is good, and whether it may push into the session."""

    key: str
    prefix: str
    epoch: str | None  # how often the key had changed when it was looked at
    actor: Actor
    refusal: str  # why it may only listen; empty when it may push

    def check_may_push(self) -> None:
        if self.refusal:
            raise Forbidden(self.refusal)


def visitor_of(key: str, address: str, session_id: str) -> Visitor:
    """Whom a key belongs to.

    Raises
    ------
    Forbidden
        If the key is not good, or may not look at sessions.
    NotFound
        If there is no such session.
    """
    prefix = secrets.prefix_of(key) or ""
    epoch = windows.epoch(prefix)  # before the key: what ends meanwhile is seen at the next look
    admission = admit(key, address, counted=False)
    if admission is None:
        raise Forbidden("This key is not good.")
    found = admission.key
    scopes.require(READ, found.scopes)
    acting = Actor(found.user_id, found.role, found.scopes, "key", found.user_name, key_id=found.id)
    with acting_as(acting):
        session = StreamingService.get_session(session_id)
    refusal = _refusal(acting, session["owner_id"], reads_only=found.reads_only)
    return Visitor(key, prefix, epoch, acting, refusal)


def _refusal(acting: Actor, owner_id: int, *, reads_only: bool) -> str:
    if reads_only or WRITE not in acting.scopes:
        return f"This key may listen; to push points it needs the scope {WRITE} and be live."
    if acting.role is Role.VIEWER or (acting.role is not Role.ADMIN and acting.user_id != owner_id):
        return "Only the owner of the session or an admin may push points."
    return ""


__all__ = ["NotFound", "ServiceError", "Visitor", "visitor_of"]
