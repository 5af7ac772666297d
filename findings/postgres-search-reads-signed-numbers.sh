#!/usr/bin/env bash
# The running number of FK-2024-003 is minus three in PostgreSQL's text search.
#
# Package:    Debian 12: postgresql-15
# Good guess: to_tsvector('simple', …) cuts at the hyphens, so that 003 finds FK-2024-003, as
#             WK finds WK-a.
# Behaviour:  after a letter the hyphen belongs to the number: the words are fk, -2024 and
#             -003, and neither 2024 nor 003 finds them. A Chinese character in front is a
#             letter of the same word: 堵塞FK-2024-003 has no fk, only 堵塞fk.
# Seen:       '-003':3 '-2024':2 'fk':1 | f f t
#             '-003':3 '-2024':2 '堵塞fk':1 | f f f
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/15/bin 2>/dev/null) || { echo "needs PostgreSQL 15 (apt-get install postgresql-15)"; exit 2; }
folder=$(mktemp -d); trap 'stop; rm -rf "$folder"' EXIT
as() { if [ "$(id -u)" = 0 ]; then su postgres -c "$*"; else bash -c "$*"; fi; }
stop() { as "$bin/pg_ctl -D $folder/d -m immediate stop" >/dev/null 2>&1 || true; }
chmod 755 "$folder"; mkdir "$folder/s"; [ "$(id -u)" != 0 ] || chown -R postgres "$folder"
as "$bin/initdb -D $folder/d -E UTF8 --locale=C.UTF-8 -A trust" >/dev/null
as "$bin/pg_ctl -D $folder/d -o \"-k $folder/s -c listen_addresses=''\" -l $folder/log -w start" >/dev/null
seen=$(as "psql -h $folder/s -XAtq -F ' ' -d postgres" <<'SQL'
select v, '|', v @@ to_tsquery('simple', '003'), v @@ to_tsquery('simple', '2024'), v @@ to_tsquery('simple', 'fk')
from (values (1, to_tsvector('simple', 'FK-2024-003')), (2, to_tsvector('simple', '堵塞FK-2024-003'))) x(n, v) order by n
SQL
)
echo "$seen"
[ "$seen" = "'-003':3 '-2024':2 'fk':1 | f f t
'-003':3 '-2024':2 '堵塞fk':1 | f f f" ] || { echo "it behaves otherwise now"; exit 1; }
