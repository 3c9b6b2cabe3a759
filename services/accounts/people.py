"""People behind what events keep of them, such as ``user:3``."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import User
from services.text_search import contains

PREFIX = "user:"
MOST_PEOPLE = 500


def names_of(session: Session, kept: Iterable[str]) -> dict[str, str]:
    """The names of the people among them, by what is kept."""
    numbers = {text.removeprefix(PREFIX) for text in kept if text.startswith(PREFIX)}
    known = [int(number) for number in numbers if number.isdecimal()]
    rows = session.execute(select(User.id, User.name).where(User.id.in_(known)))
    return {f"{PREFIX}{user_id}": name for user_id, name in rows}


def numbers_like(session: Session, text: str) -> list[int]:
    """The numbers of people whose name, or name shown, holds a text."""
    wanted = select(User.id).where(or_(contains(User.name, text), contains(User.shown_name, text)))
    return list(session.scalars(wanted.order_by(User.id).limit(MOST_PEOPLE)))
