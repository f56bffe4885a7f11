#!/bin/sh
# A private PostgreSQL from Debian's packages, for tests: a data directory of its own, a Unix socket, no network.
# Prints the address to connect to, keeps running until its standard input ends, then removes everything.
# Ends with 3 if there is no PostgreSQL on this machine.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ]; then
  initdb=$(command -v initdb || true)
  [ -n "$initdb" ] || exit 3
  bin=$(dirname "$initdb")
fi
[ -x "$bin/initdb" ] || exit 3

# The directory is short: a socket's path has a hundred characters at most.
dir=$(mktemp -d /tmp/tsumugi-pg.XXXXXX)
as=""
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL does not run as root; the package has made a user for it.
  chown postgres "$dir"
  as="runuser -u postgres --"
fi
cd "$dir"
$as "$bin/initdb" -D "$dir/data" -U tsumugi -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 ||
  { cat "$dir/log" >&2; rm -rf "$dir"; exit 1; }
# What is tested is what is committed, not what a disk keeps.
$as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -s -o "-c listen_addresses='' -c unix_socket_directories='$dir' \
  -c fsync=${TSUMUGI_TEST_FSYNC:-off} -c max_connections=300 -c shared_buffers=64MB" start </dev/null >/dev/null 2>&1 ||
  { cat "$dir/data/server.log" >&2; rm -rf "$dir"; exit 1; }
chmod 755 "$dir"
echo "host=$dir user=tsumugi dbname=postgres"
cat >/dev/null
$as "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true
cd /
rm -rf "$dir"
