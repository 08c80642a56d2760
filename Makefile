# `make help` lists what there is. `make run` and `make test` each work alone on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help run test check bench migration lock

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(READY) ## install, create the database, publish the shipped forms, serve phones in this network
	$(BIN)/phieu serve --host 0.0.0.0

test: $(READY) ## the tests; says what it left out and why
	$(BIN)/pytest -rs

check: $(READY) ## ruff, mypy, import-linter, then the tests: what CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(READY) ## measure against the budgets; prints JSON
	$(BIN)/python -m tests.benchmarks

migration: $(READY) ## write a migration: make migration m="what it does"
	$(BIN)/python tools/migration.py "$(m)"

lock: $(READY) ## choose versions anew and write the lock files
	tools/lock.sh --upgrade

$(READY): pyproject.toml requirements.lock tests/requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.lock -r tests/requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)
