from __future__ import annotations

import json
import re

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks import settings_keys
from services.api_key_service import APIKeyService
from services.api_keys import scopes, secrets

KEY = re.compile(r"sk_(?:live|test)_[\w-]{49}")


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def make(name="press line", scopes=("jobs:read",), life="30", limit=500, ended=False):
    return settings_keys.make_key(1, name, "live", limit, life, list(scopes), ended)


def table(ended=False) -> str:
    return text(settings_keys.show_keys("", ended))


def test_without_keys_the_page_says_what_to_do(analyst):
    assert "Make it above" in table()


def test_all_scopes_are_offered_and_those_that_read_are_chosen(analyst):
    options, chosen = settings_keys.offer_scopes("")
    assert [one["value"] for one in options] == list(scopes.ALL)
    assert chosen == list(scopes.DEFAULT)


def test_a_key_is_shown_once(analyst):
    answer, shown, name = make()
    (key,) = KEY.findall(text(answer))
    assert APIKeyService.verify_key(key) is not None
    assert name == ""
    assert "press line" in text(shown)
    assert KEY.search(text(shown) + table()) is None
    assert f"{secrets.prefix_of(key)}…" in table()


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"limit": None}, {"limit": 10**9}, {"scopes": ()}]
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(analyst, wrong):
    answer, shown, name = make(**wrong)
    assert "alert-warning" in text(answer)
    assert (shown, name) == (settings_keys.no_update, settings_keys.no_update)
    assert APIKeyService.list_user_keys(analyst.user_id) == []


def test_rotate_shows_the_new_key_and_until_when_the_old_one_is_good(analyst):
    make()
    (old,) = APIKeyService.list_user_keys(analyst.user_id)
    chosen = {"verb": "rotate", "id": old.id, "name": old.name}
    answer, shown = settings_keys.act(1, chosen, "1", False)
    assert len(KEY.findall(text(answer))) == 1
    assert "The old one is good until" in re.sub(r'["\[\],]', "", text(answer))
    assert text(shown).count("Rotate") == 1  # the old one cannot be rotated again
    assert text(shown).count('"Revoke"') == 2


def test_revoked_keys_are_shown_when_asked_for(analyst, monkeypatch):
    told = []
    monkeypatch.setattr(settings_keys, "tell", told.append)
    make()
    (key,) = APIKeyService.list_user_keys(analyst.user_id)
    settings_keys.act(1, {"verb": "revoke", "id": key.id, "name": key.name}, "24", False)
    assert told == ["The key “press line” is revoked."]
    assert "press line" not in table()
    assert "revoked" in table(ended=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (scopes.ALL, "everything"),
        (scopes.DEFAULT, "read everything but audit, keys and webhooks"),
        (("jobs:read", "tags:write"), "tags:write, jobs:read"),
    ],
)
def test_what_a_key_may_is_told_in_few_words(analyst, given, words):
    make(scopes=given)
    assert f'"{words}"' in table()


def test_nothing_happens_before_a_click(analyst):
    assert make_nothing() == (settings_keys.no_update,) * 3
    assert settings_keys.act(None, {}, "24", False) == (settings_keys.no_update,) * 2


def make_nothing():
    return settings_keys.make_key(None, "a", "live", 1, "", [], False)
