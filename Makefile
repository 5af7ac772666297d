# make run and make test are all a newcomer needs; the rest is for who changes the
# house, or hands it on.

TEMPL       = go run github.com/a-h/templ/cmd/templ@v0.3.1001
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE    = go run golang.org/x/tools/cmd/deadcode@v0.52.0

# A release is a tag; what comes before the first has the day of its commit.
VERSION = $(shell git describe --tags --match 'v*' 2>/dev/null || git log -1 --format=v0.0.0-%cd --date=format:%Y%m%d)
COMMIT  = $(shell git rev-parse --short=12 HEAD)$(shell git diff --quiet HEAD || echo +)

# Without these a test fails; without another that it needs it is left out.
REQUIRE ?= postgres,chromium,libreoffice,openpyxl,exceljs

.PHONY: run test bench check generate build dist image

run: ## builds, starts with demonstration data at http://localhost:8080, says who can sign in
	go run . serve --demo

test: ## everything, on both databases and in the browser; installs what is missing
	@.ci/needs.sh
	@.ci/mail-servers.sh >/dev/null || true
	DUBAN_TEST_REQUIRE=$(REQUIRE) go test -p 8 -count=1 -timeout 3h ./...

bench: ## the figures, on both databases
	@.ci/needs.sh
	go test -run '^$$' -bench . -benchtime 2s ./...

generate: ## the Go code of the templates
	$(TEMPL) generate

check: ## what a change must pass before it is pushed
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go test -count=1 -run 'TheHouse|NoFunction|NoLocal|BranchesAre|OnlySettings|PeoplesSentences|AFileIsAConcept|EveryRoom' .
	GOOS=windows GOARCH=amd64 go build -o /dev/null .
	GOOS=darwin GOARCH=arm64 go vet ./...
	$(STATICCHECK) ./...
	@unreached=$$($(DEADCODE) -test ./... && $(DEADCODE) .) && test -z "$$unreached" || { echo "reached by nothing:"; echo "$$unreached"; exit 1; }
	$(TEMPL) generate
	@git diff --exit-code -- '*_templ.go' || { echo "templ generate left a difference: commit it"; exit 1; }
	go mod tidy -diff
	cd static/js && sha256sum -c --quiet SHA256SUMS
	cd app/testdata/axe && sha256sum -c --quiet SHA256SUMS

build: ## the program for this system, as it is handed on: ./duban
	@system=$$(go env GOOS)/$$(go env GOARCH) file=duban$$(go env GOEXE); \
	GOOS= GOARCH= go run ./packaging program "$$system" '$(VERSION)' '$(COMMIT)' "$$file" && ls -l "$$file"

dist: ## archives for Linux, Windows and macOS with their checksums, in dist/
	go run ./packaging archives $(VERSION) $(COMMIT) $$(git log -1 --format=%ct) dist

image: ## the container image
	docker build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t duban .
