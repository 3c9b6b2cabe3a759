"""The state of the jobs as open tabs poll it."""

from __future__ import annotations

from pydantic import BaseModel

from api.schemas.jobs import JobBrief


class PulseOut(BaseModel):
    jobs: list[JobBrief]
    unread: int
    user_id: int
    troubles: list[str]  # what does not work at the moment, in sentences
