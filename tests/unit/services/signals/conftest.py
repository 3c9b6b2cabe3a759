from __future__ import annotations

import pytest

from services.runtime import unit_of_work
from tests import factories, striking


@pytest.fixture
def striking_id(analyst) -> int:
    """A recording of a bearing that strikes, at a known speed."""
    with unit_of_work() as session:
        speed = {"speed_rpm": striking.SHAFT_RPM, "speed_source": "file"}
        return factories.recording(session, striking.SIGNAL, **speed).id
