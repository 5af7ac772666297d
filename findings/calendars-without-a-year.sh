#!/usr/bin/env bash
# In a year they have no days of, two calendars of working days work through 1 October.
#
# Packages:   github.com/6tail/lunar-go v1.4.7 and npm chinese-days 1.5.7
# Good guess: asked for a year whose days off have not been announced yet, a library says
#             so, or keeps at least the festivals that the law names by date.
# Behaviour:  both answer as for any year, from the weekday alone: the National Day and
#             1 May are working days like others, and a deadline counted over them comes
#             days too early, without an error.
# Seen:       lunar-go:     days it has of 2026, 2028: 39 0; 5 working days after 2028-09-29: 2028-10-06
#             chinese-days: 2028-05-01 is a working day: true; 5 after 2028-09-29: 2028-10-06
set -euo pipefail
folder=$(mktemp -d); trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT; cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/6tail/lunar-go/HolidayUtil"
	"github.com/6tail/lunar-go/calendar"
)

func main() {
	has := func(year int) int { return HolidayUtil.GetHolidaysByYear(year).Len() }
	after := calendar.NewSolarFromYmd(2028, 9, 29).Next(5, true).ToYmd()
	fmt.Printf("lunar-go:     days it has of 2026, 2028: %d %d; 5 working days after 2028-09-29: %s\n", has(2026), has(2028), after)
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/6tail/lunar-go@v1.4.7 >/dev/null 2>&1
npm install --silent --no-audit --no-fund --prefix . chinese-days@1.5.7
cat > days.js <<'JS'
const days = require('chinese-days')
console.log(`chinese-days: 2028-05-01 is a working day: ${days.isWorkday('2028-05-01')}; 5 after 2028-09-29: ${days.findWorkday(5, '2028-09-29')}`)
JS
seen=$(go run . && node days.js)
echo "$seen"
[ "$seen" = "lunar-go:     days it has of 2026, 2028: 39 0; 5 working days after 2028-09-29: 2028-10-06
chinese-days: 2028-05-01 is a working day: true; 5 after 2028-09-29: 2028-10-06" ] || { echo "it behaves otherwise now"; exit 1; }
