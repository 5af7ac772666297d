#!/usr/bin/env bash
# Two calendars that differ on the day of the Spring Festival of 2027.
#
# Packages:   npm node 20.20.2 (its ICU is 78.2) and npm lunar-javascript 1.7.3
# Good guess: the Chinese calendar that every browser and Node carry names the days as
#             the almanac does.
# Behaviour:  where a new moon falls within minutes of midnight in Beijing, ICU puts it
#             on the other day, and the whole month with it. In February 2027 that is the
#             first month: ICU has New Year's Day on the 7th, the almanac on the 6th.
# Seen:       2027-02-06: ICU 2026-12-30, lunar-javascript 2027-1-1
#             months that begin on another day, 2010 to 2030: 2012-08 2018-11 2027-02 2030-02
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm install --silent --no-audit --no-fund --prefix . node@20.20.2 lunar-javascript@1.7.3
cat > days.js <<'JS'
const {Solar} = require('lunar-javascript')
const chinese = new Intl.DateTimeFormat('en-u-ca-chinese', {year: 'numeric', month: 'numeric', day: 'numeric', timeZone: 'Asia/Shanghai'})
const icu = day => {
	const p = Object.fromEntries(chinese.formatToParts(day).map(x => [x.type, x.value]))
	return `${p.relatedYear}-${p.month}-${p.day}`
}
const almanac = day => {
	const l = Solar.fromYmd(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()).getLunar()
	return `${l.getYear()}-${Math.abs(l.getMonth())}${l.getMonth() < 0 ? 'bis' : ''}-${l.getDay()}`
}
const festival = new Date('2027-02-06T04:00:00Z')
console.log(`2027-02-06: ICU ${icu(festival)}, lunar-javascript ${almanac(festival)}`)
const months = []
for (let day = new Date('2010-01-01T04:00:00Z'); day.getUTCFullYear() < 2031; day = new Date(+day + 864e5)) {
	const [a, b] = [icu(day), almanac(day)]
	if (a !== b && (a.endsWith('-1') || b.endsWith('-1'))) months.push(day.toISOString().slice(0, 7))
}
console.log('months that begin on another day, 2010 to 2030: ' + [...new Set(months)].join(' '))
JS
seen=$(node_modules/.bin/node days.js)
echo "$seen"
[ "$(head -n 1 <<<"$seen")" = "2027-02-06: ICU 2026-12-30, lunar-javascript 2027-1-1" ] || { echo "it behaves otherwise now"; exit 1; }
