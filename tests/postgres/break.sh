#!/bin/sh
# Breaks a server that tests/postgres/private.sh started, whose directory is DIR, and brings it back.
#   break.sh children DIR   kills every process of it but the first, which begins anew by itself
#   break.sh stop DIR       ends all of it at once, as a machine does that fails
#   break.sh start DIR      starts it again, as it was started
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
as=""
[ "$(id -u)" != 0 ] || as="runuser -u postgres --"
cd "$2"

case $1 in
children)
  first=$(head -n 1 data/postmaster.pid)
  for status in $(grep -ls "^PPid:[[:space:]]*$first$" /proc/[0-9]*/status); do
    child=${status#/proc/}
    # One may have ended meanwhile.
    kill -9 "${child%/status}" 2>/dev/null || true
  done
  ;;
stop) $as "$bin/pg_ctl" -D data -m immediate -s stop ;;
# With nothing running, a restart is a start with the options of before.
start) $as "$bin/pg_ctl" -D data -l data/server.log -w -s restart </dev/null >/dev/null 2>&1 ;;
esac
