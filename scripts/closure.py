"""Which packages the program needs, directly or through others, as installed here."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
# Parts of PyTorch's build for graphics cards: NVIDIA's own, and only where that build is taken.
NOT_EVERYWHERE = ("nvidia-", "cuda-", "triton")


def needed(file: str) -> dict[str, Distribution]:
    """Installed packages that a requirements file asks for, by canonical name, with all theirs."""
    found: dict[str, Distribution] = {}
    wanted = [(requirement, frozenset(requirement.extras)) for requirement in listed(file)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement, extras = wanted.pop()
        name = canonicalize_name(requirement.name)
        if (name, extras) in seen or name.startswith(NOT_EVERYWHERE):
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system or Python
        inner = (Requirement(text) for text in found[name].requires or ())
        wanted += [(each, frozenset(each.extras)) for each in inner if _applies(each, extras)]
    return dict(sorted(found.items()))


def listed(file: str) -> list[Requirement]:
    """The requirements that a file names, with those of the files that it includes."""
    found = []
    for line in (ROOT / file).read_text().splitlines():
        if line.startswith("-r "):
            found += listed(line.removeprefix("-r ").strip())
        elif line.strip() and not line.startswith("#"):
            found.append(Requirement(line))
    return found


def public_version(package: Distribution) -> str:
    """The version without the local part, such as the ``+cpu`` of PyTorch."""
    return package.version.partition("+")[0]


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras))
