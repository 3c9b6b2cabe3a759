#!/bin/sh
# Print a Python that is new enough, or say which one is needed.
for name in "${PYTHON_FOR_VENV:-}" python3.11 python3.12 python3.13 python3 python; do
    [ -n "$name" ] || continue
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
found=$(python3 --version 2>/dev/null || echo "no python3")
echo "Rotorscope needs Python 3.11 or newer with its venv module; this machine has $found." >&2
echo "On Debian or Ubuntu: apt install python3 python3-venv. Another one: make PYTHON_FOR_VENV=/path/to/python3.12 run" >&2
exit 1
