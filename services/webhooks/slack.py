"""A message for an incoming webhook of Slack, in Block Kit.

Sources: docs.slack.dev, "Header block" (text of 150 characters), "Section block" (text of 3000;
10 fields of 2000), "Blocks" (50 in a message), "Formatting message text" (``&``, ``<`` and ``>``
are what has to be escaped).
"""

from __future__ import annotations

import json
from typing import Any

from services.webhooks.messages import Message, shortened

MOST_HEADER, MOST_TEXT, MOST_FIELD, MOST_FIELDS = 150, 3000, 2000, 10
# Beyond what a person reads in a chat; far from the limit, which counts escapes too.
READABLE = 1500
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def body_of(message: Message) -> bytes:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(shortened(message.title, MOST_HEADER))}
    ]
    text = escaped(shortened(message.text, READABLE), MOST_TEXT)
    if text:
        blocks.append({"type": "section", "text": _marked(text)})
    fields = [_field(name, value) for name, value in message.facts[:MOST_FIELDS]]
    if fields:
        blocks.append({"type": "section", "fields": fields})
    blocks.append({"type": "context", "elements": [_marked(_origin(message))]})
    told = {"text": escaped(f"{message.title}. {message.text}", MOST_TEXT), "blocks": blocks}
    return json.dumps(told, ensure_ascii=False).encode()


def escaped(text: str, most: int) -> str:
    """The text so that Slack reads no mention and no link in it, cut between two characters.

    Examples
    --------
    >>> escaped("<!channel> & co", 40), escaped("a<b", 4)
    ('&lt;!channel&gt; &amp; co', 'a')
    """
    parts, length = [], 0
    for letter in text:
        part = ESCAPES.get(letter, letter)
        length += len(part)
        if length > most:
            break
        parts.append(part)
    return "".join(parts)


def _field(name: str, value: str) -> dict[str, Any]:
    return _marked(f"*{escaped(name, 100)}*\n{escaped(shortened(value, 300), MOST_FIELD - 110)}")


def _origin(message: Message) -> str:
    at = f"{message.event_type} · {message.at:%Y-%m-%d %H:%M} UTC"
    if not message.link:
        return escaped(at, MOST_TEXT)
    # A bar or a closing bracket would end the address.
    address = escaped(message.link, 2000).replace("|", "%7C")
    return f"{escaped(at, 300)} · <{address}|Open in Rotorscope>"


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _marked(text: str) -> dict[str, Any]:
    # Verbatim: names that look like channels or addresses stay words.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
