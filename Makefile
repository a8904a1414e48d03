# Kefu 客服. Two commands to know: `make demo` and `make test`. Only Python 3.11+ and make are needed.
PYTHON ?= python3
BIN := .venv/bin
KEFU_DEMO_HOME ?= $(CURDIR)/.kefu/demo
JOBS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup setup-dev assets demo up test lint format bench lock screenshots clean

help:
	@echo "make demo         set up, build the demo centre and run it"
	@echo "make test         set up and run the whole suite (KEFU_TEST_DATABASE_URL for PostgreSQL)"
	@echo "make up           run the centre on KEFU_HOME"
	@echo "make lint | format | bench | lock | screenshots | clean"

.venv/.base: requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the packages Kefu runs on …"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/base.txt
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.base requirements/dev.txt
	@echo "Installing the tools for tests …"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

assets: .venv/.base
	@$(BIN)/python frontend/build.py
	@$(BIN)/python scripts/translations.py compile

setup: .venv/.base assets

setup-dev: .venv/.dev assets

demo: setup
	@KEFU_HOME="$(KEFU_DEMO_HOME)" $(BIN)/kefu demo

up: setup
	@$(BIN)/kefu up

test: setup-dev
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	KEFU_HOME="$$(mktemp -d)" $(BIN)/mypy src/kefu scripts
	KEFU_HOME="$$(mktemp -d)" DJANGO_SETTINGS_MODULE=kefu.config.settings $(BIN)/python -m django makemigrations --check --dry-run
	KEFU_HOME="$$(mktemp -d)" $(BIN)/python -m kefu.api.snapshot --check
	$(BIN)/python scripts/translations.py check

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lock:
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe -o requirements/base.txt requirements/base.in
	cd requirements && ../$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe -o dev.txt dev.in

screenshots: setup-dev
	@$(BIN)/python scripts/screenshots.py

clean:
	rm -rf .venv .kefu frontend/node_modules src/kefu/console/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
