"""What the program brings with it: licences that fit, a list that is current, pinned versions."""

from __future__ import annotations

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import licences
from scripts.closure import ROOT, listed


def pins(file: str) -> dict[str, str]:
    lines = [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, lines)}


def test_licence_list_is_current_and_every_licence_is_accepted():
    assert licences.problems() == []


def test_file_of_others_without_an_entry_is_seen(tmp_path):
    (tmp_path / "theirs.js").write_text("/*! theirs v1 | MIT License */")
    (tmp_path / "ours.js").write_text("// Shows the curve.")
    assert licences.not_listed(tmp_path) == ["theirs.js"]


def test_every_requirement_is_pinned():
    for requirement in listed("requirements-dev.txt"):
        assert str(requirement.specifier).startswith("=="), requirement


def test_pins_of_the_lock_are_those_of_the_requirements():
    """Otherwise nothing can be installed: run ``make lock``."""
    locked = pins("constraints.txt")
    for requirement in listed("requirements-dev.txt"):
        assert locked.get(canonicalize_name(requirement.name)) == str(requirement.specifier)
