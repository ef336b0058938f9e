# Everything a person does with the project. `make run` to see it work, `make test` before a change goes in.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

# docs/adr/0001: KGLite beside two OpenMP runtimes needs more static TLS than glibc keeps by default, and idle OpenMP
# threads must not spin on a small machine.
export GLIBC_TUNABLES := glibc.rtld.optional_static_tls=4096
export OMP_WAIT_POLICY := passive
# Compiled kernels are kept here, shared by every run of this checkout.
export NUMBA_CACHE_DIR := $(CURDIR)/.numba_cache
export PYTHONUTF8 := 1

.PHONY: help setup run serve servers servers-stop lint test test-fast bench constraints clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.installed-all ## install everything for working on the project, and only that

# Fast when nothing changed: a stamp is newer than the two files that say what to install.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make setup PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install -q -c constraints.txt uv
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[gnn]'
	@touch $@

$(VENV)/.installed-all: $(VENV)/.installed
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[gnn,notebook,dev]'
	@touch $@

run: $(VENV)/.installed ## the seeded world, or your own data: make run DATA=path
	$(BIN)/tarrafa $(if $(DATA),run "$(DATA)",demo) $(ARGS)

serve: $(VENV)/.installed ## serve the state of earlier runs
	$(BIN)/tarrafa serve $(ARGS)

servers: ## install and start Neo4j, Kafka, Postgres and Chromium for the tests (they stay up)
	$(PYTHON) -m deploy.servers start all

servers-stop: ## stop them
	$(PYTHON) -m deploy.servers stop all

lint: setup ## style, types, import direction, Cypher subset, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m cypher.lint
	$(BIN)/vulture

test: servers lint ## everything, on real servers and in a real browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-fast: lint ## what needs no server and takes no more than a few seconds
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m 'not server and not slow' $(ARGS)

bench: setup ## measured speeds beside their rivals
	$(BIN)/python -m bench $(ARGS)

constraints: setup ## pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --no-header --no-annotate -q --upgrade -o constraints.txt

clean: servers-stop ## remove what was built here, servers' data included; never the state of runs
	rm -rf $(VENV) .servers .numba_cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
