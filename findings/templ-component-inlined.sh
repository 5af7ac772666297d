#!/usr/bin/env bash
# A component of templ is compiled once more into everyone who calls it.
#
# Package:    github.com/a-h/templ v0.3.1001, Go 1.26
# Good guess: a component is a function of the program, and twenty pages that show it cost
#             twenty calls.
# Behaviour:  what templ generates is a short function that returns a closure with the whole
#             page in it. The compiler inlines the short function, and a closure that is
#             inlined is compiled again at each place: the markup's code is in the program
#             once a caller. Compiled without inlining (-gcflags=PACKAGE=-l) it is there once, but then each call of a component is a
#             closure on the heap.
# Seen:       inlined: 20 bodies of the table, 288 kB; not inlined: 1 body, 14 kB
set -euo pipefail
folder=$(mktemp -d); trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT; cd "$folder"
go mod init finding >/dev/null 2>&1
go get github.com/a-h/templ@v0.3.1001 github.com/a-h/templ/cmd/templ@v0.3.1001 >/dev/null 2>&1
{
  printf 'package main\n\ntempl table(unit string) {\n\t<table>\n'
  for n in $(seq 30); do printf '\t\t<tr><th>%d</th><td>{ unit }</td></tr>\n' "$n"; done
  printf '\t</table>\n}\n'
  for n in $(seq 20); do printf 'templ page%d(unit string) {\n\t<main>@table(unit)</main>\n}\n' "$n"; done
} > pages.templ
{
  printf 'package main\n\nimport (\n\t"context"\n\t"io"\n\n\t"github.com/a-h/templ"\n)\n\nfunc main() {\n\tfor _, page := range []func(string) templ.Component{'
  for n in $(seq 20); do printf 'page%d, ' "$n"; done
  printf '} {\n\t\tif err := page("规划局").Render(context.Background(), io.Discard); err != nil {\n\t\t\tpanic(err)\n\t\t}\n\t}\n}\n'
} > main.go
go run github.com/a-h/templ/cmd/templ generate >/dev/null 2>&1
bodies() { # of the table, with their bytes
  go tool nm -size "$1" | awk '$3 ~ /[tT]/ && $4 ~ /table\.(func)?[0-9]+$/ { n++; s += $2 } END { print n, s }'
}
go build -o inlined . && go build -gcflags=finding=-l -o once .
./inlined && ./once
read -r many size <<<"$(bodies inlined)"
read -r one small <<<"$(bodies once)"
echo "inlined: $many bodies of the table, $((size / 1000)) kB; not inlined: $one body, $((small / 1000)) kB"
[ "$many" -ge 20 ] && [ "$one" = 1 ] || { echo "it behaves otherwise now"; exit 1; }
