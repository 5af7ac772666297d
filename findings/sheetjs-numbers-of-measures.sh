#!/usr/bin/env bash
# The second measure of the first problem, 1-2, becomes 2 January 2001.
#
# Package:    npm xlsx 0.18.5
# Good guess: the cells of a web page or of a csv are texts; a number is read as a number,
#             and what could be a date, 2024/7/8, as a date.
# Behaviour:  whatever looks like a date or a number anywhere is made one, without asking
#             and with the text gone: 1-2 and 3/4 are days of 2001, 007 is 7, 8.10 is 8.1.
#             The option raw keeps the texts of a csv and of a page.
# Seen:       page: 1-2 → n 36893   007 → n 7   3/4 → n 36954   8.10 → n 8.1
#             csv:  1-2 → n 36893   007 → n 7   3/4 → n 36954   8.10 → n 8.1
#             raw:  1-2 → s 1-2   007 → s 007   3/4 → s 3/4   8.10 → s 8.10
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
cat > main.js <<'JS'
const xlsx = require("xlsx"), cells = ["1-2", "007", "3/4", "8.10"];
const page = "<table><tr>" + cells.map((c) => `<td>${c}</td>`).join("") + "</tr></table>";
for (const [name, text, options] of [["page:", page, {}], ["csv: ", cells.join(",") + "\n", {}], ["raw: ", page, { raw: true }]]) {
	const book = xlsx.read(text, { type: "string", ...options }), sheet = book.Sheets[book.SheetNames[0]];
	console.log(name, cells.map((c, n) => { const cell = sheet["ABCD"[n] + 1]; return `${c} → ${cell.t} ${cell.v}`; }).join("   "));
}
JS
seen=$(TZ=UTC node main.js)
echo "$seen"
[ "$(head -n 2 <<<"$seen")" = "page: 1-2 → n 36893   007 → n 7   3/4 → n 36954   8.10 → n 8.1
csv:  1-2 → n 36893   007 → n 7   3/4 → n 36954   8.10 → n 8.1" ] || { echo "it behaves otherwise now"; exit 1; }
