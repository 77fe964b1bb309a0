# shellcheck shell=bash
# To be sourced: a throw-away PostgreSQL 15 of Debian on a free port of 127.0.0.1, with a role that may make databases.
#   start_temporary_postgres   sets TEMPORARY_POSTGRES_URL
#   stop_temporary_postgres    ends it and removes its files; for a trap
# As root the server runs as the system user postgres, which Debian's package brings.

POSTGRES_BIN=/usr/lib/postgresql/15/bin
temporary_postgres_directory=''
temporary_postgres_pid=''

as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

start_temporary_postgres() {
  if [ ! -x "$POSTGRES_BIN/pg_dump" ]; then
    echo "This needs PostgreSQL 15 of Debian: apt-get install postgresql-15" >&2
    return 1
  fi
  temporary_postgres_directory=$(mktemp -d)
  local data=$temporary_postgres_directory/data password port
  mkdir -m 700 "$data"
  password=$(node -p 'crypto.randomBytes(16).toString("hex")')
  (umask 077 && printf '%s\n' "$password" >"$temporary_postgres_directory/password")
  if [ "$(id -u)" = 0 ]; then
    chmod 755 "$temporary_postgres_directory"
    chown postgres "$data" "$temporary_postgres_directory/password"
  fi
  as_postgres "$POSTGRES_BIN/initdb" -D "$data" -U postgres -A scram-sha-256 -E UTF8 --locale=C.UTF-8 \
    --pwfile="$temporary_postgres_directory/password" --no-sync >/dev/null
  port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  as_postgres "$POSTGRES_BIN/pg_ctl" -D "$data" -l "$data/server.log" -w -t 60 start >/dev/null \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=300" || {
    cat "$data/server.log" >&2
    return 1
  }
  temporary_postgres_pid=$(head -n 1 "$data/postmaster.pid")
  PGPASSWORD=$password psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres -d postgres <<SQL
CREATE ROLE storewatch LOGIN CREATEDB PASSWORD '$password';
CREATE DATABASE storewatch OWNER storewatch;
SQL
  # shellcheck disable=SC2034 # read by who sources this file
  TEMPORARY_POSTGRES_URL="postgres://storewatch:$password@127.0.0.1:$port/storewatch"
}

stop_temporary_postgres() {
  if [ -n "$temporary_postgres_pid" ]; then
    kill -INT "$temporary_postgres_pid" || true
    while kill -0 "$temporary_postgres_pid" 2>/dev/null && [ -e "$temporary_postgres_directory/data/postmaster.pid" ]; do
      sleep 0.05
    done
  fi
  if [ -n "$temporary_postgres_directory" ]; then rm -rf "$temporary_postgres_directory"; fi
  temporary_postgres_pid=''
  temporary_postgres_directory=''
}
