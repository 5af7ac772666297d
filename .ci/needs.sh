#!/usr/bin/env bash
# Installs what the tests need beside Go's modules, where it is missing: the
# PostgreSQL server, Chromium, a font with Chinese characters, and the programs that
# offices save a ledger with: LibreOffice Calc, openpyxl, exceljs. Says in one line what
# it cannot.
set -u

missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing+=(postgresql)
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing+=(chromium)
{ command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; } || missing+=(fontconfig fonts-noto-cjk)
command -v soffice >/dev/null 2>&1 || missing+=(libreoffice-calc)
/usr/bin/python3 -c 'import openpyxl' 2>/dev/null || missing+=(python3-openpyxl)
command -v npm >/dev/null 2>&1 || missing+=(nodejs npm)
modules=/usr/local/lib/node_modules:/usr/lib/node_modules:/usr/share/nodejs
exceljs() { NODE_PATH=$modules node -e "require('exceljs')" >/dev/null 2>&1; }
[ ${#missing[@]} -eq 0 ] && exceljs && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "needs: please install ${missing[*]} with this system's package manager; tests that need them will fail" >&2
	exit 0
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	sudo="sudo -n"
	$sudo true 2>/dev/null || { echo "needs: please run as root: apt-get install ${missing[*]}" >&2; exit 0; }
fi
echo "needs: installing ${missing[*]:-exceljs}"
export DEBIAN_FRONTEND=noninteractive
for try in 1 2 3; do
	if [ ${#missing[@]} -eq 0 ] || { $sudo apt-get update -qq >/dev/null && $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; }; then
		missing=()
		exceljs || $sudo npm install --global --silent exceljs@4.4.0 >/dev/null && exit 0
	fi
	sleep $((try * 5))
done
echo "needs: could not install ${missing[*]:-exceljs}; tests that need them will fail" >&2
exit 0
