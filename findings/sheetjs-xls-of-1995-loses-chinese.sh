#!/usr/bin/env bash
# A workbook saved for Excel 95 has underscores where its Chinese was.
#
# Package:    npm xlsx 0.18.5
# Good guess: bookType biff5 with codepage 936 writes texts in that code page, or says that
#             it cannot.
# Behaviour:  the code page of the file is 1252 whatever is asked for, every character beyond
#             it is written as "_", and there is no error. biff8 keeps them.
# Seen:       biff5: __ __      biff8: 序号 问题
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
cat > main.js <<'JS'
const xlsx = require("xlsx"), said = [];
for (const bookType of ["biff5", "biff8"]) {
	const book = xlsx.utils.book_new();
	xlsx.utils.book_append_sheet(book, xlsx.utils.aoa_to_sheet([["序号", "问题"]]), "a");
	const back = xlsx.read(xlsx.write(book, { type: "buffer", bookType, codepage: 936 }), { codepage: 936 }).Sheets.a;
	said.push(`${bookType}: ${back.A1.v} ${back.B1.v}`);
}
console.log(said.join("      "));
JS
seen=$(node main.js)
echo "$seen"
[ "$seen" = "biff5: __ __      biff8: 序号 问题" ] || { echo "it behaves otherwise now"; exit 1; }
