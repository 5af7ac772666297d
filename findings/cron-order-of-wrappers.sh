#!/usr/bin/env bash
# Two wrappers of a scheduler that end a job for good when they stand the wrong way round.
#
# Package:    github.com/robfig/cron/v3 v3.0.1
# Good guess: "recover from a panic" and "skip if still running" have nothing to do with
#             each other, so their order is taste.
# Behaviour:  what is written first is outside. With Recover outside, the panic leaves
#             SkipIfStillRunning before it gives its token back: every later run is skipped
#             as "still running", without an error, until the program is started again.
# Seen:       Recover, SkipIfStillRunning: 1 of 5 runs
#             SkipIfStillRunning, Recover: 5 of 5 runs
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/robfig/cron/v3"
)

func main() {
	recovers, skips := cron.Recover(cron.DiscardLogger), cron.SkipIfStillRunning(cron.DiscardLogger)
	for _, way := range []struct {
		name  string
		chain cron.Chain
	}{
		{"Recover, SkipIfStillRunning", cron.NewChain(recovers, skips)},
		{"SkipIfStillRunning, Recover", cron.NewChain(skips, recovers)},
	} {
		runs := 0
		job := way.chain.Then(cron.FuncJob(func() {
			if runs++; runs == 1 {
				panic("the first run fails")
			}
		}))
		for range 5 { // one after another
			job.Run()
		}
		fmt.Printf("%s: %d of 5 runs\n", way.name, runs)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$(head -n 1 <<<"$seen")" = "Recover, SkipIfStillRunning: 1 of 5 runs" ] || { echo "it behaves otherwise now"; exit 1; }
