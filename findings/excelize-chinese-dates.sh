#!/usr/bin/env bash
# A date as Chinese Excel formats it is read as a plain number.
#
# Package:    github.com/xuri/excelize/v2 v2.11.1
# Good guess: a cell with a built-in date format is read as a date, whichever it is: 14
#             gives 06-30-24, so 31 (yyyy年m月d日 in Chinese Excel), 57 and 58 give one too.
# Behaviour:  the formats 27 to 36 and 50 to 58 mean something in Chinese, Japanese and
#             Korean alone, so unless the reader says which (Options.CultureInfo), they are
#             taken as "General": days since 1900, and no error.
# Seen:       format  14: 06-30-24  31: 45473  57: 45473  58: 45473
#             and with CultureNameZhCN
#             format  14: 06-30-24  31: 2024年6月30日  57: 2024年6月  58: 6月30日
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

func main() {
	for _, options := range []excelize.Options{{}, {CultureInfo: excelize.CultureNameZhCN}} {
		book := excelize.NewFile(options)
		fmt.Print("format")
		for row, format := range []int{14, 31, 57, 58} {
			style, err := book.NewStyle(&excelize.Style{NumFmt: format})
			if err != nil {
				panic(err)
			}
			cell := fmt.Sprint("A", row+1)
			_ = book.SetCellValue("Sheet1", cell, 45473) // 30 June 2024
			_ = book.SetCellStyle("Sheet1", cell, cell, style)
			read, err := book.GetCellValue("Sheet1", cell)
			if err != nil {
				panic(err)
			}
			fmt.Printf("  %d: %s", format, read)
		}
		fmt.Println()
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$(head -n 1 <<<"$seen")" = "format  14: 06-30-24  31: 45473  57: 45473  58: 45473" ] || { echo "it behaves otherwise now"; exit 1; }
