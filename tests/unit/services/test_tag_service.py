from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from models import Event, Experiment, ExperimentTag, ExperimentText, Tag
from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound
from services.runtime import unit_of_work
from services.search_service import SearchService
from services.tag_service import COLORS, TagService
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def three(analyst) -> list[int]:
    with unit_of_work() as session:
        given = {"owner_id": analyst.user_id}
        first = factories.experiment(session, **given)
        others = [
            factories.experiment(session, version_id=first.version_id, **given) for _ in range(2)
        ]
        return [first.id, *(one.id for one in others)]


def used() -> dict[str, int]:
    with unit_of_work(writing=False) as session:
        return {tag.name: tag.usage_count for tag in session.scalars(select(Tag))}


def test_a_tag_is_made_once_whatever_its_spelling(analyst):
    with unit_of_work() as session:
        first = TagService.create_or_get_tag(session, " Bearing  wear ")
        again = TagService.create_or_get_tag(session, "bearing-WEAR", "#123456")
        other = TagService.create_or_get_tag(session, "ball", "#ABCDEF")
    assert (first.id, first.name, first.slug) == (again.id, "Bearing wear", "bearing-wear")
    assert first.color in COLORS
    assert other.color == "#abcdef"
    assert TagService.slugify("Größe 2!") == "größe-2"


@pytest.mark.parametrize(
    ("name", "color", "told"),
    [
        ("", None, "letters or digits"),
        ("&", None, "letters or digits"),
        ("x" * 61, None, "at most 60"),
        ("a\u200b", None, "letters or digits"),
        ("a", "red", "written like #0072b2"),
    ],
)
def test_what_is_no_tag_is_refused(analyst, name, color, told):
    with unit_of_work() as session, pytest.raises(Invalid, match=told):
        TagService.create_or_get_tag(session, name, color)


def test_put_on_and_taken_off(three):
    with unit_of_work() as session:
        added = TagService.add_tag_to_experiment(session, three[0], "best")
        again = TagService.add_tag_to_experiment(session, three[0], "BEST")
        tag_id = added["tags"][0]["id"]
        assert (added["changed"], again["changed"]) == (True, False)
        assert [tag.name for tag in TagService.get_experiment_tags(session, three[0])] == ["best"]
    assert used() == {"best": 1}
    with unit_of_work() as session:
        removed = TagService.remove_tag_from_experiment(session, three[0], tag_id)
        again = TagService.remove_tag_from_experiment(session, three[0], tag_id)
        assert (removed["changed"], removed["tags"], again["changed"]) == (True, [], False)
    assert used() == {"best": 0}


def test_many_at_once_and_what_searches_find(three):
    with unit_of_work() as session:
        done = TagService.bulk_add_tags(session, three, ["best", "Größe 1", "best"])
        assert done == {"changed": 6, "experiments": 3}
    assert used() == {"best": 3, "Größe 1": 3}
    assert SearchService.find_experiments("tag:größe-1 grosse")["total_count"] == 3
    with unit_of_work() as session:
        tag_id = session.scalar(select(Tag.id).where(Tag.slug == "best"))
        done = TagService.bulk_remove_tags(session, three[:2], [tag_id, 10**6])
        assert done == {"changed": 2, "experiments": 2}
    assert [row["id"] for row in SearchService.find_experiments("tag:best")["results"]] == three[2:]
    with unit_of_work(writing=False) as session:
        kinds = session.scalars(select(Event.type).where(Event.object == f"experiment:{three[0]}"))
        assert {"experiment.tagged", "experiment.untagged"} <= set(kinds)
        entry = session.get_one(ExperimentText, three[0])
        assert entry.tag_words == "grosse 1"


def test_all_or_none(three, admin):
    with unit_of_work() as session:
        foreign = factories.experiment(session, owner_id=admin.user_id).id
    with unit_of_work(writing=False) as session:
        owner = session.get_one(Experiment, three[0]).owner_id
        person = factories.actor_of(session.get_one(factories.User, owner))
    with acting_as(person):
        with pytest.raises(Forbidden), unit_of_work() as session:
            TagService.bulk_add_tags(session, [*three, foreign], ["best"])
        with pytest.raises(NotFound, match="no experiment 999"), unit_of_work() as session:
            TagService.bulk_add_tags(session, [*three, 999], ["best"])
        with pytest.raises(Invalid, match="at least one experiment"), unit_of_work() as session:
            TagService.bulk_add_tags(session, [], ["best"])
        with pytest.raises(Invalid, match="1 to 50 tags"), unit_of_work() as session:
            TagService.bulk_add_tags(session, three, [])
        with pytest.raises(Forbidden, match="in the name of"), unit_of_work() as session:
            TagService.create_or_get_tag(session, "best", user_id=admin.user_id)
    assert used() == {}


def test_offered_by_use(three):
    with unit_of_work() as session:
        TagService.bulk_add_tags(session, three, ["pump"])
        TagService.bulk_add_tags(session, three[:1], ["old pump", "fan"])
        TagService.create_or_get_tag(session, "pump unused")
    with unit_of_work(writing=False) as session:

        def names(tags) -> list[str]:
            return [tag.name for tag in tags]

        assert names(TagService.suggest_tags(session, "pu")) == ["pump", "pump unused", "old pump"]
        assert names(TagService.suggest_tags(session, "pu", 1)) == ["pump"]
        assert names(TagService.suggest_tags(session, "%")) == []
        assert names(TagService.suggest_tags(session, ""))[0] == "pump"
        assert names(TagService.get_popular_tags(session)) == ["pump", "fan", "old pump"]
        assert names(TagService.get_popular_tags(session, min_usage=2)) == ["pump"]
        assert TagService.get_tag_statistics(session) == {
            "total_tags": 4,
            "used_tags": 3,
            "total_assignments": 5,
            "tagged_experiments": 3,
            "most_used": [
                {"name": "pump", "usage_count": 3},
                {"name": "fan", "usage_count": 1},
                {"name": "old pump", "usage_count": 1},
            ],
        }


def test_tags_go_with_an_experiment(three):
    with unit_of_work() as session:
        TagService.bulk_add_tags(session, three, ["best"])
        session.execute(delete(Experiment).where(Experiment.id == three[0]))
        assert session.scalars(select(ExperimentTag.experiment_id)).all() == three[1:]
