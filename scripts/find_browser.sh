#!/bin/sh
# See that the browser tests have Chromium and its driver; install them where that is possible.
set -eu
has() { command -v "$1" >/dev/null 2>&1; }
complete() { has chromedriver && { has chromium || has chromium-browser || has google-chrome; }; }

complete && exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
    echo "Installing chromium and chromium-driver for the browser tests."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null
    complete && exit 0
fi
echo "The browser tests need Chromium and its driver. On Debian or Ubuntu:" >&2
echo "    apt install chromium chromium-driver" >&2
echo "To run only the other tests: make test T='tests --ignore=tests/browser'" >&2
case "${T:-}" in *--ignore=tests/browser*) exit 0 ;; esac
exit 1
