"""All figures that part 9 of the roadmap promised, measured in one command."""

from __future__ import annotations

import sys

from benchmarks.suite import PARTS, main

if __name__ == "__main__":
    sys.exit(main(PARTS[9], sys.argv[1:]))
