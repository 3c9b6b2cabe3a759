from __future__ import annotations

import dataclasses
import json
import logging

import pytest
import structlog
from gunicorn.config import Config
from structlog.contextvars import bound_contextvars

import logging_setup
from settings import LOG_FORMATS


@pytest.fixture
def configure(settings):
    def configure(log_format: str = "json"):
        changed = dataclasses.replace(settings, log_format=log_format)
        logging_setup.configure(changed, "web")
        return changed

    return configure


def test_lines_of_libraries_have_what_is_bound(configure, capsys):
    configure()
    with bound_contextvars(request_id="r1", job_id=7):
        logging.getLogger("celery.worker").warning("Took %s s", 3)
        structlog.get_logger("ours").warning("Stored", recordings=2)
    theirs, ours = map(json.loads, capsys.readouterr().err.splitlines())
    assert theirs["event"] == "Took 3 s"
    assert (ours["event"], ours["recordings"]) == ("Stored", 2)
    for line in (theirs, ours):
        assert (line["request_id"], line["job_id"], line["process"]) == ("r1", 7, "web")
        assert (line["level"], line["timestamp"][-1]) == ("warning", "Z")


@pytest.mark.parametrize("log_format", LOG_FORMATS)
def test_secrets_are_covered_also_in_tracebacks(configure, capsys, log_format):
    settings = configure(log_format)
    try:
        raise ValueError(f"cannot reach {settings.valkey_url}")
    except ValueError:
        logging.getLogger("any").exception("With key %s", settings.secret_key)
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert logging_setup.HIDDEN in text
    assert settings.secret_key not in text
    assert settings.valkey_password not in text


def test_passwords_inside_addresses_are_secrets(settings):
    changed = dataclasses.replace(
        settings,
        database_url="postgresql://u:hidden@db/x",
        redis_url="",
        valkey_password="",
        encryption_keys=("sealing",),
        metrics_token="measured",
        source_databases={"plant": "postgresql://u:theirs@db/y"},
        mail=dataclasses.replace(settings.mail, smtp_password="posted", sendgrid_api_key="sent"),
    )
    named = {"hidden", "sealing", "measured", "theirs", "posted", "sent"}
    assert logging_setup.secrets_of(changed) == {*named, settings.secret_key}


def test_second_call_replaces_the_first(configure, capsys):
    configure("json")
    configure("console")
    logging.getLogger("any").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_gunicorn_writes_into_the_same_log(configure, capsys, monkeypatch):
    settings = configure()
    monkeypatch.setattr(logging_setup.Settings, "from_environment", lambda: settings)
    logger = logging_setup.GunicornLogger(Config())
    logger.warning("Listening at %s", "here")
    lines = capsys.readouterr().err.splitlines()
    assert json.loads(lines[0])["event"] == "Listening at here"
    assert len(lines) == 1
