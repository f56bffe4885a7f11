#!/bin/sh
# A private PostgreSQL from Debian's packages, for tests: a data directory of its own, a Unix socket, no network.
# Prints the address to connect to, keeps running until its standard input ends, then removes everything.
# With TSUMUGI_TEST_TLS it listens on 127.0.0.1 too, over TLS alone, with a certificate in the name of localhost whose
# root stands in the address; then it needs openssl. With TSUMUGI_TEST_ARCHIVE it archives what it writes. Ends with 3 if there is no PostgreSQL on this machine.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ]; then
  initdb=$(command -v initdb || true)
  [ -n "$initdb" ] || exit 3
  bin=$(dirname "$initdb")
fi
[ -x "$bin/initdb" ] || exit 3
[ -z "${TSUMUGI_TEST_TLS:-}" ] || command -v openssl >/dev/null || exit 3

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
listen="-c listen_addresses=''"
address="host=$dir"
if [ -n "${TSUMUGI_TEST_TLS:-}" ]; then
  port=$((20000 + $$ % 30000))
  # A root, and a certificate of it for the server.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=test root" \
    -keyout root.key -out root.crt >>log 2>&1
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
    -keyout server.key -out server.csr >>log 2>&1
  echo "subjectAltName=DNS:localhost" >server.ext
  openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 -extfile server.ext \
    -out server.crt >>log 2>&1
  chmod 600 server.key
  chmod 644 root.crt
  [ -z "$as" ] || chown postgres server.key server.crt
  echo "hostssl all all 127.0.0.1/32 trust" >data/pg_hba.conf
  listen="-c listen_addresses=127.0.0.1 -c port=$port -c ssl=on -c ssl_cert_file=$dir/server.crt -c ssl_key_file=$dir/server.key"
  address="host=localhost hostaddr=127.0.0.1 port=$port sslrootcert=$dir/root.crt"
fi
if [ -n "${TSUMUGI_TEST_ARCHIVE:-}" ]; then
  mkdir "$dir/archive"
  [ -z "$as" ] || chown postgres "$dir/archive"
  printf "archive_mode = on\narchive_command = 'cp %%p %s/archive/%%f'\n" "$dir" >>"$dir/data/postgresql.auto.conf"
fi
# What is tested is what is committed, not what a disk keeps.
$as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -s -o "$listen -c unix_socket_directories='$dir' \
  -c fsync=${TSUMUGI_TEST_FSYNC:-off} -c max_connections=300 -c shared_buffers=64MB" start </dev/null >/dev/null 2>&1 ||
  { cat "$dir/data/server.log" >&2; rm -rf "$dir"; exit 1; }
chmod 755 "$dir"
echo "$address user=tsumugi dbname=postgres"
cat >/dev/null
$as "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true
cd /
rm -rf "$dir"
