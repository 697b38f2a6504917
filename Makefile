# The way in. Each target is a line over scripts/; `make run` and `make test` need only Python 3.11+ and make.
PYTHON ?= python3
PORT ?= 8000
VENV = .venv/bin/python

.PHONY: run install test check bench setup

run: install  ## set everything up and serve the demonstration on http://127.0.0.1:$(PORT)
	@$(VENV) -m app demo --port $(PORT)

install:  ## the product ready to serve: virtual environment, locked packages, frontend
	@$(PYTHON) -m scripts.setup run

test: setup  ## everything: the tools' checks, then all tests
	@$(VENV) -m scripts.tests

check: setup  ## ruff, mypy, import-linter, eslint, vue-tsc, vitest
	@$(VENV) -m scripts.check

bench: setup  ## the benchmarks, each beside its floor; keeps bench/RESULTS.md
	@$(VENV) -m bench

setup:
	@$(PYTHON) -m scripts.setup test
