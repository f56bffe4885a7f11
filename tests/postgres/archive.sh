#!/bin/sh
# The drill of a PostgreSQL archive, over a server that tests/postgres/private.sh started with TSUMUGI_TEST_ARCHIVE.
#   archive.sh base DIR           a base backup of the server in DIR, into DIR/base
#   archive.sh recover DIR TIME   a second server from that base and the archive, as it was at TIME; prints its address,
#                                 keeps running until its standard input ends
# docs/operate/backup.md does the same by hand.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
from=$2
as=""
[ "$(id -u)" != 0 ] || as="runuser -u postgres --"
cd "$from"

case $1 in
base)
  $as "$bin/pg_basebackup" -h "$from" -U tsumugi -D "$from/base" -c fast -X none --no-sync
  ;;
recover)
  dir=$(mktemp -d /tmp/tsumugi-pg.XXXXXX)
  [ -z "$as" ] || chown postgres "$dir"
  $as cp -r "$from/base" "$dir/data"
  $as sh -c "cat >>'$dir/data/postgresql.auto.conf'" <<CONF
restore_command = 'cp $from/archive/%f %p'
recovery_target_time = '$3'
recovery_target_action = 'promote'
archive_mode = 'off'
CONF
  $as touch "$dir/data/recovery.signal"
  $as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -s -o "-c listen_addresses='' \
    -c unix_socket_directories='$dir' -c fsync=off -c max_connections=300" start </dev/null >/dev/null 2>&1 ||
    { cat "$dir/data/server.log" >&2; rm -rf "$dir"; exit 1; }
  chmod 755 "$dir"
  # It answers before it has reached the moment; until then it only reads.
  until [ "$("$bin/psql" -h "$dir" -U tsumugi -d postgres -Atc 'SELECT pg_is_in_recovery()')" = f ]; do sleep 0.1; done
  echo "host=$dir user=tsumugi dbname=postgres"
  cat >/dev/null
  $as "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true
  cd /
  rm -rf "$dir"
  ;;
esac
