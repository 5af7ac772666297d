#!/usr/bin/env bash
# Two equal Chinese texts have nothing in common, says PostgreSQL's likeness of texts.
#
# Package:    Debian 12: postgresql-15 with its pg_trgm
# Good guess: similarity(a, a) is 1, whatever stands in a; the database is UTF-8, so Chinese
#             characters are letters.
# Behaviour:  what a letter is comes from the database's LC_CTYPE and not from its encoding.
#             With the locale C, which many images and initdb --no-locale give, Chinese has no
#             letter: show_trgm is empty and every similarity is 0, without an error. LIKE
#             stays right, and an index over trigrams has to look at every row. Full width
#             and Roman numbers have no capitals there either.
# Seen:       C        {} 0 ＡⅡ
#             C.UTF-8  {0xb5d3f1,0xd02d4c,0x348bc3,0x3e9215,0x4a8821} 1 ａⅱ
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/15/bin 2>/dev/null) || { echo "needs PostgreSQL 15 (apt-get install postgresql-15)"; exit 2; }
folder=$(mktemp -d); trap 'stop; rm -rf "$folder"' EXIT
as() { if [ "$(id -u)" = 0 ]; then su postgres -c "$*"; else bash -c "$*"; fi; }
stop() { as "$bin/pg_ctl -D $folder/d -m immediate stop" >/dev/null 2>&1 || true; }
chmod 755 "$folder"; mkdir "$folder/s"; [ "$(id -u)" != 0 ] || chown -R postgres "$folder"
as "$bin/initdb -D $folder/d -E UTF8 --locale=C -A trust" >/dev/null
as "$bin/pg_ctl -D $folder/d -o \"-k $folder/s -c listen_addresses=''\" -l $folder/log -w start" >/dev/null
sql() { as "psql -h $folder/s -XAtq -F ' ' -d $1"; }
echo "create database letters locale 'C.UTF-8' template template0" | sql postgres
seen=$(for d in postgres letters; do
	echo "create extension pg_trgm; select show_trgm('消防通道'), similarity('消防通道', '消防通道'), lower('ＡⅡ')" | sql $d
done)
echo "$seen"
[ "$(echo "$seen" | head -n 1)" = "{} 0 ＡⅡ" ] && [[ "$(echo "$seen" | tail -n 1)" == *"} 1 ａⅱ" ]] || { echo "it behaves otherwise now"; exit 1; }
