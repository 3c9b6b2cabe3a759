from __future__ import annotations

from callbacks.guide import show_topic


def test_the_topic_stands_beside_the_others(web, analyst):
    topics, text = show_topic("leaks")
    assert "Leaks" in str(text)
    here = [one for one in str(topics).split("Li(") if "aria-current" in one]
    assert len(here) == 1
    assert "/guide?topic=leaks" in here[0]


def test_a_mistyped_topic_leads_back(web, analyst):
    topics, text = show_topic("leeks")
    assert "No such topic" in str(text)
    assert "aria-current" not in str(topics)
