"""Pin every package that the program and its tests need: writes ``constraints.txt``."""

from __future__ import annotations

from scripts.closure import ROOT, needed, public_version

HEAD = "# Written by `make lock`: the versions that the requirements bring with them.\n"


def constraints() -> str:
    packages = needed("requirements-dev.txt")
    lines = [f"{name}=={public_version(package)}\n" for name, package in packages.items()]
    return HEAD + "".join(lines)


if __name__ == "__main__":
    (ROOT / "constraints.txt").write_text(constraints())
