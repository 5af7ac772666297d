#!/usr/bin/env bash
# Two builds side by side: runs the same benchmarks of two checkouts in turns, and prints
# each figure's median of all rounds for both, with new ÷ old.
#   .ci/beside.sh OLD NEW PACKAGE BENCH [ROUNDS] [BENCHTIME]
#   .ci/beside.sh ../before . . 'Pages/sqlite' 10 100x
# An older checkout may need the benchmark files of the newer one first.
set -euo pipefail
old=$(cd "$1" && pwd) new=$(cd "$2" && pwd) package=$3 bench=$4 rounds=${5:-10} time=${6:-100x}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for side in old new; do
  (cd "${!side}" && go test -c -o "$work/$side.test" "$package")
done
for round in $(seq "$rounds"); do
  # who goes first changes with the round
  order="old new"; [ $((round % 2)) = 0 ] && order="new old"
  for side in $order; do
    (cd "${!side}/$package" && "$work/$side.test" -test.run '^$' -test.bench "$bench" -test.benchtime "$time" -test.timeout 1h) >>"$work/$side.txt"
  done
done
median() { # benchmark, figure and the median of its values
  awk '/^Benchmark/ { sub(/-[0-9]+$/, "", $1); for (i = 3; i < NF; i += 2) print $1, $(i+1), $i }' "$1" | sort -k1,1 -k2,2 -k3,3g |
    awk '{ key = $1 " " $2; if (key != last && last != "") { print last, v[int((n+1)/2)]; n = 0 } last = key; v[++n] = $3 } END { if (n) print last, v[int((n+1)/2)] }'
}
median "$work/old.txt" >"$work/old.median"
median "$work/new.txt" >"$work/new.median"
awk 'NR == FNR { old[$1 " " $2] = $3; next } ($1 " " $2) in old { o = old[$1 " " $2]; printf "%-72s %-18s %12g %12g %7.3f\n", $1, $2, o, $3, o ? $3/o : 0 }' "$work/old.median" "$work/new.median"
