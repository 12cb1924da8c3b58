# Each target explains itself after ##; `make help` lists them.

SHELL := /bin/bash
FUZZTIME ?= 50000x
COMMIT = $(shell git log -1 --format='-X main.commit=%H' 2>/dev/null)
TOOL := go tool -modfile=tools/go.mod

# Tests are linked without symbols for debuggers, which took three quarters of the time of
# linking a hundred of them, and are vetted by `make static`.
TEST := go test -vet=off -ldflags='-s -w' -shuffle=on
# Packages that take longest: begun first, they do not stand alone at the end. Tests wait
# for clocks too, so that one package more than there are processors keeps these busy.
LONG := ./cmd/relais ./console/browser ./app ./store/postgres ./campaign/engine ./deploy ./console
AT_ONCE := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## every program into bin/, without CGO and without symbols; VERSION=1.2.3 names a release
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w -X main.release=$(VERSION) $(COMMIT)' -o bin/ ./cmd/...

.PHONY: deb
deb: ## the Debian package into dist/; VERSION=1.2.3 and GOARCH=arm64 choose another
	scripts/deb

.PHONY: deb-boot
deb-boot: ## the package started, upgraded and purged on a small Debian that systemd boots; as root, with a network
	scripts/deps boot
	scripts/deb-boot

.PHONY: image-test
image-test: ## Containerfile built by buildah without a network, and the program run in it; as root, installs buildah
	scripts/deps image
	go test -count=1 -tags buildah -run TestContainerfile -v ./deploy

.PHONY: run
run: ## the gateway with its defaults; settings from RELAIS_ variables
	go run ./cmd/relais serve

.PHONY: sandbox
sandbox: ## the simulated operators alone
	go run ./cmd/relais sandbox

.PHONY: demo
demo: ## a gateway with simulated operators and a first SMS through each
	go run ./cmd/relais demo

.PHONY: test
test: ## every test, the segment oracle (node), a real PostgreSQL, a real Kannel, nginx and Caddy, zsh and fish, the console in Chromium and the Debian package included; installs what it needs, or says what is missing
	scripts/deps node postgres deploy deb kannel alertmanager clients proxies shells chromium
	$(TEST) -tags oracle,pack,browser -timeout 30m -p $(AT_ONCE) $(LONG) ./...

.PHONY: console-test
console-test: ## the console in Chromium: each page in both languages, both themes and three widths, by keyboard and without scripts; pictures in console/browser/screenshots
	scripts/deps node chromium
	RELAIS_CONSOLE_WHOLE=1 go test -count=1 -tags browser -timeout 1h -v ./console/browser

# The engine of SQLite and the hash of passwords share nothing with our goroutines but
# what database/sql and our own code hand them, and are ten times slower when each access
# to their memory is watched. Only packages without generic functions can stand here: the
# linker keeps one copy of an instance for all packages, and one that is not watched makes
# the detector blind to what it orders.
UNWATCHED = -gcflags=modernc.org/sqlite/lib=-race=false \
	-gcflags=golang.org/x/crypto/argon2=-race=false -gcflags=golang.org/x/crypto/blake2b=-race=false

# Packages that start nothing of their own, or whose tests watch other programs, which
# the detector does not see into: `make race-short` leaves them out, `make race` has them.
UNSHARED = '/(api/manual|bench|cmd/.*|config|deploy|docs|internal/archtest|internal/identitiestest)$$'
RACE = CGO_ENABLED=1 $(TEST) -tags oracle -race $(UNWATCHED) -timeout 45m

.PHONY: race
race: ## every test again under the race detector (needs a C compiler), SQLite and the password hashes without it
	scripts/deps node postgres deploy kannel alertmanager clients proxies shells cgo
	$(RACE) ./...

.PHONY: race-short
race-short: ## the packages that start goroutines, under the race detector
	scripts/deps node postgres kannel clients proxies cgo
	$(RACE) -p $(AT_ONCE) ./app ./store/postgres ./console ./campaign/engine ./store/sqlite \
		$$(go list ./... | grep -vE $(UNSHARED))

.PHONY: cover
cover: ## statements covered, by function; coverage.out is for `go tool cover -html`
	scripts/deps node postgres deploy kannel alertmanager clients proxies shells
	go test -tags oracle -coverpkg=./... -coverprofile=coverage.out ./...
	go tool cover -func=coverage.out

.PHONY: fuzz
fuzz: ## every fuzz target, one after another; FUZZTIME=50000x inputs each
	scripts/fuzz $(FUZZTIME)

ROUNDS ?= 200

.PHONY: crash
crash: ## disasters on SQLite, PostgreSQL and two nodes, to messages and to campaigns: kill -9, pauses, faults of operators; counts what is lost and doubled; ROUNDS=200; before it 10,000 messages each way between foreign peers of SMPP
	scripts/deps node
	RELAIS_SMPP_MESSAGES=10000 go test -count=1 -tags oracle -run TestPeersOnBothSides -v ./app
	RELAIS_CRASH_ROUNDS=$(ROUNDS) go test -count=1 -timeout 2h -run TestDisasters -v ./cmd/relais

.PHONY: bench
bench: build ## accept, submit, whole life, SMPP, backlog and start against a bare handler, SQLite and PostgreSQL; JSON on stdout, about a quarter of an hour
	@scripts/with-postgres bash -c 'bin/relais bench --json --database "$$POSTGRES"'

.PHONY: golden
golden: ## rewrite golden files and the state diagram; read the difference before you commit it
	scripts/golden

.PHONY: lint
lint: ## golangci-lint with .golangci.yml, formatting included
	$(TOOL) golangci-lint run

.PHONY: fmt
fmt: ## format every file as `make lint` wants it
	$(TOOL) golangci-lint fmt

.PHONY: vet
vet: ## go vet, on 64 and on 32 bits
	go vet -tags oracle,pack,buildah,browser ./...
	GOARCH=386 go vet ./...

.PHONY: tidy
tidy: ## fail when go.mod or go.sum is not tidy; changes nothing
	go mod tidy -diff

.PHONY: vuln
vuln: ## govulncheck; says NOT CHECKED and goes on where vuln.go.dev cannot be reached
	scripts/vuln

# Generated files (golden files, the example configuration, the state diagram)
# are compared by the tests themselves.
.PHONY: static
static: vet tidy lint vuln ## the checks that run no test

.PHONY: check
check: build static test race-short ## everything that CI runs
	$(MAKE) fuzz FUZZTIME=5000x
