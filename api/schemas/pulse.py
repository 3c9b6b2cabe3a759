"""The state of the jobs as open tabs poll it."""

from __future__ import annotations

from pydantic import BaseModel

from api.schemas.jobs import JobBrief


class ToastOut(BaseModel):
    """``id`` is that of the notice; a tab takes it before it shows it."""

    id: int
    level: str
    text: str
    link: str | None


class PulseOut(BaseModel):
    jobs: list[JobBrief]
    unread: int
    toasts: list[ToastOut]
    user_id: int
    troubles: list[str]  # what does not work at the moment, in sentences
