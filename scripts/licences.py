"""Write ``docs/third-party-licences.md``, or with ``--check`` see that it is current.

It lists what an installation of the program brings with it, and the files of others
that lie in the repository. Packages that only the tests need are not handed on.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from scripts.closure import ROOT, listed, needed, public_version

PAGE = ROOT / "docs" / "third-party-licences.md"
# Families that may be used and handed on beside this program. Another one needs a decision.
ACCEPTED = (
    *("MIT", "BSD", "Apache", "ISC", "PSF", "Python Software Foundation", "MPL", "Mozilla"),
    *("Unlicense", "HPND", "CMU", "LGPL", "Lesser General", "0BSD", "Zlib", "CC0", "OFL", "Public"),
)


@dataclass(frozen=True)
class Bundled:
    """Files of others in the repository."""

    path: str  # below assets/
    name: str
    licence: str
    url: str


BUNDLED = (
    Bundled("a_bootstrap.min.css", "Bootstrap", "MIT", "https://getbootstrap.com/"),
    Bundled(
        "a_bootstrap-icons.min.css", "Bootstrap Icons", "MIT", "https://icons.getbootstrap.com/"
    ),
    Bundled("fonts/", "Bootstrap Icons", "MIT", "https://icons.getbootstrap.com/"),
)
# Licences that a package has in a file but does not name in its metadata; read there.
READ_IN_FILE = {"skops": "MIT", "torchao": "BSD-3-Clause"}
ASSETS = ROOT / "assets"
# Beginnings of our own files carry no such line; those of others do.
FOREIGN = re.compile(r"/\*!|licen[sc]e|copyright", re.IGNORECASE)
HEAD = """# Third-party licences

Written by `make licences`; `make check` sees that it is current.

## Packages

What `requirements.txt` installs, directly (●) or through another package. The builds of PyTorch
for graphics cards bring NVIDIA's libraries under NVIDIA's terms; the build for processors does not.

| package | version | direct | licence | home |
|---|---|---|---|---|
"""
FILES = """
## Files in this repository

| files | from | licence | home |
|---|---|---|---|
"""


def page() -> str:
    direct = {canonicalize_name(requirement.name) for requirement in listed("requirements.txt")}
    packages = needed("requirements.txt")
    told = licences_of(list(packages))
    rows = [
        f"| {name} | {public_version(package)} | {'●' if name in direct else ''} "
        f"| {told[name]['License']} | {told[name]['URL']} |\n"
        for name, package in packages.items()
    ]
    files = [f"| `assets/{b.path}` | {b.name} | {b.licence} | {b.url} |\n" for b in BUNDLED]
    return HEAD + "".join(rows) + FILES + "".join(files)


def licences_of(names: list[str]) -> dict[str, dict[str, str]]:
    """Licence and address of each package, as its own metadata says."""
    command = ["-m", "piplicenses", "--from=mixed", "--format=json", "--with-urls", "--with-system"]
    done = subprocess.run(
        [sys.executable, *command, "--packages", *names],
        check=True,
        capture_output=True,
        text=True,
    )
    rows: list[dict[str, str]] = json.loads(done.stdout)
    found = {str(canonicalize_name(row["Name"])): _in_one_line(row) for row in rows}
    for name in READ_IN_FILE.keys() & found.keys():
        found[name]["License"] = READ_IN_FILE[name]
    return found


def not_accepted(names: list[str]) -> list[str]:
    """Packages whose licence is not of a family that may be used."""
    return [
        f"{name}: {row['License']}"
        for name, row in licences_of(names).items()
        if not any(family in row["License"] for family in ACCEPTED)
    ]


def not_listed(folder: Path = ASSETS) -> list[str]:
    """Files of others, known by their head, that no entry of :data:`BUNDLED` covers."""
    covered = tuple(bundled.path for bundled in BUNDLED)
    files = [path for path in folder.rglob("*") if path.is_file() and "LICENSE" not in path.name]
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return [n for n, path in names.items() if not n.startswith(covered) and _is_foreign(path)]


def problems() -> list[str]:
    """What is wrong, in sentences."""
    found = [
        f"The licence is not accepted: {text}"
        for text in not_accepted([*needed("requirements.txt")])
    ]
    found += [f"The file is not in scripts/licences.py: {path}" for path in not_listed()]
    found += [f"There is no assets/{b.path}" for b in BUNDLED if not (ASSETS / b.path).exists()]
    if not PAGE.exists() or PAGE.read_text() != page():
        found.append(f"{PAGE.relative_to(ROOT)} is not current: run “make licences”.")
    return found


def _is_foreign(path: Path) -> bool:
    """Whether the first lines name a licence; fonts and the like are nobody's of us."""
    if path.suffix not in (".css", ".js", ".svg"):
        return True
    return bool(FOREIGN.search(path.read_text(errors="replace")[:300]))


def _in_one_line(row: dict[str, str]) -> dict[str, str]:
    """Some packages put the whole text of the licence where its name belongs."""
    first = next((line for line in row["License"].splitlines() if line.strip()), "")
    url = "" if row["URL"] == "UNKNOWN" else row["URL"]
    return {**row, "License": first.strip().replace("|", "/")[:80], "URL": url}


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        PAGE.write_text(page())
        return 0
    found = problems()
    sys.stderr.write("".join(f"{problem}\n" for problem in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
