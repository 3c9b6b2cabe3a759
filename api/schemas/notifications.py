"""Notices and the choice of channels over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.schemas.paging import Paging
from models import MailChoice


class NoticeQuery(Paging):
    """``type`` is that of the events, such as ``training.complete``."""

    unread: bool = False
    type: str | None = Field(None, max_length=80)


class NoticeOut(BaseModel):
    id: int
    type: str
    level: str
    text: str
    link: str | None
    created_at: datetime
    is_read: bool


class NoticeList(BaseModel):
    """``unread`` counts all that are unread, whatever was asked for."""

    items: list[NoticeOut]
    total: int
    unread: int


class UnreadOut(BaseModel):
    unread: int


class MarkedOut(BaseModel):
    marked: int


class TakenOut(BaseModel):
    """``taken``: this was the first to ask, and shows the toast."""

    taken: bool


class PreferenceOut(BaseModel):
    event_type: str
    title: str
    group: str
    toast: bool
    in_app: bool
    email: MailChoice
    webhooks: bool


class PreferenceList(BaseModel):
    items: list[PreferenceOut]


class SwitchIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event_type: str = Field(max_length=80)
    channel: Literal["toast", "in_app", "webhooks"]
    value: StrictBool


class MailIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event_type: str = Field(max_length=80)
    channel: Literal["email"]
    value: MailChoice


class PreferencesIn(BaseModel):
    """Choices that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid")

    choices: list[Annotated[SwitchIn | MailIn, Field(discriminator="channel")]] = Field(
        min_length=1, max_length=400
    )
