#!/bin/sh
# Run a command with its temporary files in memory, where there is room for them; they go when
# it ends. Tests wait for the disk longer than they compute.
set -eu
need=$((6 << 20)) # KiB
shared=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
memory=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo 2>/dev/null)
if [ "${shared:-0}" -lt $need ] || [ "${memory:-0}" -lt $((2 * need)) ]; then
    exec "$@"
fi
folder=$(mktemp -d /dev/shm/test.XXXXXX) # short: addresses of sockets end after 107 characters
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$folder" # for PostgreSQL, which does not run as root
TMPDIR=$folder "$@"
