from __future__ import annotations

import json

import pytest

from api.sockets import messages
from services.errors import Invalid


def sent(value: float, name: str = "g", **more):
    return messages.sent({"type": "data", "data": {name: value}, **more})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "not JSON"),
        ("[1]", "type"),
        ('{"type": "odd"}', "auth, data, batch, ping"),
        ('{"type": ["data"]}', "type"),
        ('{"type": "ping", "more": 1}', "more"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_message_is_refused(text, said):
    with pytest.raises(Invalid, match=said):
        messages.read(text)


def test_points_are_named_when_they_cannot_be_taken():
    with pytest.raises(Invalid, match=r"^data\.g: must be a number"):
        sent("x")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="idempotency_key"):
        sent(1.0, idempotency_key=7)


def test_messages_that_fit_travel_together():
    waiting = [sent(1.0), sent(2.0), sent(3.0, "rpm"), sent(4.0)]
    taken, points = messages.joined(waiting)
    assert taken == waiting[:2]
    assert (points.names, list(points.values)) == (("g",), [1.0, 2.0])


def test_a_named_message_travels_alone():
    waiting = [sent(1.0, idempotency_key="a"), sent(2.0)]
    assert messages.joined(waiting)[0] == waiting[:1]
    assert messages.joined(waiting[::-1])[0] == waiting[1:]


def test_answers_name_the_message():
    assert json.loads(messages.ack(sent(1.0, id="x"), has_alert=True)) == {
        "type": "ack",
        "id": "x",
        "has_alert": True,
    }
    assert "sequence" not in json.loads(messages.alert({"id": "A", "sequence": 3}))["alert"]
    assert json.loads(messages.pong(None)) == {"type": "pong"}
    assert json.loads(messages.error("full", "wait", 3))["id"] == 3
