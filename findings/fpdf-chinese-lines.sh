#!/usr/bin/env bash
# A PDF library that drops a Chinese character at each line break.
#
# Package:    github.com/go-pdf/fpdf v0.9.0; font npm @expo-google-fonts/noto-sans-sc 0.4.3
# Good guess: SplitText cuts a text into lines, and the lines joined are the text.
# Behaviour:  a line is cut at a space, which is left out; where a Chinese text has no
#             space to cut at, the character that stands there is left out instead, at
#             every line, without an error. MultiCell prints text in the same way.
# Seen:       公园城市建设 | 消防通道堵塞 | 题整改方案
#             of 公园城市建设局消防通道堵塞问题整改方案: 局 and 问 are gone
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @expo-google-fonts/noto-sans-sc@0.4.3
mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-pdf/fpdf"
)

func main() {
	font, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("sc", "", font)
	pdf.SetFont("sc", "", 12)
	pdf.AddPage()
	lines := pdf.SplitText("公园城市建设局消防通道堵塞问题整改方案", 30)
	fmt.Println(strings.Join(lines, " | "), pdf.Error())
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/go-pdf/fpdf@v0.9.0 >/dev/null 2>&1
seen=$(go run . ../node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf)
echo "$seen"
[ "$seen" = "公园城市建设 | 消防通道堵塞 | 题整改方案 <nil>" ] || { echo "it behaves otherwise now"; exit 1; }
