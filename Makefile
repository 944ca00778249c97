# Everyday commands. `make` alone explains them.
PYTHON ?= python3
PY = .venv/bin/python
SHELL = /bin/sh
# Whole suite: a process more than there are cores, because some tests wait for servers.
WORKERS ?= $(if $(ARGS),0,$(shell expr $$(getconf _NPROCESSORS_ONLN) + 1))
.DEFAULT_GOAL = help
.PHONY: help run test check bench fmt openapi lock clean install install-dev

help:  ## what can be done
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: install  ## everything on this machine, until Ctrl-C (PORT=8000, PORTOLAN_VAR=./var, PORTOLAN_DEMO=1)
	@exec $(PY) -m config.embedded run

test: install-dev  ## the whole suite on a database of its own; ARGS="-k name" to choose (PORTOLAN_REQUIRE_ALL=1: nothing may be skipped; WORKERS=0: one process)
	@exec $(PY) -m config.embedded exec -- $(PY) -m pytest -q -rs -n $(WORKERS) --maxprocesses 4 --dist loadfile $(ARGS)

check: install-dev  ## every static check
	@exec $(PY) -m config.checks

bench: install-dev  ## measurements as JSON lines, on a database of its own
	@exec $(PY) -m config.embedded exec -- $(PY) -m benchmarks $(ARGS)

fmt: install-dev  ## format and fix what ruff can fix
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

openapi: install-dev  ## write openapi.yaml anew from the code
	@$(PY) -m config.checks --write-openapi

lock:  ## resolve requirements/*.in again (needs uv)
	uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade -o requirements/runtime.txt requirements/runtime.in
	uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade -o requirements/dev.txt requirements/dev.in

clean:  ## remove what can be made again (never ./var)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache staticfiles
	find . -name __pycache__ -type d -prune -not -path './var/*' -exec rm -rf {} +

install:
	@$(PYTHON) -m config.embedded.install runtime

install-dev:
	@$(PYTHON) -m config.embedded.install dev
