#!/usr/bin/env bash
# Writes migrations/schema.sql: what all migrations together make of an empty database, by PostgreSQL 15's pg_dump.
# With --check nothing is written, and a difference is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/temporary-postgres.sh
. scripts/temporary-postgres.sh

schema=migrations/schema.sql
fresh=$(mktemp)
finish() {
  rm -f "$fresh"
  stop_temporary_postgres
}
trap finish EXIT

start_temporary_postgres
DATABASE_URL=$TEMPORARY_POSTGRES_URL node scripts/storewatch.mjs migrate >&2
# What tells only of the program that dumped, or is random, would be a difference each time.
"$POSTGRES_BIN/pg_dump" --schema-only --no-owner --no-privileges "$TEMPORARY_POSTGRES_URL" |
  sed -E -e '/^-- Dumped (from database|by pg_dump) version/d' -e '/^\\(un)?restrict /d' |
  cat -s >"$fresh"

if [ "${1:-}" != --check ]; then
  cat "$fresh" >"$schema"
elif ! diff -u "$schema" "$fresh"; then
  echo "The migrations and $schema differ. To write it anew: npm run schema:dump" >&2
  exit 1
fi
