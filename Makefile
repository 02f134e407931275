# Everything a checkout can do. Each target installs what it needs.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Tests wait for processes, sockets and browsers more than they compute: one more at a time than there are cores.
TEST_WORKERS ?= $(shell echo $$(( $$(nproc) + 1 )))
FRONTEND_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) frontend/index.html frontend/vite.config.ts

# Where the environment forbids bytecode to be kept, each of hundreds of processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up demo test check check-python check-frontend fmt bench install lock generate learn env clean
.DEFAULT_GOAL := help

help:
	@echo "make demo     set up everything, start, break a real service and repair it"
	@echo "make up       set up everything, start on http://127.0.0.1:8700"
	@echo "make test     set up everything for tests, run all of them"
	@echo "make check    formatters, linters, types, import contracts, generated files"
	@echo "make env      write the secrets that docker-compose.yml needs into .env"
	@echo "make fmt bench install lock generate learn clean"

up: install
	$(BIN)/nightdesk up

demo: install
	$(BIN)/nightdesk demo

install: .venv/runtime.stamp frontend/dist/index.html

test: .venv/dev.stamp frontend/dist/index.html
	@bash tests/get_real_parts.sh
	cd frontend && npm test
	$(BIN)/pytest -n $(TEST_WORKERS) --dist worksteal --durations 15

# The two halves have nothing to do with each other, and each has a core of its own.
check: .venv/dev.stamp frontend/node_modules/.stamp
	@$(MAKE) --no-print-directory --output-sync -j2 check-python check-frontend

check-python: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m backend.openapi | cmp - frontend/openapi.json
	$(BIN)/python -m backend.reference | cmp - docs/configuration.md
	$(BIN)/python -m backend.permission_reference | cmp - docs/permissions.md

check-frontend: frontend/node_modules/.stamp
	cd frontend && npm run check

fmt: .venv/dev.stamp frontend/node_modules/.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd frontend && npm run fmt

# Files that are made from the source and kept in git.
generate: .venv/dev.stamp frontend/node_modules/.stamp
	$(BIN)/python -m backend.openapi > frontend/openapi.json
	$(BIN)/python -m backend.reference > docs/configuration.md
	$(BIN)/python -m backend.permission_reference > docs/permissions.md
	cd frontend && npm run generate

# What log lines mean, learned anew from agent_graph/logs/known, and what recorded cases had in common.
learn: .venv/dev.stamp
	$(BIN)/python -m agent_graph.logs.learn
	$(BIN)/python -m agent_graph.evaluation.learn tests/scenarios

bench: install
	$(BIN)/nightdesk bench

lock: .venv/dev.stamp
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra build --extra dev -o requirements-dev.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra build -c requirements-dev.lock -o requirements.lock pyproject.toml

env:
	@PYTHON=$(PYTHON) sh deploy/make_env.sh

clean:
	rm -rf .venv frontend/node_modules frontend/dist

.venv/bin/python:
	@bash tests/make_venv.sh $(PYTHON)

.venv/runtime.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.stamp $(FRONTEND_SOURCES)
	cd frontend && npm run build
	@touch $@
