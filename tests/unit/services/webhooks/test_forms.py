from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from models import Provider
from models.base import now
from services.sealing import seal
from services.webhooks import slack, standard, teams
from services.webhooks.messages import message_of
from services.webhooks.requests import prepared
from tests import factories

HOSTILE = "<!channel> <https://evil.example|click> *bold* [a](https://evil.example) & `x` <b>"
AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def made(session, provider=Provider.WEBHOOK, webhook=None, **data):
    given = webhook or {}
    owned = factories.webhook(session, provider=provider, **given)
    event_type = data.pop("event_type", "training.failed")
    about = {"webhook_id": owned.id, "event_type": event_type, "occurred_at": AT}
    return owned, factories.delivery(session, **about, data=data)


def ours() -> str:
    return current_app.config["PUBLIC_URL"]


def message(session, **data):
    return message_of(*made(session, **data))


def test_a_message_says_what_the_event_says(server, session):
    server.config["PUBLIC_URL"] = "https://rotorscope.example"
    data = {
        "title": "A training failed",
        "text": "Train “fan” failed.",
        "link": "https://rotorscope.example/jobs?id=7",
        "details": {"title": "Train “fan”", "epochs": 3, "none": None, "list": [1], "empty": ""},
    }
    said = message(session, **data)
    assert (said.title, said.text) == ("A training failed", "Train “fan” failed.")
    assert said.facts == (("epochs", "3"),)  # the sentence says the title
    assert said.link == "https://rotorscope.example/jobs?id=7"
    named = message(session, webhook={"settings": {"label": "Plant 4"}}, **data)
    assert named.title == "Plant 4: A training failed"


@pytest.mark.parametrize(
    "link", ["https://evil.example/", "//evil.example", "/jobs", "javascript:alert(1)", 7, None]
)
def test_a_link_leads_to_our_pages_only(session, link):
    assert message(session, link=link).link == ""


def test_a_type_that_nobody_knows_is_told_by_its_name(session):
    said = message(session, event_type="gear.worn_out", details={"wear": 0.5})
    assert (said.title, said.text, said.facts) == ("Gear worn out", "", (("wear", "0.5"),))


def test_slack_reads_no_mention_and_no_link(session):
    body = json.loads(
        slack.body_of(message(session, title=HOSTILE, text=HOSTILE, details={"note": HOSTILE}))
    )
    texts = [body["text"]]
    for block in body["blocks"]:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        texts += [part["text"] for part in parts if part and part["type"] == "mrkdwn"]
    assert len(texts) >= 4
    assert not any("<" in text or ">" in text for text in texts)
    assert "&lt;!channel&gt;" in body["text"]
    link = f"{ours()}/jobs?a=1|2>3&b"
    linked = json.loads(slack.body_of(message(session, link=link)))
    (told,) = linked["blocks"][-1]["elements"]
    assert told["text"].endswith("/jobs?a=1%7C2&gt;3&amp;b|Open in Rotorscope>")


def test_slack_stays_within_its_limits(session):
    data = {f"field {number}": "<" * 5_000 for number in range(40)}
    body = json.loads(
        slack.body_of(message(session, title="<" * 9_000, text="<" * 9_000, details=data))
    )
    header, text, fields, _origin = body["blocks"]
    assert len(header["text"]["text"]) <= 150
    assert 0 < len(text["text"]["text"]) <= 3000
    assert len(fields["fields"]) == 10
    assert all(len(one["text"]) <= 2000 for one in fields["fields"])
    assert len(body["text"]) <= 3000
    assert len(body["blocks"]) <= 50
    assert not text["text"]["text"].removesuffix("&lt;").endswith("&")


def test_teams_reads_no_markdown(session):
    body = json.loads(
        teams.body_of(
            message(
                session, title="t", text=HOSTILE, details={"note": HOSTILE}, link=f"{ours()}/jobs"
            )
        )
    )
    (attachment,) = body["attachments"]
    assert (body["type"], attachment["contentType"]) == (
        "message",
        "application/vnd.microsoft.card.adaptive",
    )
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert "\\[a\\](https://evil.example)" in card["body"][1]["text"]
    assert "\\*bold\\*" in card["body"][2]["facts"][0]["value"]
    assert card["actions"][0]["url"].endswith("/jobs")


def test_teams_stays_within_its_limit(session):
    data = {f"field {number}" * 20: "軸受🦀" * 5_000 for number in range(40)}
    body = teams.body_of(message(session, title="🦀" * 9_000, text="*" * 9_000, details=data))
    assert len(body) <= 24 * 1024
    json.loads(body)


def test_what_is_sent_can_be_verified(session):
    secret = standard.new_secret()
    webhook, delivery = made(
        session, webhook={"sealed_secret": seal(secret)}, name="Größe 🦀", value=float("nan")
    )
    request = prepared(webhook, delivery)
    told = Verifier(secret).verify(request.body, request.headers)
    assert told == {
        "type": "training.failed",
        "timestamp": "2026-03-29T01:30:00Z",
        "data": {"name": "Größe 🦀", "value": None},
    }
    assert request.headers["webhook-id"] == delivery.message_id
    assert request.url == "https://127.0.0.1:9/hook"
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(request.body + b" ", request.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(standard.new_secret()).verify(request.body, request.headers)


def test_both_secrets_sign_until_the_old_ones_time_is_over(session):
    old, new = standard.new_secret(), standard.new_secret()
    given = {"sealed_secret": seal(new), "sealed_old_secret": seal(old)}
    later, earlier = now() + timedelta(minutes=1), now() - timedelta(minutes=1)
    webhook, delivery = made(session, webhook={**given, "old_secret_until": later})
    request = prepared(webhook, delivery)
    for secret in (old, new):
        Verifier(secret).verify(request.body, request.headers)
    webhook.old_secret_until = earlier
    request = prepared(webhook, delivery)
    Verifier(new).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(request.body, request.headers)


@pytest.mark.parametrize("provider", [Provider.SLACK, Provider.TEAMS])
def test_chats_are_not_signed(session, provider):
    request = prepared(*made(session, provider=provider, title="x"))
    assert set(request.headers) == {"Content-Type", "User-Agent"}
