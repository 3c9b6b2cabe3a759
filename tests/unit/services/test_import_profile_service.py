from __future__ import annotations

import pytest

from services.actor import acting_as
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.import_profile_service import FORMAT, ImportProfileService

pytestmark = pytest.mark.database

CHOICES = {"profile": "plain", "sample_rate_hz": 25600, "unit": "g", "pattern": "{label}_*"}


@pytest.fixture
def profile_id(analyst):
    return ImportProfileService.create_profile(" Rig  7 ", {**CHOICES, "label": ""}, "the new rig")


def test_saved_read_changed_deleted(profile_id):
    (saved,) = ImportProfileService.list_profiles()
    assert ImportProfileService.list_profiles(-1) == []
    assert (saved["name"], saved["description"], saved["choices"]) == (
        "Rig 7",
        "the new rig",
        CHOICES,
    )
    assert ImportProfileService.find_profile("Rig 7")["id"] == profile_id
    changed = ImportProfileService.update_profile(profile_id, "Rig 8", {"unit": "V"}, "")
    assert (changed["name"], changed["choices"], changed["description"]) == (
        "Rig 8",
        {"unit": "V"},
        "",
    )
    ImportProfileService.delete_profile(profile_id)
    for gone in (
        lambda: ImportProfileService.get_profile(profile_id),
        lambda: ImportProfileService.find_profile("Rig 8"),
        lambda: ImportProfileService.delete_profile(profile_id),
    ):
        with pytest.raises(NotFound):
            gone()


def test_names_resolve_to_a_built_in_profile_and_values(profile_id):
    values = {key: value for key, value in CHOICES.items() if key != "profile"}
    assert ImportProfileService.resolve("Rig 7") == ("plain", values)
    assert ImportProfileService.resolve("cwru") == ("cwru", {})
    assert ImportProfileService.resolve("") == ("", {})
    with pytest.raises(Invalid, match="or a saved one, got “nonsense”"):
        ImportProfileService.resolve("nonsense")


@pytest.mark.parametrize("name", ["CWRU", "plain", "rig 7"])
def test_no_name_stands_for_two(profile_id, name):
    with pytest.raises(Conflict):
        ImportProfileService.create_profile(name, {})
    other = ImportProfileService.create_profile("other", {})
    with pytest.raises(Conflict):
        ImportProfileService.update_profile(other, name)


@pytest.mark.parametrize(
    ("name", "choices"),
    [("", {}), ("x" * 61, {}), ("a\nb\x00", {}), ("a", {"unit": "kg"}), ("a", {"colour": "red"}),
     ("a", {"profile": "Rig 7"}), ("a", []), ("a", {"channels": 7})],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(profile_id, name, choices):
    with pytest.raises(Invalid):
        ImportProfileService.create_profile(name, choices)


def test_everybody_reads_and_only_the_owner_or_an_admin_changes(profile_id, viewer, admin):
    with acting_as(viewer):
        assert ImportProfileService.get_profile(profile_id)["owner_name"]
        with pytest.raises(Forbidden):
            ImportProfileService.update_profile(profile_id, "mine")
    with acting_as(admin):
        ImportProfileService.delete_profile(profile_id)


def test_goes_through_a_document_to_another_site(profile_id):
    document = ImportProfileService.export_profile(profile_id)
    with pytest.raises(Conflict):
        ImportProfileService.load_profile(document)
    ImportProfileService.delete_profile(profile_id)
    assert ImportProfileService.load_profile(document) == "Rig 7"
    assert ImportProfileService.find_profile("Rig 7")["choices"] == CHOICES


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"format": "else"}, {"format": FORMAT, "name": ""},
     {"format": FORMAT, "name": "a", "colour": "red"},
     {"format": FORMAT, "name": "a", "choices": {"unit": "kg"}},
     {"format": FORMAT, "name": "a", "choices": "x"}],
)  # fmt: skip
def test_documents_of_something_else_are_refused(analyst, document):
    with pytest.raises(Invalid):
        ImportProfileService.load_profile(document)
    assert ImportProfileService.list_profiles() == []
