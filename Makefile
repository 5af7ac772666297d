# make run and make test are all a newcomer needs; the rest is for who changes the
# house.

TEMPL       = go run github.com/a-h/templ/cmd/templ@v0.3.1001
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: run test bench check generate image

run: ## builds, starts with demonstration data at http://localhost:8080, says who can sign in
	go run . serve --demo

test: ## everything, on both databases and in the browser; installs what is missing
	@.ci/needs.sh
	DUBAN_TEST_REQUIRE=postgres,chromium go test -p 8 -count=1 -timeout 3h ./...

bench: ## the figures, on both databases
	@.ci/needs.sh
	go test -run '^$$' -bench . -benchtime 2s ./...

generate: ## the Go code of the templates
	$(TEMPL) generate

check: ## what a change must pass before it is pushed
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	$(TEMPL) generate
	@git diff --exit-code -- '*_templ.go' || { echo "templ generate left a difference: commit it"; exit 1; }
	go mod tidy -diff
	cd static/js && sha256sum -c --quiet SHA256SUMS
	cd app/testdata/axe && sha256sum -c --quiet SHA256SUMS

image: ## the container image
	docker build -t duban .
