"""Mail over real servers: SMTP of aiosmtpd, and an HTTP server that speaks as SendGrid does."""

from __future__ import annotations

import json

import pytest

from services.email_provider import EmailProviderFactory, SendGridProvider, SMTPProvider
from services.errors import Invalid
from tests.mailbox import HOST, make_certificate, sendgrid_server, smtp_server

ANNA = "anna@example.com"
MAIL = (ANNA, "Clean up failed", "<p>Clean <b>up</b> failed ½</p>", "Clean up failed ½")
FROM = ("rotorscope@example.com", "Rotorscope ½")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def plain(port: int, **given) -> SMTPProvider:
    return SMTPProvider(HOST, port, "", "", *FROM, security="none", **given)


def test_smtp_delivers_both_forms_and_every_letter():
    with smtp_server() as box:
        sent = plain(box.port).send(*MAIL, headers={"Message-ID": "<1@example.com>"})
    assert (sent["success"], sent["message_id"], sent["error"]) == (True, "<1@example.com>", None)
    (mail,) = box.mails
    assert (box.to, mail["To"], mail["Subject"]) == ([ANNA], ANNA, "Clean up failed")
    assert mail["From"] == "Rotorscope ½ <rotorscope@example.com>"
    assert mail.get_body(["plain"]).get_content().strip() == MAIL[3]
    assert mail.get_body(["html"]).get_content().strip() == MAIL[2]
    assert mail["Date"].datetime.tzinfo is not None


def test_smtp_encrypts_and_signs_in(certificate):
    with smtp_server(certificate=certificate, login="anna") as box:
        given = {"security": "starttls", "ca_file": str(certificate)}
        assert SMTPProvider(HOST, box.port, "anna", "x", *FROM, **given).send(*MAIL)["success"]
        refused = SMTPProvider(HOST, box.port, "bert", "x", *FROM, **given).send(*MAIL)
    assert box.encrypted == [True]
    assert refused["is_away"]
    assert "535" in refused["error"]


def test_smtp_believes_no_certificate_that_it_does_not_know(certificate):
    with smtp_server(certificate=certificate) as box:
        sent = SMTPProvider(HOST, box.port, "", "", *FROM).send(*MAIL)
    assert (sent["success"], sent["is_away"], box.mails) == (False, True, [])
    assert "certificate" in sent["error"]


def test_smtp_sends_nothing_in_the_clear_where_the_server_cannot_encrypt():
    with smtp_server() as box:
        sent = SMTPProvider(HOST, box.port, "", "", *FROM).send(*MAIL)
    assert (sent["success"], sent["is_away"], box.mails) == (False, True, [])


@pytest.mark.parametrize(
    ("answer", "is_final"), [("451 try later", False), ("552 too large for us", True)]
)
def test_smtp_tells_a_refusal_for_now_from_one_for_good(answer, is_final):
    with smtp_server() as box:
        box.answers = [answer]
        sent = plain(box.port).send(*MAIL)
    assert (sent["success"], sent["is_final"], sent["is_away"]) == (False, is_final, False)
    assert sent["error"] == answer


def test_smtp_server_that_is_away_is_away():
    with smtp_server() as box:
        port = box.port
    sent = plain(port, timeout_s=2).send(*MAIL)
    assert (sent["success"], sent["is_away"], sent["is_final"]) == (False, True, False)


@pytest.mark.parametrize(
    "to",
    [
        "anna@example.com\nBcc: all@example.com",
        "anna@example.com\r\n\r\nbody",
        "a, b@x.com",
        "anna",
    ],
)
def test_no_address_brings_a_header_of_its_own(to):
    with smtp_server() as box:
        sent = plain(box.port).send(to, *MAIL[1:])
    assert (sent["success"], sent["is_final"], box.mails) == (False, True, [])


def test_no_subject_name_or_header_brings_a_header_of_its_own():
    with smtp_server() as box:
        assert plain(box.port).send(ANNA, "Hello\r\nBcc: all@example.com", *MAIL[2:])["success"]
        name = {"from_name": "Anna\nBcc: all@example.com"}
        assert not plain(box.port).send(*MAIL, **name)["success"]
        header = {"headers": {"X-About": "a\nBcc: all@example.com"}}
        assert not plain(box.port).send(*MAIL, **header)["success"]
    (mail,) = box.mails
    assert (mail["Subject"], mail["Bcc"]) == ("Hello Bcc: all@example.com", None)


def test_sendgrid_gets_what_its_api_asks_for():
    with sendgrid_server() as grid:
        provider = SendGridProvider("SG.key", *FROM, base_url=grid.url)
        sent = provider.send(*MAIL, headers={"List-Unsubscribe": "<https://example.com/u>"})
    assert (sent["success"], sent["message_id"]) == (True, "from-the-api")
    ((verb, path, body),) = grid.requests
    assert (verb, path, grid.keys) == ("POST", "/v3/mail/send", ["Bearer SG.key"])
    assert body["personalizations"] == [{"to": [{"email": ANNA}]}]
    assert body["from"] == {"email": FROM[0], "name": FROM[1]}
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["headers"] == {"List-Unsubscribe": "<https://example.com/u>"}


@pytest.mark.parametrize(
    ("status", "is_final", "is_away"),
    [
        (400, True, False),
        (401, False, True),
        (413, True, False),
        (429, False, True),
        (503, False, True),
    ],
)
def test_sendgrid_refuses_one_mail_or_all(status, is_final, is_away):
    with sendgrid_server() as grid:
        grid.answers = [(status, {"errors": [{"message": "No."}]})]
        sent = SendGridProvider("SG.key", *FROM, base_url=grid.url).send(*MAIL)
    assert (sent["success"], sent["is_final"], sent["is_away"]) == (False, is_final, is_away)
    assert sent["error"] == f"SendGrid answered {status}: No."
    assert "SG.key" not in json.dumps(sent)


def test_status_of_a_message_is_what_the_provider_says_of_it():
    with sendgrid_server() as grid:
        provider = SendGridProvider("SG.key", *FROM, base_url=grid.url)
        grid.answers = [(200, {"status": "delivered"}), (403, {}), (200, {})]
        found = [provider.get_message_status("a/b") for _ in range(3)]
    assert found == ["delivered", "unknown", "unknown"]
    assert grid.requests[0][1] == "/v3/messages/a%2Fb"
    assert plain(1).get_message_status("<1@example.com>") == "unknown"
    assert provider.get_message_status("x") == "unknown"  # the server is gone


def test_factory_makes_what_it_knows():
    config = {"api_key": "x", "default_from_email": FROM[0]}
    assert isinstance(EmailProviderFactory.create_provider("sendgrid", config), SendGridProvider)
    with pytest.raises(Invalid, match="no mail provider “pigeon”; there are sendgrid and smtp"):
        EmailProviderFactory.create_provider("pigeon", {})
    with pytest.raises(Invalid, match="not set up well"):
        EmailProviderFactory.create_provider("smtp", {"smtp_host": "x"})
