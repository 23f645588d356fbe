# Resguardo. `make demo` and `make test` need Python >= 3.11, make and a package registry, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
CLIENT := $(shell find registry public_site audit -path '*/client/*.js')
BUILT := public_site/static/build/.built

.PHONY: demo test setup check bench interop channel lock

demo: setup  ## set everything up, play the main job, serve at http://127.0.0.1:8000
	@$(BIN)/registry demo

setup: .venv/.ready $(BUILT)  ## the virtual environment and the client code's packages from the hash-locked files

test: .venv/.ready-test node_modules/.ready-test $(BUILT)  ## set everything up, run all tests
	@$(BIN)/python -m tests.needs
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: .venv/.ready-test node_modules/.ready-test  ## format, lint, types, imports
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports
	@$(BIN)/node node_modules/typescript/bin/tsc -p .

bench: .venv/.ready-test  ## first figures for the budgets
	@$(BIN)/python -m tests.needs wrk nginx
	@$(BIN)/python -m tests.bench
	@$(BIN)/registry bench verdict --json bench.json

interop: .venv/.ready-test  ## other people's verifiers over a fresh demo, a line each
	@$(BIN)/python -m tests.interop

channel: .venv/.ready-test node_modules/.ready-test $(BUILT)  ## the 28 checks of the reporting channel, a line each
	@$(BIN)/python -m tests.needs chromium age pdftotext
	@$(BIN)/python -m tests.channel

lock:  ## rewrite the lock files from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --extra build -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --extra build --extra test -o requirements-test.lock
	uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --no-annotate tests/interop/later.in -o tests/interop/later.lock
	$(BIN)/npm $(QUIET) install --package-lock-only
	cd tests/interop && ../../$(BIN)/npm $(QUIET) install --package-lock-only

NO_PYTHON_PACKAGES = { echo "The packages could not be fetched: is Python's package registry reachable? Then run the same command again."; exit 1; }

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Resguardo needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.12 demo" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv || { echo "Python could not make an environment; its own words are above. On Debian it needs: apt-get install python3-venv"; exit 1; }
	@echo "Installing (about a minute the first time)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock || $(NO_PYTHON_PACKAGES)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-test: .venv/.ready requirements-test.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# Node comes from PyPI like everything else, whether the machine has one of its own or not. It believes the certificates
# the machine believes, as pip does, and not only those it was built with.
export NODE_USE_SYSTEM_CA := 1
# What npm keeps stays in this folder: a home may be missing, or not be written to.
export npm_config_cache := $(CURDIR)/.venv/npm
export npm_config_update_notifier := false
export npm_config_fetch_retry_maxtimeout := 15000
QUIET := --loglevel=error
NPM = $(BIN)/npm $(QUIET) ci
NO_PACKAGES = { echo "The client code's packages could not be fetched: is the npm registry reachable? Then run the same command again."; exit 1; }

node_modules/.ready: package-lock.json | .venv/.ready
	@echo "Fetching the client code's packages"
	@$(NPM) --omit=dev || $(NO_PACKAGES)
	@touch $@

node_modules/.ready-test: node_modules/.ready
	@$(NPM) || $(NO_PACKAGES)
	@touch node_modules/.ready $@

$(BUILT): node_modules/.ready build.mjs package.json requirements.lock $(CLIENT)
	@$(BIN)/node build.mjs
