"""A sender that is killed while it sends: every mail arrives, and hardly one twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from models import Base, Lease, Mail, MailStatus
from models.base import now
from server import create_server
from services import runtime
from services.actor import WORKER, acting_as
from services.mail.sending import send_due
from services.runtime import unit_of_work
from settings import Settings
from tests import factories
from tests.mailbox import HOST, smtp_server
from tests.running import wait_for

ROOT = Path(__file__).parents[2]
COUNT = 40
KILLED_AFTER = (3, 9)
SEND = """
import sys
from server import create_server
from services.actor import WORKER, acting_as
from services.mail.sending import send_due
from settings import Settings
with create_server(Settings.from_environment()).app_context(), acting_as(WORKER):
    send_due()
"""


@pytest.fixture
def box():
    with smtp_server() as box:
        yield box


@pytest.fixture
def environment(tmp_path, box) -> dict[str, str]:
    return {
        "DATA_FOLDER": str(tmp_path),
        "SECRET_KEY": "for-tests",
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "rotorscope@example.com",
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(box.port),
        "SMTP_SECURITY": "none",
        "PATH": "/usr/bin:/bin",
    }


def test_every_mail_arrives_though_senders_are_killed(box, environment):
    with create_server(Settings.from_environment(environment)).app_context(), acting_as(WORKER):
        Base.metadata.create_all(runtime.engine())
        with unit_of_work() as session:
            user_id = factories.user(session).id
            ids = [
                factories.mail(session, user_id=user_id, event_id=number).message_id
                for number in range(COUNT)
            ]
        for arrived in KILLED_AFTER:
            kill_a_sender(box, environment, arrived)
            forget_the_dead()
        while send_due():
            pass
        forget_the_dead()
        while send_due():
            pass
        with unit_of_work(writing=False) as session:
            counted = select(Mail.status, func.count()).group_by(Mail.status)
            assert dict(session.execute(counted).all()) == {MailStatus.SENT: COUNT}
        runtime.engine().dispose()
    times = Counter(mail["Message-ID"] for mail in box.mails)
    assert set(times) == set(ids)
    # SMTP cannot promise more: the server took a mail, and nobody lived to note it.
    assert len(box.mails) - COUNT <= len(KILLED_AFTER)


def kill_a_sender(box, environment: dict[str, str], arrived: int) -> None:
    before = len(box.mails)
    with subprocess.Popen([sys.executable, "-c", SEND], env=environment, cwd=ROOT) as sender:
        wait_for(lambda: len(box.mails) - before >= arrived)
        sender.send_signal(signal.SIGKILL)
        assert sender.wait(30) == -signal.SIGKILL
    time.sleep(0.1)  # what the server had taken by then is noted


def forget_the_dead() -> None:
    """As if the minutes had gone by after which others go on: with its lease and its mail."""
    passed = now() - timedelta(seconds=1)
    with unit_of_work() as session:
        session.execute(update(Lease).values(until=passed))
        session.execute(
            update(Mail).where(Mail.status == MailStatus.WAITING).values(next_attempt_at=passed)
        )
