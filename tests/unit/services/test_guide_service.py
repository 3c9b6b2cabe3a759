from __future__ import annotations

import re

import pytest

from services.errors import NotFound
from services.guide_service import DOCS, FILES, GuideService


def test_every_text_of_the_guide_is_a_topic(analyst):
    there = [*(DOCS / "guide").glob("*.md"), *(DOCS / "how-to").glob("*.md")]
    assert set(FILES.values()) == set(there)
    topics = GuideService.list_topics()
    assert topics[0]["title"] == "From a recording to an explained diagnosis"
    assert all(one["title"] and "#" not in one["title"] for one in topics)


@pytest.mark.parametrize("name", FILES)
def test_every_link_leads_to_something(analyst, name):
    found = GuideService.read_topic(name, "/rig")
    assert f"# {found['title']}\n" not in found["markdown"]
    for address in re.findall(r"\]\(([^)]*)\)", found["markdown"]):
        if address.startswith("/rig/guide/images/"):
            assert GuideService.find_picture(address.rpartition("/")[2])
        elif not address.startswith("https://"):
            assert address.removeprefix("/rig/guide?topic=") in FILES


def test_links_to_what_the_pages_do_not_have_are_words(analyst):
    text = GuideService.read_topic("README")["markdown"]
    assert "copy `.env.example`" in re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", ["", "../roadmap", "pages.md", "Readme"])
def test_there_is_no_other_topic(analyst, name):
    with pytest.raises(NotFound):
        GuideService.read_topic(name)


@pytest.mark.parametrize("name", ["none.png", "../README.md", "..", "home-light-desk.png\n"])
def test_there_is_no_other_picture(analyst, name):
    with pytest.raises(NotFound):
        GuideService.find_picture(name)


def test_words_are_found_in_titles_first(analyst):
    found = [one["name"] for one in GuideService.find_topics(" Leaks ")]
    assert found[0] == "leaks"
    assert len(found) > 1
    assert GuideService.find_topics("no such word") == GuideService.find_topics(" ") == []
