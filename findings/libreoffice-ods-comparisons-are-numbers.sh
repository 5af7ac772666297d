#!/usr/bin/env bash
# What a comparison came to is the number 1 in the .ods that LibreOffice writes.
#
# Package:    LibreOffice 7.4.7 (Debian 12, libreoffice-calc), with
#             github.com/xuri/excelize/v2 v2.11.1 to make the workbook
# Good guess: the result of =1=1 is office:value-type="boolean", as ODF has it and as a cell
#             that holds TRUE itself is written; the text beside it is for show.
# Behaviour:  it is the float 1, and only the text says TRUE. Whoever takes the value and not
#             the text, as days need it, reads 1.
# Seen:       value-type="boolean" office:boolean-value="true" TRUE
#             value-type="float" office:value="1" TRUE
set -euo pipefail
command -v soffice >/dev/null || { echo "needs LibreOffice Calc (apt-get install libreoffice-calc)"; exit 2; }
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
cat > main.go <<'GO'
package main

import "github.com/xuri/excelize/v2"

func main() {
	book := excelize.NewFile()
	_ = book.SetCellValue("Sheet1", "A1", true)
	_ = book.SetCellFormula("Sheet1", "A2", "1=1")
	if err := book.SaveAs("in.xlsx"); err != nil {
		panic(err)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
go run .
soffice --headless "-env:UserInstallation=file://$folder/profile" --convert-to ods --outdir out in.xlsx >/dev/null 2>&1
seen=$(unzip -p out/in.ods content.xml | grep -oE 'office:value-type="[a-z]+" office:[a-z-]*value="[^"]*" calcext:value-type="[a-z]+"><text:p>[A-Z]+' | sed -E 's/^office://; s/ calcext[^>]*><text:p>/ /')
echo "$seen"
[ "$seen" = 'value-type="boolean" office:boolean-value="true" TRUE
value-type="float" office:value="1" TRUE' ] || { echo "it behaves otherwise now"; exit 1; }
