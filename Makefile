# Prompt Cache: `make up` to try it, `make test` to check everything. Nothing has to be installed by hand.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
STACK = $(PYTHON) -m stack
BIN = .venv/bin
PYTEST = $(BIN)/pytest
QUICK = sidecar/tests client/tests tests/docs
WITH_N8N = tests/n8n tests/compose
IN_BLOCKS = $(if $(filter output-sync,$(.FEATURES)),-O)

.DEFAULT_GOAL := help
.PHONY: help up down check test with-n8n without-n8n lint lint-python lint-node unit unit-python unit-node test-compat bench clean python

help:
	@echo "make up          start n8n, the cache server and a demo model (ports: N8N_PORT, SIDECAR_PORT, DEMO_MODEL_PORT)"
	@echo "make down        stop them"
	@echo "make check       lint and the fast tests: two minutes, no servers"
	@echo "make test        the same, then every other test, on real servers: about half an hour"
	@echo "make lint | unit | test-FOLDER   a part of it, such as make test-api: a folder of tests/"
	@echo "make bench       throughput and latency of the hit path; PEERS=1 measures other caches beside it"
	@echo "make clean       remove everything built or kept in this clone"

up: python
	@$(STACK) up

down: python
	@$(STACK) down

# Two at a time: the Python and the npm package share nothing but the processor.
check: python
	@$(STACK) install python node dashboard
	@$(MAKE) --no-print-directory -j2 $(IN_BLOCKS) lint-python lint-node unit-python unit-node

# Two at a time again: what has n8n in it waits for n8n and its editor more than it works.
test: check
	@$(STACK) install
	@$(MAKE) --no-print-directory -j2 with-n8n without-n8n

with-n8n without-n8n: SHELL = bash
with-n8n:
	@set -o pipefail; $(PYTEST) $(WITH_N8N) 2>&1 | while IFS= read -r line; do printf '%s\n' "n8n    | $$line"; done
without-n8n:
	@set -o pipefail; $(PYTEST) $(QUICK:%=--deselect %) $(WITH_N8N:%=--ignore=%) 2>&1 | while IFS= read -r line; do printf '%s\n' "others | $$line"; done

lint: python
	@$(STACK) install python node dashboard
	@$(MAKE) --no-print-directory lint-python lint-node

unit: python
	@$(STACK) install python node
	@$(MAKE) --no-print-directory unit-python unit-node

lint-python:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

lint-node: python
	$(STACK) npm run lint
	$(STACK) npm --in dashboard run lint

unit-python:
	$(PYTEST) $(QUICK)

unit-node: python
	$(STACK) npm run test

test-api test-clients test-docs test-semantic: PARTS = python
test-python_client test-stores test-faults test-migrating: PARTS = python engines
test-langcache: PARTS = python engines node
test-n8n: PARTS = python node n8n
test-compose: PARTS = python node n8n compose
test-image: PARTS = python image
test-release: PARTS = python node dashboard
test-dashboard: PARTS = python dashboard browser
test-%: python
	@$(STACK) install $(PARTS)
	@$(PYTEST) tests/$*

# The smoke tests in the oldest n8n that is supported; what is installed for it stays in the cache.
test-compat: python
	@$(STACK) install python node
	@STACK_N8N=$$($(PYTHON) -c 'from stack.versions import N8N_OLDEST; print(N8N_OLDEST)') $(PYTEST) -m smoke tests/n8n

# For a part of it: make bench BENCH="--only hits,sqlite --sizes 1000,100000", or "--only semantic,redis". PEERS=1 also installs and measures peers.
bench: python
	@$(STACK) install python engines
	@$(BIN)/python -m tests.bench $(if $(PEERS),--peers) $(BENCH)

clean: down
	rm -rf .venv .prompt-cache dist n8n-node/node_modules n8n-node/dist dashboard/node_modules sidecar/prompt_cache/http/dashboard/static/built sidecar/build sidecar/*.egg-info client/build client/*.egg-info
	rm -rf .ruff_cache .mypy_cache .hypothesis sidecar/.mypy_cache
	find sidecar client stack tests -name __pycache__ -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
