"""A message for a workflow of Microsoft Teams, which posts an Adaptive Card.

Sources: learn.microsoft.com, "Create and send messages" (the card as an attachment of a message;
workflows take Adaptive Cards only) and "Create Incoming Webhooks" (a message has at most 28 KB);
adaptivecards.io, "Text features" (the part of Markdown that text blocks and facts read).
"""

from __future__ import annotations

import json
import re
from typing import Any

from services.webhooks.messages import Message, shortened

# Of 28 KB; the rest is for what Teams puts around.
MOST_BYTES = 24 * 1024
MOST_TITLE, MOST_TEXT, MOST_FACT = 200, 3000, 300
_MARKDOWN = re.compile(r"([\\`*_\[\]~])")


def body_of(message: Message) -> bytes:
    """The card; the text is halved until the whole is small enough, which four bytes of each
    letter may need."""
    most = MOST_TEXT
    body = _encoded(message, most)
    while len(body) > MOST_BYTES and most > 1:
        most //= 2
        body = _encoded(message, most)
    return body


def plain(text: str) -> str:
    """The text so that no Markdown is read in it.

    Examples
    --------
    >>> plain("[a](b) *c*")
    '\\\\[a\\\\](b) \\\\*c\\\\*'
    """
    return _MARKDOWN.sub(r"\\\1", text)


def _encoded(message: Message, most: int) -> bytes:
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": _body(message, most),
    }
    if message.link:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "Open in Rotorscope", "url": message.link}
        ]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode()


def _body(message: Message, most: int) -> list[dict[str, Any]]:
    blocks = [_block(shortened(message.title, MOST_TITLE), size="Large", weight="Bolder")]
    if message.text:
        blocks.append(_block(shortened(message.text, most)))
    facts = [
        {"title": plain(shortened(name, 60)), "value": plain(shortened(value, MOST_FACT))}
        for name, value in message.facts
    ]
    if facts:
        blocks.append({"type": "FactSet", "facts": facts})
    at = f"{message.event_type} · {message.at:%Y-%m-%d %H:%M} UTC"
    blocks.append(_block(at, size="Small", isSubtle=True))
    return blocks


def _block(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": plain(text), "wrap": True, **more}
