from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services import leases
from services.actor import WORKER, acting_as
from services.errors import Forbidden

LASTS, OVER = timedelta(minutes=1), timedelta(seconds=-1)

pytestmark = pytest.mark.database


@pytest.fixture
def worker(server):
    with acting_as(WORKER):
        yield server


def test_one_holds_it_and_prolongs_it(worker):
    assert leases.take("collector", LASTS, "a") == 1
    assert leases.take("collector", LASTS, "b") is None
    assert leases.take("collector", LASTS, "a") == 1
    assert leases.take("sender", LASTS, "b") == 1


def test_who_comes_after_one_that_is_over_or_given_back_has_another_fence(worker):
    assert leases.take("collector", OVER, "a") == 1
    assert leases.take("collector", LASTS, "b") == 2
    leases.give_back("collector", "a")
    assert leases.take("collector", LASTS, "a") is None
    leases.give_back("collector", "b")
    assert leases.take("collector", LASTS, "a") == 3


def test_only_one_of_many_that_begin_together_gets_it(worker):
    def take(number):
        with worker.app_context(), acting_as(WORKER):
            return leases.take("collector", LASTS, f"process {number}")

    with ThreadPoolExecutor(8) as pool:
        fences = list(pool.map(take, range(16)))
    assert sorted(fence for fence in fences if fence) == [1]


def test_a_process_has_a_name_of_its_own(worker):
    assert leases.take("collector", LASTS) == leases.take("collector", LASTS, leases.this_process())


def test_people_take_none(analyst):
    with pytest.raises(Forbidden, match="Only a worker"):
        leases.take("collector", LASTS)
    with pytest.raises(Forbidden, match="Only a worker"):
        leases.give_back("collector")
