# SPDX-License-Identifier: MIT
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# How TLC is run: docker, java, record, or auto for the first of these that is there.
TLC ?= auto
export TLC

# A regular expression: the cfgs in spec/ that TLC is run on; all when empty.
ONLY ?=

# How long each fuzz target runs, and how often each benchmark.
FUZZTIME ?= 10s
COUNT ?= 1

# The tests make much short-lived garbage and keep little: collect it less often, up to a limit.
test check long race cover: export GOGC := 400
test check long race cover: export GOMEMLIMIT := 2GiB

# The tests of tools read spec/, and the go command looks at no file outside of a module before it takes a result from
# its cache: a flag that changes with the specs, the same as that of make check. The linker ignores the variable.
SPEC = $(shell export LC_ALL=C; cat spec/* | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-16)
FLAGS = $$(test "$$module" != tools || echo -ldflags=-X=main.spec=$(SPEC))

CHECK := go run -C tools ./check -root ..
MODULES := . tools bench

.PHONY: help check test tlc long prove prove-faults prove-ties race fuzz cover bugs bench mutants mutants-spec record list-tests lint fmt

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## everything: format, vet, staticcheck, tests, TLC on every quick cfg; ends in a table of verdicts
	@$(CHECK) $(if $(ONLY),-only '$(value ONLY)')

# With the environment that make check gives to the tests, and its folder, so that the cache of tests serves both.
test: ## the Go tests alone
	@mkdir -p .cache/check; unset TLC TLC_BASE; root="$$(go env GOROOT)"; export PATH="$$root/bin:$$PATH"; \
	for module in $(MODULES); do (cd "$$module" && go test -timeout 20m $(FLAGS) ./...); done
	@cd tools && go test -count=1 -run '^TestPages' ./check # the go command's cache does not know that a page has changed

tlc: ## TLC on every quick cfg and nothing else (TLC=auto|docker|java|record, ONLY=regexp)
	@$(CHECK) -models $(if $(ONLY),-only '$(value ONLY)')

long: ## the long tests, the faults of concurrency with 20 seeds, ports/rust under shuttle and loom, TLC on the long cfgs
	@for module in . tools; do (cd "$$module" && PERNET_LONG=1 go test -timeout 60m $(FLAGS) ./...); done
	@go run ./cmd/pernet bug --seeds 20 C1 C2 C3 C4 C5
	@$(CHECK) -long $(if $(ONLY),-only '$(value ONLY)')

prove: ## prove the invariants of netns.tla, registry.tla and users.tla for any number of what they are about (needs z3 or cvc5, else the record; UPDATE=1 writes it)
	@cd tools && go run ./prove $(if $(UPDATE),-update) $(ARGS)

prove-faults: ## each seeded safety fault must be refuted by the proof, and each conjunct of the invariants must be needed
	@cd tools && go run ./prove -faults -drops $(ARGS)

prove-ties: ## the evaluator of the proof against TLC: graphs, steps, truth values; attempts to prove what is wrong (needs Java and z3)
	@cd tools && PERNET_LONG=1 go test -timeout 30m ./prove/...

race: ## the Go tests under the race detector (needs a C compiler)
	@for module in . tools; do (cd "$$module" && CGO_ENABLED=1 go test -race -timeout 40m $(FLAGS) ./...); done

fuzz: ## each fuzz target for FUZZTIME (10s)
	@targets=$$(go test -list '^Fuzz' ./... | awk '/^Fuzz/ { f[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, f[i]; n = 0 }'); \
	test -n "$$targets" || { echo "no fuzz target found" >&2; exit 1; }; \
	while read -r package target; do \
		echo "== $$target in $$package"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done <<< "$$targets"

cover: ## the statements of impl, model and the formats that no test runs: there must be none
	@$(CHECK) -cover

bugs: ## build each fault of the track record, see it caught by named checks, and write docs/bugs.tsv and docs/bugs.md
	@go run ./cmd/pernet bug --all --write

bench: ## the benchmarks, COUNT (1) times each, then write the tables of docs/benchmarks.md, and print the speed of explore beside that of TLC
	@for module in . bench; do (cd "$$module" && go test -run '^$$' -bench . -benchmem -count $(COUNT) ./...); done
	@cd bench && go run ./ratios -write ../docs/benchmarks.md && go run ./points
	@cd tools && go run ./speed

mutants: ## change one operator or statement at a time of model, impl and the judges: the tests must fail (goes on where it was; STALE=1 only what is older than the code; ONLY=regexp; long when all is new)
	@cd tools && nice go run ./mutants $(if $(STALE),-stale) $(if $(ONLY),-only '$(value ONLY)') code

mutants-spec: ## change one part of a module of spec/ at a time, claims too: TLC or the code's graph must show it (goes on where it was; ONLY=regexp)
	@cd tools && nice go run ./mutants $(if $(ONLY),-only '$(value ONLY)') spec

record: ## measure spec/models.tsv anew (LONG=1: the long cfgs; ONLY=regexp)
	@$(CHECK) -update $(if $(LONG),-long) $(if $(ONLY),-only '$(value ONLY)')

list-tests: ## write tools/check/tests.tsv, the list that make check holds the tests to
	@$(CHECK) -tests

lint: ## vet and staticcheck
	@for module in $(MODULES); do (cd "$$module" && go vet ./... && go tool -modfile='$(CURDIR)/tools/go.mod' staticcheck ./...); done

fmt: ## format the Go files
	gofmt -l -w .
